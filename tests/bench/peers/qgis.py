"""QGIS Server with its OGC API Features, a project of two layers from PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

from tests.bench.peers.fastcgi import fastcgi
from tests.bench.peers.plain import Place
from tests.bench.peers.questions import MOST, PAGE, Box, Deep, First, Item, Question, Row
from tests.bench.peers.server import Peer, Running

_PROGRAM = Path("/usr/lib/cgi-bin/qgis_mapserv.fcgi")
_ITEMS = "/wfs3/collections/building/items"
_TABLES = {"building": ("MultiPolygon", "Polygon"), "component": ("Point", "Point")}
_SYSTEM = (
    "<spatialrefsys><proj4>+proj=longlat +datum=WGS84 +no_defs</proj4><srsid>3452</srsid>"
    "<srid>4326</srid><authid>EPSG:4326</authid><description>WGS 84</description>"
    "<projectionacronym>longlat</projectionacronym><ellipsoidacronym>EPSG:7030</ellipsoidacronym>"
    "<geographicflag>true</geographicflag></spatialrefsys>"
)


class Qgis(Peer):
    """QGIS Server."""

    name = "QGIS Server"
    ordered = False
    exact_boxes = False

    @contextmanager
    def serve(self, home: Path, folder: Path, place: Place) -> Iterator[Running]:
        project = folder / "peers.qgs"
        project.write_text(_project(place))
        environment = {
            "QGIS_PROJECT_FILE": str(project),
            "QGIS_OPTIONS_PATH": str(folder),
            "QGIS_SERVER_LOG_LEVEL": "2",
            "QGIS_SERVER_TRUST_LAYER_METADATA": "1",
            "QT_QPA_PLATFORM": "offscreen",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
        }
        with fastcgi(_PROGRAM, "/wfs3", environment, folder, f"{_ITEMS}?limit=1") as found:
            yield found

    def path(self, row: Row, question: Question) -> str | None:
        match question:
            case First():
                return f"{_ITEMS}?limit={PAGE}"
            case Box():
                return f"{_ITEMS}?limit={MOST}&bbox={question.text}"
            case Item():
                return f"{_ITEMS}/{question.id}"
            case Deep():
                return f"{_ITEMS}?limit={PAGE}&offset={question.offset}"
            case _:
                return None


def _project(place: Place) -> str:
    layers = "".join(_layer(place, table) for table in _TABLES)
    tree = "".join(
        f'<layer-tree-layer id="{_identity(table)}" name="{table}" providerKey="postgres"/>'
        for table in _TABLES
    )
    published = "".join(f"<value>{_identity(table)}</value>" for table in _TABLES)
    precision = "".join(
        f'<{_identity(table)} type="int">7</{_identity(table)}>' for table in _TABLES
    )
    return f"""<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis projectname="peers" version="3.22.16-Bia&#322;owie&#380;a">
<projectCrs>{_SYSTEM}</projectCrs>
<layer-tree-group>{tree}</layer-tree-group>
<projectlayers>{layers}</projectlayers>
<properties>
<WFSLayers type="QStringList">{published}</WFSLayers>
<WFSLayersPrecision>{precision}</WFSLayersPrecision>
</properties>
</qgis>
"""


def _identity(table: str) -> str:
    """Identity of a layer: QGIS takes none of less than eleven letters."""
    return f"{table}_of_the_peers"


def _layer(place: Place, table: str) -> str:
    kind, geometry = _TABLES[table]
    return f"""<maplayer type="vector" geometry="{geometry}" wkbType="{kind}">
<id>{_identity(table)}</id>
<datasource>{escape(_source(place, table))}</datasource>
<shortname>{table}</shortname>
<layername>{table}</layername>
<srs>{_SYSTEM}</srs>
<provider encoding="UTF-8">postgres</provider>
</maplayer>"""


def _source(place: Place, table: str) -> str:
    kind, _ = _TABLES[table]
    secret = f" password='{place.password}'" if place.password else ""
    return (
        f"dbname='{place.database}' host={place.host} port={place.port} user='{place.user}'{secret}"
        f" sslmode=disable key='id' srid=4326 type={kind} checkPrimaryKeyUnicity='0'"
        f' table="public"."{table}" (geom)'
    )
