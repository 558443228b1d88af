import type { ECharts, EChartsCoreOption } from 'echarts/core'
import { onBeforeUnmount, onMounted, useTemplateRef, watch } from 'vue'

/** The theme of the page as a chart needs it: a colour by its name (`--accent`), and what texts look like. */
export interface ChartTheme {
  readonly colour: (name: string) => string
  readonly quiet: { readonly color: string }
  readonly common: { readonly animation: false; readonly textStyle: { readonly fontFamily: string } }
}

export interface ChartClick {
  readonly dataIndex: number
  readonly seriesIndex?: number
}

function themeNow(): ChartTheme {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  return {
    colour,
    quiet: { color: colour('--text-muted') },
    common: { animation: false, textStyle: { fontFamily: style.getPropertyValue('--font') } },
  }
}

/**
 * A chart in the element with `ref="chart"`: drawn anew when what `sources` gives changes, as large as the element is,
 * and gone with it.
 */
export function useChart(
  option: (theme: ChartTheme) => EChartsCoreOption,
  sources: () => readonly unknown[],
  onClick?: (click: ChartClick) => void,
) {
  const element = useTemplateRef<HTMLElement>('chart')
  let chart: ECharts | null = null
  let watcher: ResizeObserver | null = null

  async function draw() {
    const { makeChart } = await import('./charts')
    if (!element.value) return
    if (!chart) {
      chart = makeChart(element.value)
      if (onClick) chart.on('click', ({ dataIndex, seriesIndex }) => onClick({ dataIndex, seriesIndex }))
    }
    chart.resize()
    chart.setOption(option(themeNow()), true)
  }

  watch(sources, draw, { flush: 'post' })
  onMounted(() => {
    void draw()
    watcher = new ResizeObserver(() => chart?.resize())
    if (element.value) watcher.observe(element.value)
  })
  onBeforeUnmount(() => {
    watcher?.disconnect()
    chart?.dispose()
  })
}
