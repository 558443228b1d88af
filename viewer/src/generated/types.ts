/* Written by `./wangge contract` from layers/catalogue.py; changes here are lost. */

export type LayerName =
  | 'compounds'
  | 'greens'
  | 'waters'
  | 'roads'
  | 'buildings'
  | 'entrances'
  | 'grids'
  | 'areas'
  | 'components'
  | 'cameras'
  | 'organisations'
  | 'facilities'
  | 'key_sites'
  | 'units'
  | 'hot_zones'
  | 'incidents'
  | 'positions'
  | 'dwellings'
  | 'rentals'
  | 'inspections'
  | 'persons'
  | 'residences'
  | 'care_records'
  | 'care_visits'
  | 'service_providers'
  | 'elderly_services'
  | 'staff'
  | 'vehicles'
  | 'shifts'
  | 'reporters'
  | 'assignments'
  | 'grid_plans'

export type Right =
  | 'base:read'
  | 'territory:write'
  | 'territory:approve'
  | 'organisation:read'
  | 'organisation:write'
  | 'organisation:assign'
  | 'account:manage'
  | 'housing:read'
  | 'housing:write'
  | 'housing:propose'
  | 'housing:inspect'
  | 'people:read'
  | 'people:write'
  | 'people:propose'
  | 'people:search'
  | 'people:reveal'
  | 'care:read'
  | 'care:write'
  | 'places:read'
  | 'places:write'
  | 'incidents:read'
  | 'incidents:report'
  | 'incidents:write'
  | 'incidents:register'
  | 'incidents:dispatch'
  | 'incidents:handle'
  | 'incidents:check'
  | 'incidents:supervise'
  | 'patrol:read'
  | 'patrol:write'
  | 'patrol:duty'
  | 'patrol:replay'
  | 'analysis:save'
  | 'data:export'
  | 'audit:read'

export type Role =
  | 'admin'
  | 'auditor'
  | 'commander'
  | 'operator'
  | 'dispatcher'
  | 'unit'
  | 'supervisor'
  | 'worker'
  | 'analyst'

export interface Title {
  readonly zh: string
  readonly en: string
}

export type GeometryKind = 'Point' | 'LineString' | 'MultiLineString' | 'Polygon' | 'MultiPolygon'

/** One property of a layer; a sensitive one arrives masked. */
export interface FieldDeclaration {
  readonly name: string
  readonly title: Title
  readonly type: 'text' | 'integer' | 'number' | 'boolean' | 'date' | 'datetime'
  readonly unit?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly max_length?: number
  /** Name of the code table its values come from. */
  readonly codes?: string
  /** Name of the layer whose feature id it holds. */
  readonly reference?: string
  readonly sensitivity?: 'identity' | 'contact' | 'care'
  readonly required?: boolean
  readonly read_only?: boolean
  readonly search?: boolean
  readonly help?: Title
  /** Asked for only while another field has one of these values. */
  readonly when?: { readonly field: string; readonly is: readonly string[] }
}

/** A MapLibre style layer without id and source; `theme` adds the colours of day and night. */
export interface PaintFragment {
  readonly type: 'fill' | 'line' | 'circle' | 'symbol' | 'fill-extrusion'
  readonly paint: Readonly<Record<string, unknown>>
  readonly layout?: Readonly<Record<string, unknown>>
  readonly filter?: readonly unknown[]
  readonly minzoom?: number
  readonly maxzoom?: number
  readonly mode?: '2d' | '3d'
  readonly theme?: {
    readonly light?: Readonly<Record<string, unknown>>
    readonly dark?: Readonly<Record<string, unknown>>
  }
}

export interface LegendEntry {
  readonly label: Title
  readonly color: string
  readonly dark: string
  readonly shape: 'fill' | 'line' | 'circle'
}

export interface FormGroup {
  readonly title: Title
  readonly fields: readonly string[]
}

