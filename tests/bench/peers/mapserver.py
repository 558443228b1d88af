"""MapServer: OGC API Features and vector tiles, as FastCGI with its connection kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.peers.fastcgi import fastcgi
from tests.bench.peers.plain import PROPERTIES, Place
from tests.bench.peers.questions import MOST, PAGE, Box, Deep, First, Item, Question, Row, Square
from tests.bench.peers.server import Peer, Running

_PROGRAM = Path("/usr/lib/cgi-bin/mapserv")
_TEMPLATES = Path("/usr/share/mapserver/ogcapi/templates/html-bootstrap4/")
_ITEMS = "/mapserv/peers/ogcapi/collections/building/items"


class Mapserver(Peer):
    """MapServer."""

    name = "MapServer"
    ordered = False

    @contextmanager
    def serve(self, home: Path, folder: Path, place: Place) -> Iterator[Running]:
        map_file, configuration = folder / "peers.map", folder / "mapserver.conf"
        map_file.write_text(_map(place))
        configuration.write_text(
            f"""CONFIG
  ENV
    OGCAPI_HTML_TEMPLATE_DIRECTORY "{_TEMPLATES}"
  END
  MAPS
    peers "{map_file}"
  END
END
"""
        )
        environment = {"MAPSERVER_CONFIG_FILE": str(configuration)}
        ready = f"{_ITEMS}?f=json&limit=1"
        with fastcgi(_PROGRAM, "/mapserv", environment, folder, ready) as found:
            yield found

    def path(self, row: Row, question: Question) -> str | None:
        match question:
            case First():
                return f"{_ITEMS}?f=json&limit={PAGE}"
            case Box():
                return f"{_ITEMS}?f=json&limit={MOST}&bbox={question.text}"
            case Item():
                return f"{_ITEMS}/{question.id}?f=json"
            case Deep():
                return f"{_ITEMS}?f=json&limit={PAGE}&offset={question.offset}"
            case Square(z, x, y):
                return (
                    "/mapserv?map=peers&mode=tile&tilemode=gmap&layers=building"
                    f"&map.imagetype=mvt&tile={x}+{y}+{z}"
                )
            case _:
                return None


def _map(place: Place) -> str:
    secret = f" password={place.password}" if place.password else ""
    connection = (
        f"host={place.host} port={place.port} dbname={place.database} user={place.user}{secret}"
    )
    return f"""MAP
  NAME "peers"
  EXTENT -180 -90 180 90
  SIZE 256 256
  PROJECTION "init=epsg:4326" END
  OUTPUTFORMAT
    NAME "mvt"
    DRIVER "MVT"
    MIMETYPE "application/vnd.mapbox-vector-tile"
    IMAGEMODE FEATURE
    EXTENSION "pbf"
    FORMATOPTION "EXTENT=4096"
    FORMATOPTION "EDGE_BUFFER=64"
  END
  WEB
    METADATA
      "ows_enable_request" "*"
      "oga_enable_request" "*"
      "ows_title" "peers"
      "ows_onlineresource" "http://127.0.0.1/mapserv/peers"
      "oga_onlineresource" "http://127.0.0.1/mapserv/peers/ogcapi"
    END
  END
  LAYER
    NAME "building"
    TYPE POLYGON
    STATUS ON
    CONNECTIONTYPE POSTGIS
    CONNECTION "{connection}"
    PROCESSING "CLOSE_CONNECTION=DEFER"
    DATA "geom FROM building USING UNIQUE id USING SRID=4326"
    PROJECTION "init=epsg:4326" END
    TEMPLATE "none"
    METADATA
      "ows_title" "building"
      "ows_srs" "EPSG:4326"
      "gml_featureid" "id"
      "gml_include_items" "{",".join(PROPERTIES)}"
      "oga_max_limit" "10000"
    END
    CLASS
      STYLE
        COLOR 200 200 200
      END
    END
  END
END
"""
