"""The one ordered list of layers. Drawn bottom to top in this order."""

from layers.analysis.hot_zone import HOT_ZONES
from layers.core.errors import NotFound
from layers.core.layer import Layer
from layers.housing.building import BUILDINGS
from layers.housing.compound import COMPOUNDS
from layers.housing.dwelling import DWELLINGS
from layers.housing.entrance import ENTRANCES
from layers.housing.inspection import INSPECTIONS
from layers.housing.rental import RENTALS
from layers.incidents.incident import INCIDENTS
from layers.incidents.reporter import REPORTERS
from layers.organisation import account, wall
from layers.organisation.assignment import ASSIGNMENTS
from layers.organisation.staff import STAFF
from layers.organisation.unit import UNITS
from layers.patrol.position import POSITIONS
from layers.patrol.shift import SHIFTS
from layers.patrol.vehicle import VEHICLES
from layers.people.care import CARE_RECORDS, CARE_VISITS
from layers.people.elderly import ELDERLY_SERVICES, SERVICE_PROVIDERS
from layers.people.person import PERSONS
from layers.people.residence import RESIDENCES
from layers.places.camera import CAMERAS
from layers.places.component import COMPONENTS
from layers.places.facility import FACILITIES
from layers.places.key_site import KEY_SITES
from layers.places.organisation import ORGANISATIONS
from layers.territory.area import AREAS
from layers.territory.basemap import GREENS, ROADS, WATERS
from layers.territory.grid import GRIDS
from layers.territory.plan import PLANS

LAYERS: tuple[Layer, ...] = (
    COMPOUNDS,
    GREENS,
    WATERS,
    ROADS,
    BUILDINGS,
    ENTRANCES,
    GRIDS,
    AREAS,
    COMPONENTS,
    CAMERAS,
    ORGANISATIONS,
    FACILITIES,
    KEY_SITES,
    UNITS,
    HOT_ZONES,
    INCIDENTS,
    POSITIONS,
    DWELLINGS,
    RENTALS,
    INSPECTIONS,
    PERSONS,
    RESIDENCES,
    CARE_RECORDS,
    CARE_VISITS,
    SERVICE_PROVIDERS,
    ELDERLY_SERVICES,
    STAFF,
    VEHICLES,
    SHIFTS,
    REPORTERS,
    ASSIGNMENTS,
    PLANS,
)

ACCOUNT_TABLES = (
    account.Account,
    account.AccountGrant,
    account.Session,
    account.Token,
    account.SqlAccess,
    wall.Wall,
)

_BY_NAME = {layer.name: layer for layer in LAYERS}


def layer_by_name(name: str) -> Layer:
    """The layer of that name.

    Raises: NotFound, naming the layers there are.
    """
    if name not in _BY_NAME:
        raise NotFound(f"no layer {name!r}; there are: {', '.join(sorted(_BY_NAME))}")
    return _BY_NAME[name]
