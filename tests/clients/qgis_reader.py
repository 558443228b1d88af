"""What QGIS makes of a server, told as JSON. Run by the Python that QGIS is installed for:

    QT_QPA_PLATFORM=offscreen /usr/bin/python3 qgis_reader.py ADDRESS LOGIN PASSWORD FOLDER

FOLDER holds `project.qgs`, `buildings.sld` and `style.json` as the server hands them out.
"""

import json
import os
import sys
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsAuthMethodConfig,
    QgsCoordinateReferenceSystem,
    QgsDataSourceUri,
    QgsFeatureRequest,
    QgsMapBoxGlStyleConverter,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize

PAGE = "1000"


def credentials(login, password):
    """Name under which QGIS keeps a login and password."""
    manager = QgsApplication.authManager()
    manager.setMasterPassword("test", True)
    kept = QgsAuthMethodConfig("Basic")
    kept.setName(login)
    kept.setConfig("username", login)
    kept.setConfig("password", password)
    manager.storeAuthenticationConfig(kept)
    return kept.id()


def collection(address, name, kept):
    """A collection as a layer."""
    uri = QgsDataSourceUri()
    for key, value in (("url", address), ("typename", name), ("pageSize", PAGE)):
        uri.setParam(key, value)
    uri.setParam("pagingEnabled", "true")
    uri.setParam("restrictToRequestBBOX", "1")
    uri.setAuthConfigId(kept)
    return QgsVectorLayer(uri.uri(False), name, "OAPIF")


def read(layer):
    """What a user sees of it."""
    extent = layer.extent()
    middle = extent.center()
    box = QgsRectangle(extent.xMinimum(), extent.yMinimum(), middle.x(), middle.y())
    asked = QgsFeatureRequest().setFilterExpression('"levels" > 10').setFilterRect(box)
    return {
        "valid": layer.isValid(),
        "crs": layer.crs().authid(),
        "fields": {field.name(): field.typeName() for field in layer.fields()},
        "count": layer.featureCount(),
        "read": sum(1 for _ in layer.getFeatures()),
        "box": [box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()],
        "in_box": sum(1 for _ in layer.getFeatures(QgsFeatureRequest(box))),
        "high_in_box": sum(1 for _ in layer.getFeatures(asked)),
        "extent": [
            extent.xMinimum(),
            extent.yMinimum(),
            extent.xMaximum(),
            extent.yMaximum(),
        ],
    }


def styled(layer, file):
    """Whether an SLD is understood, and by how many rules the layer is drawn then."""
    message, is_read = layer.loadSldStyle(str(file))
    renderer = layer.renderer()
    rules = renderer.rootRule().descendants() if renderer.type() == "RuleRenderer" else []
    return {"read": is_read, "message": message, "rules": len(rules), "kind": renderer.type()}


def drawn(layer, extent, crs):
    """How many colours a picture of a layer has."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem(crs))
    settings.setOutputSize(QSize(600, 400))
    settings.setExtent(extent)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    picture.save(os.environ.get("PICTURE", "/dev/null"), "PNG")
    return len({picture.pixel(x, y) for x in range(0, 600, 3) for y in range(0, 400, 3)})


def tiles(address, name, kept, layer):
    """A collection's vector tiles, drawn where the layer lies."""
    path = f"{address}/collections/{name}/tiles/WebMercatorQuad/%7Bz%7D/%7By%7D/%7Bx%7D"
    source = f"type=xyz&url={path}&zmin=13&zmax=15&authcfg={kept}"
    made = QgsVectorTileLayer(source, name)
    mercator = QgsCoordinateReferenceSystem("EPSG:3857")
    middle = layer.extent().center()
    half_x, half_y = 0.008, 0.004
    from qgis.core import QgsCoordinateTransform

    turn = QgsCoordinateTransform(layer.crs(), mercator, QgsProject.instance())
    extent = turn.transformBoundingBox(
        QgsRectangle(
            middle.x() - half_x, middle.y() - half_y, middle.x() + half_x, middle.y() + half_y
        )
    )
    return {"valid": made.isValid(), "colours": drawn(made, extent, "EPSG:3857")}


def project(file):
    """Names of the groups and layers of a project."""
    opened = QgsProject()
    is_read = opened.read(str(file))
    root = opened.layerTreeRoot()
    return {
        "read": is_read,
        "groups": [group.name() for group in root.findGroups()],
        "layers": [each.name() for each in root.findLayers()],
        # Those that it could not tie to their entry in the tree are drawn nowhere.
        "untied": [each.name() for each in root.findLayers() if each.layer() is None],
        "crs": opened.crs().authid(),
        "width": opened.viewSettings().fullExtent().width(),
        "error": opened.error(),
    }


def mapbox(file):
    """Whether the style is converted, and what QGIS warns of."""
    converter = QgsMapBoxGlStyleConverter()
    result = converter.convert(json.loads(file.read_text()))
    return {"done": int(result) == 0, "warnings": converter.warnings()[:20]}


def main():
    """Tells what was found and ends at once, since closing QGIS may hang."""
    address, login, password, folder = sys.argv[1:5]
    folder = Path(folder)
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False, str(folder))
    application.initQgis()
    kept = credentials(login, password)
    layer = collection(address, "buildings", kept)
    told = {
        "layer": read(layer) if layer.isValid() else {"valid": False},
        "refused": collection(address, "buildings", "").isValid(),
        "hidden": collection(address, "no_such_layer", kept).isValid(),
    }
    if layer.isValid():
        told["sld"] = styled(layer, folder / "buildings.sld")
        told["drawn"] = drawn(layer, layer.extent(), "EPSG:4326")
        told["tiles"] = tiles(address, "buildings", kept, layer)
    told["project"] = project(folder / "project.qgs")
    told["mapbox"] = mapbox(folder / "style.json")
    (folder / "told.json").write_text(json.dumps(told))
    os._exit(0)


main()