/** A layer as the server declares it. */
export interface LayerDeclaration {
  readonly name: LayerName
  readonly title: Title
  readonly geometry: GeometryKind | null
  readonly fields: readonly FieldDeclaration[]
  readonly read: Right
  readonly write: Right
  readonly create: Right
  /** Who may not write hands changes in with this right; null where nobody does. */
  readonly propose: Right | null
  readonly scope: 'area' | 'public'
  readonly group: string
  readonly paint: readonly PaintFragment[]
  readonly legend: readonly LegendEntry[]
  readonly min_zoom: number
  readonly max_zoom: number
  readonly tile_fields: readonly string[]
  readonly title_field: string | null
  readonly subtitle_field: string | null
  readonly form_groups: readonly FormGroup[]
  readonly time_field: string | null
  /** What its places may be weighed by on a heat map; null: they are not counted. */
  readonly weights: readonly string[] | null
  readonly visible: boolean
  readonly live: boolean
}

/** 小区 / Compounds. */
export interface Compound {
  /** 小区名称 / Compound name */
  readonly name: string
  /** 别名 / Alias */
  readonly alias: string | null
  /** 小区类型 / Compound kind */
  readonly kind: string | null
  /** 地址 / Address */
  readonly address: string | null
  /** 建成年份 / Year built */
  readonly built_year: number | null
  /** 物业公司 / Property company */
  readonly management_company: string | null
  /** 物业单位 / Registered company */
  readonly company_id: number | null
  /** 物业电话 / Property company phone */
  readonly management_phone: string | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 绿地 / Greens. */
export interface Green {
  /** 绿地名称 / Green name */
  readonly name: string | null
  /** 绿地类型 / Green kind */
  readonly kind: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 水系 / Waters. */
export interface Water {
  /** 水系名称 / Water name */
  readonly name: string | null
  /** 水系类型 / Water kind */
  readonly kind: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 道路 / Roads. */
export interface Road {
  /** 道路名称 / Road name */
  readonly name: string | null
  /** 道路等级 / Road class */
  readonly road_class: string
  /** 车道数 / Lanes */
  readonly lanes: number | null
  /** 路宽 / Width, m */
  readonly width: number | null
  /** 单行 / One way */
  readonly oneway: boolean | null
  /** 路面 / Surface */
  readonly surface: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 楼栋 / Buildings. */
export interface Building {
  /** 楼栋名称 / Building name */
  readonly name: string | null
  /** 别名 / Alias */
  readonly alias: string | null
  /** 楼号 / Building number */
  readonly number: string | null
  /** 所属小区 / Compound */
  readonly compound_id: number | null
  /** 用途 / Usage */
  readonly usage: string | null
  /** 结构 / Structure */
  readonly structure: string | null
  /** 地上层数 / Levels above ground, 层 */
  readonly levels: number | null
  /** 地下层数 / Levels below ground, 层 */
  readonly levels_below: number | null
  /** 不用的楼层号 / Floor numbers not used */
  readonly skipped_floors: string | null
  /** 高度 / Height, m */
  readonly height: number | null
  /** 层数为估计 / Levels estimated */
  readonly levels_estimated: boolean
  /** 高度为估计 / Height estimated */
  readonly height_estimated: boolean
  /** 建成年份 / Year built */
  readonly built_year: number | null
  /** 物业公司 / Property company */
  readonly management_company: string | null
  /** 街路巷 / Street */
  readonly street: string | null
  /** 门牌号 / House number */
  readonly house_number: string | null
  /** 标准地址 / Standard address */
  readonly address: string | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 单元入口 / Entrances. */
export interface Entrance {
  /** 所属楼栋 / Building */
  readonly building_id: number
  /** 单元号 / Unit */
  readonly unit: string
  /** 电梯数 / Lifts */
  readonly lifts: number | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 网格 / Grids. */
export interface Grid {
  /** 网格名称 / Grid name */
  readonly name: string
  /** 网格类型 / Grid kind */
  readonly kind: string
  /** 用地类型 / Land use */
  readonly land_use: string | null
  /** 目标户数 / Household target, 户 */
  readonly households_target: number | null
  /** 责任单位 / Responsible body */
  readonly responsible: string | null
  /** 备注 / Note */
  readonly note: string | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 行政区划 / Areas. */
export interface Area {
  /** 名称 / Name */
  readonly name: string
  /** 全称 / Full name */
  readonly full_name: string | null
  /** 层级 / Level */
  readonly level: string
  /** 城乡分类 / Urban-rural class */
  readonly urban_rural: string | null
  /** 上级代码 / Parent code */
  readonly parent_code: string | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 部件 / Components. */
export interface Component {
  /** 部件名称 / Component name */
  readonly name: string | null
  /** 部件类别 / Component class */
  readonly kind: string
  /** 部件状态 / State */
  readonly state: string | null
  /** 主管部门 / Department */
  readonly department: string | null
  /** 权属单位 / Owner */
  readonly owner: string | null
  /** 养护单位 / Maintainer */
  readonly maintainer: string | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 摄像机 / Cameras. */
export interface Camera {
  /** 摄像机名称 / Camera name */
  readonly name: string | null
  /** 摄像机类型 / Camera type */
  readonly kind: string | null
  /** 权属单位 / Owner */
  readonly owner: string | null
  /** 安装高度 / Mounting height, m */
  readonly mount_height: number | null
  /** 朝向 / Heading, ° */
  readonly heading: number | null
  /** 视场角 / Field of view, ° */
  readonly field_of_view: number | null
  /** 可视距离 / Range, m */
  readonly range: number | null
  /** 室内 / Indoor */
  readonly indoor: boolean | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 单位 / Organisations. */
export interface Organisation {
  /** 单位名称 / Organisation */
  readonly name: string
  /** 统一社会信用代码 / Social credit code */
  readonly credit_code: string | null
  /** 单位类型 / Kind */
  readonly kind: string | null
  /** 行业 / Industry */
  readonly industry: string | null
  /** 从业人数 / Employees, 人 */
  readonly employees: number | null
  /** 地址 / Address */
  readonly address: string | null
  /** 电话 / Phone */
  readonly phone: string | null
  /** 隐患类型 / Hazard */
  readonly hazard: string | null
  /** 关注程度 / Attention */
  readonly attention: string | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 重点设施 / Key facilities. */
export interface Facility {
  /** 设施名称 / Facility name */
  readonly name: string
  /** 设施类型 / Facility kind */
  readonly kind: string | null
  /** 权属单位 / Owner */
  readonly owner: string | null
  /** 地址 / Address */
  readonly address: string | null
  /** 电话 / Phone */
  readonly phone: string | null
  /** 容量 / Capacity */
  readonly capacity: number | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 重点场所 / Key sites. */
export interface KeySite {
  /** 场所名称 / Site name */
  readonly name: string
  /** 场所类型 / Site kind */
  readonly kind: string | null
  /** 特种行业 / Special trade */
  readonly trade: string | null
  /** 统一社会信用代码 / Social credit code */
  readonly credit_code: string | null
  /** 地址 / Address */
  readonly address: string | null
  /** 电话 / Phone */
  readonly phone: string | null
  /** 责任人 / Responsible person */
  readonly responsible: string | null
  /** 容纳人数 / Capacity, 人 */
  readonly capacity: number | null
  /** 隐患类型 / Hazard */
  readonly hazard: string | null
  /** 关注程度 / Attention */
  readonly attention: string | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 机构 / Units. */
export interface Unit {
  /** 机构名称 / Unit name */
  readonly name: string
  /** 机构类型 / Unit kind */
  readonly kind: string
  /** 层级 / Level */
  readonly level: string | null
  /** 主要职能 / Function */
  readonly function: string | null
  /** 上级机构代码 / Parent unit code */
  readonly parent_code: string | null
  /** 办公电话 / Office phone */
  readonly phone: string | null
  /** 地址 / Address */
  readonly address: string | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 热点区域 / Hot zones. */
export interface HotZone {
  /** 名称 / Name */
  readonly name: string
  /** 序号 / Number */
  readonly number: number
  /** 事件数 / Incidents, 件 */
  readonly incidents: number
  /** 上期事件数 / Incidents before, 件 */
  readonly incidents_before: number
  /** 居住人口（按五取整） / Residents (whole fives), 人 */
  readonly residents: number | null
  /** 每千人事件数 / Incidents per 1,000 residents */
  readonly rate: number | null
  /** 首要类别 / Top category */
  readonly top_category: string | null
  /** 面积 / Ground, m² */
  readonly ground: number
  /** 时段起 / From */
  readonly since: string
  /** 时段止 / Until */
  readonly until: string
  /** 聚类距离 / Reach, m */
  readonly reach: number
  /** 最少事件数 / Least incidents, 件 */
  readonly least: number
  /** 条件 / Conditions */
  readonly conditions: string
  /** 发现时间 / Found */
  readonly found_at: string
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 事件 / Incidents. */
export interface Incident {
  /** 类别 / Category */
  readonly category: string
  /** 来源 / Source */
  readonly report_source: string
  /** 状态 / State */
  readonly state: string
  /** 发生地点 / Place */
  readonly place: string | null
  /** 问题描述 / Description */
  readonly description: string
  /** 涉及人数 / People affected, 人 */
  readonly people_affected: number | null
  /** 规模 / Scale */
  readonly scale: string | null
  /** 发生时间 / Occurred */
  readonly occurred_at: string | null
  /** 上报时间 / Reported */
  readonly reported_at: string
  /** 结案时间 / Closed */
  readonly closed_at: string | null
  /** 立案条件 / Registration condition */
  readonly condition: string | null
  /** 立案时间 / Registered */
  readonly registered_at: string | null
  /** 预警时间 / Warning */
  readonly warn_at: string | null
  /** 截止时间 / Due */
  readonly due_at: string | null
  /** 挂账时间 / Suspended */
  readonly paused_at: string | null
  /** 责任单位 / Unit in charge */
  readonly unit_id: number | null
  /** 责任人 / Person in charge */
  readonly handler_id: number | null
  /** 上报账号 / Reported by */
  readonly reported_by: string | null
  /** 受理时间 / Accepted */
  readonly accepted_at: string | null
  /** 立案账号 / Registered by */
  readonly registered_by: string | null
  /** 派遣时间 / Dispatched */
  readonly dispatched_at: string | null
  /** 接收时间 / Received */
  readonly received_at: string | null
  /** 到场时间 / Arrived */
  readonly arrived_at: string | null
  /** 处置时间 / Handled */
  readonly handled_at: string | null
  /** 核查时间 / Checked */
  readonly checked_at: string | null
  /** 核查通过 / Check passed */
  readonly check_passed: boolean | null
  /** 结案方式 / Kind of closing */
  readonly closing: string | null
  /** 结案条件 / Closing condition */
  readonly closing_condition: string | null
  /** 归档时间 / Archived */
  readonly archived_at: string | null
  /** 回访满意度 / Call-back */
  readonly satisfaction: string | null
  /** 督办级别 / Supervision */
  readonly supervision: string | null
  /** 申请延长天数 / Days asked for, d */
  readonly extension_days: number | null
  /** 已延长天数 / Days granted, d */
  readonly extended_days: number
  /** 延期次数 / Extensions */
  readonly extension_count: number
  /** 返工次数 / Reworks */
  readonly rework_count: number
  /** 退单次数 / Returns */
  readonly return_count: number
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 在岗位置 / Positions. */
export interface LastPosition {
  /** 工作人员 / Staff */
  readonly staff_id: number | null
  /** 车辆 / Vehicle */
  readonly vehicle_id: number | null
  /** 名称 / Label */
  readonly label: string | null
  /** 定位时间 / Device time */
  readonly device_time: string
  /** 接收时间 / Server time */
  readonly server_time: string
  /** 速度 / Speed, km/h */
  readonly speed: number | null
  /** 方向 / Heading, ° */
  readonly heading: number | null
  /** 精度 / Accuracy, m */
  readonly accuracy: number | null
  /** 电量 / Battery, % */
  readonly battery: number | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 户室 / Dwellings. */
export interface Dwelling {
  /** 所属楼栋 / Building */
  readonly building_id: number
  /** 单元 / Unit */
  readonly unit: string
  /** 楼层 / Floor */
  readonly floor: number
  /** 室号 / Room */
  readonly room_number: string
  /** 夹层 / Mezzanine */
  readonly is_mezzanine: boolean
  /** 占用层数 / Floors taken, 层 */
  readonly floors_high: number
  /** 占用开间 / Columns taken */
  readonly columns_wide: number
  /** 楼盘表列序 / Column in the matrix */
  readonly column_number: number | null
  /** 床位数 / Beds, 个 */
  readonly beds: number | null
  /** 房屋用途 / Usage */
  readonly usage: string | null
  /** 房屋性质 / Tenure */
  readonly tenure: string | null
  /** 产权类型 / Ownership */
  readonly ownership: string | null
  /** 建筑面积 / Floor area, m² */
  readonly floor_area: number | null
  /** 采集状态 / State */
  readonly state: string | null
  /** 房主姓名 / Owner */
  readonly owner_name: string | null
  /** 房主电话 / Owner phone */
  readonly owner_phone: string | null
  /** 详细地址 / Full address */
  readonly address: string | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 出租房 / Rentals. */
export interface Rental {
  /** 出租户室 / Dwelling */
  readonly dwelling_id: number
  /** 管理等级 / Class */
  readonly rental_class: string | null
  /** 出租用途 / Rental usage */
  readonly usage: string | null
  /** 巡查间隔 / Inspection interval, 天 */
  readonly inspection_interval: number | null
  /** 上次巡查 / Last inspection */
  readonly last_inspection: string | null
  /** 下次巡查 / Next inspection */
  readonly next_inspection: string | null
  /** 隐患类型 / Hazard */
  readonly hazard: string | null
  /** 承租人数 / Tenants, 人 */
  readonly tenants: number | null
  /** 出租人姓名 / Lessor */
  readonly lessor_name: string | null
  /** 出租人证件号 / Lessor ID number */
  readonly lessor_id_number: string | null
  /** 出租人电话 / Lessor phone */
  readonly lessor_phone: string | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 出租房巡查 / Inspections. */
export interface Inspection {
  /** 出租房 / Rental */
  readonly rental_id: number
  /** 巡查日期 / Inspected on */
  readonly inspected_on: string
  /** 巡查结果 / Result */
  readonly result: string
  /** 隐患类型 / Hazard */
  readonly hazard: string | null
  /** 整改期限 / Put right by */
  readonly rectify_by: string | null
  /** 整改完成日期 / Put right on */
  readonly rectified_on: string | null
  /** 巡查情况 / Findings */
  readonly findings: string | null
  /** 巡查人 / Inspector */
  readonly inspector: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 人口 / Persons. */
export interface Person {
  /** 姓名 / Name */
  readonly name: string
  /** 曾用名 / Former name */
  readonly former_name: string | null
  /** 证件类型 / Document type */
  readonly document_type: string | null
  /** 证件号码 / ID number */
  readonly id_number: string | null
  /** 联系电话 / Phone */
  readonly phone: string | null
  /** 性别 / Sex */
  readonly sex: string | null
  /** 出生日期 / Birth date */
  readonly birth_date: string | null
  /** 人口类型 / Register */
  readonly register: string
  /** 留守类型 / Left-behind kind */
  readonly left_behind: string | null
  /** 监护人或联系人 / Guardian or contact */
  readonly guardian_name: string | null
  /** 监护人电话 / Guardian's phone */
  readonly guardian_phone: string | null
  /** 户籍地代码 / Registered area code */
  readonly registered_area: string | null
  /** 户籍地址 / Registered address */
  readonly registered_address: string | null
  /** 流入原因 / Inflow reason */
  readonly inflow_reason: string | null
  /** 办证类型 / Permit type */
  readonly permit_type: string | null
  /** 证件到期日期 / Permit expires */
  readonly permit_expires: string | null
  /** 国籍 / Nationality */
  readonly nationality: string | null
  /** 来华目的 / Purpose of visit */
  readonly visit_purpose: string | null
  /** 抵达日期 / Arrival date */
  readonly arrival_date: string | null
  /** 预计离开日期 / Expected departure */
  readonly departure_date: string | null
  /** 未落户原因 / Reason not registered */
  readonly not_registered_reason: string | null
  /** 未落户时间 / Not registered since */
  readonly not_registered_since: string | null
  /** 并入人员 / Merged into */
  readonly merged_into: number | null
  /** 去标识日期 / De-identified on */
  readonly deidentified_on: string | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 居住登记 / Residences. */
export interface Residence {
  /** 人员 / Person */
  readonly person_id: number
  /** 户室 / Dwelling */
  readonly dwelling_id: number
  /** 居住方式 / Residence kind */
  readonly kind: string
  /** 现住地 / Home */
  readonly is_home: boolean
  /** 户号 / Household */
  readonly household: string | null
  /** 与户主关系 / Relation to householder */
  readonly relation: string | null
  /** 合租房间 / Room let to them */
  readonly rented_room: string | null
  /** 床位 / Bed */
  readonly bed: string | null
  /** 迁出原因 / Reason for leaving */
  readonly leaving_reason: string | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 关怀服务登记 / Care records. */
export interface CareRecord {
  /** 人员 / Person */
  readonly person_id: number
  /** 关怀类别 / Care group */
  readonly care_group: string
  /** 法定依据 / Lawful basis */
  readonly lawful_basis: string
  /** 目的 / Purpose */
  readonly purpose: string
  /** 责任人 / Responsible person */
  readonly responsible: string
  /** 复核日期 / Review date */
  readonly review_date: string
  /** 走访间隔 / Visit interval, 天 */
  readonly visit_interval: number | null
  /** 上次走访 / Last visit */
  readonly last_visit: string | null
  /** 情况说明 / Note */
  readonly note: string | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 走访记录 / Care visits. */
export interface CareVisit {
  /** 关怀登记 / Care record */
  readonly record_id: number
  /** 走访日期 / Visited on */
  readonly visited_on: string
  /** 服务方式 / Kind of help */
  readonly kind: string
  /** 走访情况 / Found and helped */
  readonly found: string | null
  /** 后续安排 / Next step */
  readonly next_step: string | null
  /** 走访人 / Visited by */
  readonly visited_by: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 为老服务单位 / Providers of elderly services. */
export interface ServiceProvider {
  /** 单位名称 / Name */
  readonly name: string
  /** 联系电话 / Phone */
  readonly phone: string | null
  /** 提供家政 / Housekeeping */
  readonly offers_housekeeping: boolean
  /** 提供卫生保健 / Health care */
  readonly offers_health_care: boolean
  /** 提供物业维修 / Repairs */
  readonly offers_repair: boolean
  /** 提供事务代理 / Errands */
  readonly offers_errands: boolean
  /** 提供其他服务 / Other services */
  readonly offers_other: boolean
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 为老服务 / Elderly services. */
export interface ElderlyService {
  /** 人员 / Person */
  readonly person_id: number
  /** 服务类别 / Kind */
  readonly kind: string
  /** 申请日期 / Requested on */
  readonly requested_on: string
  /** 服务需求 / Wish */
  readonly wish: string | null
  /** 服务单位 / Provider */
  readonly provider_id: number | null
  /** 办理状态 / State */
  readonly state: string
  /** 办结日期 / Done on */
  readonly done_on: string | null
  /** 回访日期 / Followed up on */
  readonly follow_up_on: string | null
  /** 回访满意度 / Satisfaction */
  readonly satisfaction: string | null
  /** 回访意见 / Remark */
  readonly remark: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 工作人员 / Staff. */
export interface Staff {
  /** 姓名 / Name */
  readonly name: string
  /** 岗位 / Post */
  readonly post: string
  /** 职责 / Duties */
  readonly duties: string | null
  /** 所属机构 / Unit */
  readonly unit_id: number | null
  /** 工作电话 / Work phone */
  readonly phone: string | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 车辆 / Vehicles. */
export interface Vehicle {
  /** 车牌号 / Plate */
  readonly plate: string
  /** 车辆类型 / Vehicle kind */
  readonly kind: string | null
  /** 所属机构 / Unit */
  readonly unit_id: number | null
  /** 生效日期 / Valid from */
  readonly valid_from: string | null
  /** 失效日期 / Valid to */
  readonly valid_to: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 班次 / Shifts. */
export interface Shift {
  /** 工作人员 / Staff */
  readonly staff_id: number
  /** 计划上岗 / Planned start */
  readonly planned_start: string | null
  /** 计划下岗 / Planned end */
  readonly planned_end: string | null
  /** 上岗时间 / Clocked in */
  readonly started_at: string | null
  /** 下岗时间 / Clocked out */
  readonly ended_at: string | null
  /** 下岗方式 / How it ended */
  readonly end_kind: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 上报人 / Reporters. */
export interface Reporter {
  /** 事件 / Incident */
  readonly incident_id: number
  /** 上报人 / Reporter */
  readonly name: string | null
  /** 联系电话 / Phone */
  readonly phone: string | null
  /** 来源 / Source */
  readonly report_source: string
  /** 所述情况 / What was told */
  readonly description: string | null
  /** 上报时间 / Reported */
  readonly reported_at: string
  /** 上报账号 / Reported by */
  readonly reported_by: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 网格责任分配 / Grid assignments. */
export interface Assignment {
  /** 网格 / Grid */
  readonly grid_id: number
  /** 工作人员 / Staff */
  readonly staff_id: number
  /** 职责 / Role */
  readonly role: string
  /** 起始日期 / From */
  readonly valid_from: string
  /** 终止日期 / To */
  readonly valid_to: string | null
  /** 备注 / Note */
  readonly note: string | null
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** 网格调整方案 / Grid plans. */
export interface Plan {
  /** 方案名称 / Title */
  readonly title: string
  /** 状态 / State */
  readonly state: string
  /** 编制人 / Author */
  readonly author: string
  /** 调整理由 / Reason */
  readonly reason: string | null
  /** 生效日期 / Effective on */
  readonly effective_on: string | null
  /** 提交人 / Submitted by */
  readonly submitted_by: string | null
  /** 提交时间 / Submitted */
  readonly submitted_at: string | null
  /** 审批人 / Decided by */
  readonly decided_by: string | null
  /** 审批时间 / Decided */
  readonly decided_at: string | null
  /** 审批意见 / Decision */
  readonly decision: string | null
  /** 创建时间 / Created */
  readonly created_at: string
  /** 步骤 / Step */
  readonly position: number
  /** 编码 / Code */
  readonly code: string | null
  /** 所属区域 / Area */
  readonly area_code: string
  /** 更新时间 / Updated */
  readonly updated_at: string
  /** 更新人 / Updated by */
  readonly updated_by: string | null
  /** 数据来源 / Source */
  readonly source: string | null
  readonly row_version: number
}

/** Properties of a feature by its layer. */
export interface LayerProperties {
  readonly compounds: Compound
  readonly greens: Green
  readonly waters: Water
  readonly roads: Road
  readonly buildings: Building
  readonly entrances: Entrance
  readonly grids: Grid
  readonly areas: Area
  readonly components: Component
  readonly cameras: Camera
  readonly organisations: Organisation
  readonly facilities: Facility
  readonly key_sites: KeySite
  readonly units: Unit
  readonly hot_zones: HotZone
  readonly incidents: Incident
  readonly positions: LastPosition
  readonly dwellings: Dwelling
  readonly rentals: Rental
  readonly inspections: Inspection
  readonly persons: Person
  readonly residences: Residence
  readonly care_records: CareRecord
  readonly care_visits: CareVisit
  readonly service_providers: ServiceProvider
  readonly elderly_services: ElderlyService
  readonly staff: Staff
  readonly vehicles: Vehicle
  readonly shifts: Shift
  readonly reporters: Reporter
  readonly assignments: Assignment
  readonly grid_plans: Plan
}
