r"""Takes the pictures of QGIS for the help page of `/ogc`. Run by QGIS itself, against a demo city:

    OGC=http://127.0.0.1:8080/ogc LOGIN=… PASSWORD=… PICTURES=FOLDER LANG=zh_CN.UTF-8 \
      xvfb-run -a -s '-screen 0 1280x860x24' qgis --nologo --lang zh-Hans \
      --profiles-path $(mktemp -d) --code tools/qgis_pictures.py

FOLDER holds `buildings.sld` and `wangge.qgs` as the server hands them out
(`/styles/buildings?f=sld11`, `/qgis-project`). Each is then stored small, here NAME.png as
gisserver/ogc/static/NAME.webp:

    gdal_translate -of WEBP -co LOSSLESS=YES NAME.png NAME.webp

the project with `-co QUALITY=82` instead: its map has too many colours.
"""

import os
import statistics
import traceback
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsAuthMethodConfig,
    QgsDataSourceUri,
    QgsProject,
    QgsRectangle,
    QgsSettings,
    QgsVectorLayer,
)
from qgis.gui import QgsNewHttpConnection
from qgis.PyQt.QtCore import QEventLoop, QTimer
from qgis.PyQt.QtGui import QImage
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QAction,
    QApplication,
    QComboBox,
    QDockWidget,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QTreeView,
)
from qgis.utils import iface

ADDRESS, LOGIN, PASSWORD = (os.environ[name] for name in ("OGC", "LOGIN", "PASSWORD"))
FOLDER = Path(os.environ["PICTURES"])
# What a reader of the page sees instead of where the pictures were taken.
SHOWN = os.environ.get("SHOWN", "https://wangge.example.cn/ogc")
NAME = "网格"
SHOWN_PASSWORD = "………………"
WIDTH, HEIGHT = 1180, 760
# Of the map, in degrees.
HALF = 0.0014


