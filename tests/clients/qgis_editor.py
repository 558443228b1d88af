"""What QGIS can edit on a server, told as JSON. Run by the Python that QGIS is installed for:

    QT_QPA_PLATFORM=offscreen /usr/bin/python3 qgis_editor.py ADDRESS LOGIN PASSWORD FOLDER NAMES

NAMES are four buildings, as JSON. FOLDER holds `elevation.tif`. Before a save of the third and the
fourth it waits until the file `other-saved` is there, in which somebody else changes them.
"""

import json
import os
import sys
import time
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsAuthMethodConfig,
    QgsDataSourceUri,
    QgsFeatureRequest,
    QgsPointXY,
    QgsRasterLayer,
    QgsVectorDataProvider,
    QgsVectorLayer,
)

SECONDS = 60


def collection(address, name, login, password):
    """A collection as a layer, with the account kept by QGIS."""
    manager = QgsApplication.authManager()
    manager.setMasterPassword("test", True)
    kept = QgsAuthMethodConfig("Basic")
    kept.setName(login)
    kept.setConfig("username", login)
    kept.setConfig("password", password)
    manager.storeAuthenticationConfig(kept)
    uri = QgsDataSourceUri()
    for key, value in (("url", address), ("typename", name), ("pageSize", "100")):
        uri.setParam(key, value)
    uri.setParam("pagingEnabled", "true")
    uri.setParam("restrictToRequestBBOX", "1")
    uri.setAuthConfigId(kept.id())
    return QgsVectorLayer(uri.uri(False), name, "OAPIF")


def found(layer, name):
    """A building by its name."""
    request = QgsFeatureRequest().setFilterExpression(f"\"name\" = '{name}'")
    return next(layer.getFeatures(request))


def saved(layer):
    """Whether the edits went through, and what QGIS says."""
    is_done = layer.commitChanges()
    told = {"done": is_done, "errors": layer.commitErrors()}
    if not is_done:
        layer.rollBack()
    return told


def edit(layer, name, moved=False, **values):
    """Starts an edit of a building."""
    feature = found(layer, name)
    layer.startEditing()
    if moved:
        shape = feature.geometry()
        shape.translate(0.00001, 0.00001)
        layer.changeGeometry(feature.id(), shape)
    for field, value in values.items():
        layer.changeAttributeValue(feature.id(), layer.fields().indexOf(field), value)


def elevation(file):
    """The terrain as a raster layer: its size, system, and the height in its middle."""
    layer = QgsRasterLayer(str(file), "elevation", "gdal")
    if not layer.isValid():
        return {"valid": False}
    extent, provider = layer.extent(), layer.dataProvider()
    cell = extent.width() / layer.width()
    row, column = layer.height() // 2, layer.width() // 2
    place = QgsPointXY(
        extent.xMinimum() + (column + 0.5) * cell,
        extent.yMaximum() - (row + 0.5) * extent.height() / layer.height(),
    )
    value, is_read = provider.sample(place, 1)
    return {
        "valid": True,
        "size": [layer.width(), layer.height()],
        "crs": layer.crs().authid(),
        "place": [place.x(), place.y()],
        "value": value if is_read else None,
    }


def wait_for(file):
    """Returns once somebody else has saved."""
    deadline = time.monotonic() + SECONDS
    while not file.exists() and time.monotonic() < deadline:
        time.sleep(0.1)


def main():
    """Tells what was done and ends at once, since closing QGIS may hang."""
    address, login, password, folder = sys.argv[1:5]
    first, second, third, fourth = json.loads(sys.argv[5])
    folder = Path(folder)
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False, str(folder))
    application.initQgis()
    said = []
    application.messageLog().messageReceived.connect(lambda text, *_: said.append(str(text)))
    layer = collection(address, "buildings", login, password)
    abilities = layer.dataProvider().capabilities()
    told = {
        "version": Qgis.QGIS_VERSION_INT,
        "can_change": bool(abilities & QgsVectorDataProvider.ChangeAttributeValues),
        "can_move": bool(abilities & QgsVectorDataProvider.ChangeGeometries),
        "elevation": elevation(folder / "elevation.tif"),
    }
    edit(layer, first, alias="QGIS")
    told["attribute"] = saved(layer)
    edit(layer, second, moved=True, alias="QGIS")
    told["both"] = saved(layer)
    # Read by QGIS before the others save.
    edit(layer, third, alias="QGIS")
    edit(layer, fourth, alias="QGIS")
    (folder / "read").touch()
    wait_for(folder / "other-saved")
    said.clear()
    told["conflict"] = saved(layer)
    application.processEvents()
    told["said"] = list(said)
    layer.setSubsetString('"levels" = 4')
    told["filtered"] = sum(1 for _ in layer.getFeatures())
    (folder / "told.json").write_text(json.dumps(told))
    os._exit(0)


main()