def wait(seconds):
    """Lets QGIS work."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec_()


def keep(widget, name):
    """A picture of a widget."""
    QApplication.processEvents()
    picture = widget.grab().toImage().convertToFormat(QImage.Format_RGB888)
    picture.save(str(FOLDER / f"{name}.png"), "PNG")


def sign_in():
    """Name under which QGIS keeps the account."""
    manager = QgsApplication.authManager()
    manager.setMasterPassword("pictures", True)
    kept = QgsAuthMethodConfig("Basic")
    kept.setName(NAME)
    kept.setConfig("username", LOGIN)
    kept.setConfig("password", PASSWORD)
    manager.storeAuthenticationConfig(kept)
    return kept.id()


def connection_dialog():
    """A new connection, filled in with a login and a password."""
    kind = QgsNewHttpConnection.ConnectionWfs
    dialog = QgsNewHttpConnection(iface.mainWindow(), kind, "qgis/connections-wfs/", "")
    fields = {field.objectName(): field for field in dialog.findChildren(QLineEdit)}
    fields["txtName"].setText(NAME)
    fields["txtUrl"].setText(SHOWN)
    version = next(x for x in dialog.findChildren(QComboBox) if x.objectName() == "cmbVersion")
    version.setCurrentIndex(next(i for i in range(version.count()) if "OGC" in version.itemText(i)))
    fields["txtUserName"].setText(LOGIN)
    fields["txtPassword"].setText(SHOWN_PASSWORD)
    dialog.findChild(QTabWidget).setCurrentIndex(1)
    dialog.resize(560, 680)
    dialog.show()
    wait(1)
    keep(dialog, "qgis-connection")
    dialog.close()


def source_manager(kept):
    """The data source manager with the collections of a connection."""
    settings = QgsSettings()
    base = f"qgis/connections-wfs/{NAME}"
    for key, value in (("url", ADDRESS), ("version", "OGC_API_FEATURES")):
        settings.setValue(f"{base}/{key}", value)
    settings.setValue(f"{base}/maxnumfeatures", "")
    settings.setValue(f"{base}/pagesize", "1000")
    settings.setValue(f"{base}/pagingenabled", True)
    settings.setValue(f"qgis/WFS/{NAME}/authcfg", kept)
    settings.setValue("qgis/connections-wfs/selected", NAME)
    # The dialog holds the script until it is closed.
    QTimer.singleShot(2000, picture_of_collections)
    iface.mainWindow().findChild(QAction, "mActionAddWfsLayer").trigger()


def picture_of_collections():
    """The dialog, once it has connected."""
    dialog = next(
        each
        for each in QApplication.topLevelWidgets()
        if each.metaObject().className() == "QgsDataSourceManagerDialog"
    )
    try:
        buttons = dialog.findChildren(QPushButton, "btnConnect")
        next(each for each in buttons if each.isVisible()).click()
        wait(5)
        views = dialog.findChildren(QTreeView, "treeView")
        view = next(each for each in views if each.isVisible())
        for column, width in enumerate((150, 150, 330)):
            view.setColumnWidth(column, width)
        model = view.model()
        rows = range(model.rowCount())
        row = next(row for row in rows if model.index(row, 1).data() == "buildings")
        view.setCurrentIndex(model.index(row, 0))
        view.scrollTo(model.index(row, 0), QAbstractItemView.PositionAtCenter)
        view.horizontalScrollBar().setValue(0)
        wait(0.5)
        keep(dialog, "qgis-collections")
    except Exception:  # noqa: BLE001
        traceback.print_exc()
    dialog.close()


def layer_of(kept):
    """The buildings as a layer."""
    uri = QgsDataSourceUri()
    for key, value in (("url", ADDRESS), ("typename", "buildings"), ("pageSize", "1000")):
        uri.setParam(key, value)
    uri.setParam("pagingEnabled", "true")
    uri.setParam("restrictToRequestBBOX", "1")
    uri.setAuthConfigId(kept)
    return QgsVectorLayer(uri.uri(False), "楼栋", "OAPIF")


def main_window(kept):
    """The map with a filter."""
    window = iface.mainWindow()
    window.resize(WIDTH, HEIGHT)
    for dock in window.findChildren(QDockWidget):
        if dock.objectName().startswith("Browser"):
            dock.close()
    layer = layer_of(kept)
    QgsProject.instance().addMapLayer(layer)
    layer.loadSldStyle(str(FOLDER / "buildings.sld"))
    layer.setSubsetString('"levels" > 4')
    # QGIS goes to its first layer by itself; then to where most of them stand.
    wait(6)
    places = [feature.geometry().centroid().asPoint() for feature in layer.getFeatures()]
    x, y = (statistics.median(each[axis] for each in places) for axis in (0, 1))
    canvas = iface.mapCanvas()
    canvas.setExtent(QgsRectangle(x - HALF, y - HALF, x + HALF, y + HALF))
    canvas.refresh()
    for _ in range(20):
        wait(3)
        if not canvas.isDrawing():
            break
    keep(window, "qgis-filter")


def ready_project(kept):
    """The project of the server, near enough to see houses."""
    text = (FOLDER / "wangge.qgs").read_text()
    # In place of who types the account in when QGIS asks.
    text = text.replace("<datasource>type=xyz", f"<datasource>authcfg={kept}&amp;type=xyz")
    text = text.replace("restrictToRequestBBOX=", f"authcfg='{kept}' restrictToRequestBBOX=")
    file = FOLDER / "with-account.qgs"
    file.write_text(text)
    QgsProject.instance().clear()
    iface.addProject(str(file))
    wait(4)
    for group in QgsProject.instance().layerTreeRoot().children():
        group.setExpanded(group.name() in ("房屋", "区划网格"))
    canvas = iface.mapCanvas()
    canvas.setExtent(QgsRectangle(QgsProject.instance().viewSettings().fullExtent()).scaled(0.45))
    canvas.refresh()
    wait(12)
    keep(iface.mainWindow(), "qgis-project")


def main():
    """Takes all of them and ends QGIS at once: it would ask whether to save."""
    try:
        QgsSettings().setValue("qgis/checkVersion", False)
        kept = sign_in()
        connection_dialog()
        source_manager(kept)
        main_window(kept)
        ready_project(kept)
    except Exception:  # noqa: BLE001
        traceback.print_exc()
    finally:
        os._exit(0)


QTimer.singleShot(3000, main)
