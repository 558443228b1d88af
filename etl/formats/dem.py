"""Elevation models: GeoTIFF, SRTM .hgt and what else GDAL reads, also one file in a .zip."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
from pyproj.exceptions import CRSError
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.warp import Resampling

from etl.raw import UnreadableFile
from layers.core.crs import UnknownReferenceSystem, reference_system
from layers.territory.terrain import MOST_CELLS, Heights, TerrainGrid

SRTM_DATUM = "EGM96"
LOWEST, HIGHEST = -12_000.0, 9_000.0
_METRES = {None, "", "m", "metre", "metres", "meter", "meters"}
_VOID_WITHOUT_WORD = -32768
_DEGREES = "EPSG:4326"
_OFF_GRID = 0.01
"""Share of a cell by which files that belong to one grid may differ."""
_MEMBERS = (".hgt", ".tif", ".tiff", ".asc", ".img", ".dem")


@dataclass(frozen=True)
class Dem:
    """Heights in metres on a grid, row by row from north, NaN where there is none."""

    title: str
    grid: TerrainGrid
    heights: Heights
    vertical_datum: str | None = None
    notes: tuple[str, ...] = field(default=())


def read_dem(paths: Sequence[Path], crs: str = "auto") -> Dem:
    """One model of one file or of several that lie on one grid; a void is filled by a later file.

    `crs` (EPSG:n) is taken in place of what the files say, unless it is "auto".
    Raises: UnreadableFile or UnknownReferenceSystem, saying what is expected.
    """
    parts = [_read(path, crs) for path in paths]
    return parts[0] if len(parts) == 1 else _joined(parts)


def _read(path: Path, crs: str) -> Dem:
    try:
        with rasterio.open(_address(path)) as raster:
            return _of(path, raster, crs)
    except RasterioError as error:
        if not path.exists():
            raise UnreadableFile(f"{path.name}: no such file") from error
        raise UnreadableFile(
            f"{path.name}: 不是可读的栅格 / no raster that can be read "
            "(GeoTIFF, SRTM .hgt, also in a .zip; an .hgt is named like N43E007.hgt)"
        ) from error


def _address(path: Path) -> str:
    if path.suffix.lower() != ".zip":
        return str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            found = [each for each in archive.namelist() if each.lower().endswith(_MEMBERS)]
    except (OSError, zipfile.BadZipFile) as error:
        raise UnreadableFile(f"{path.name}: 不是 .zip 压缩包 / no .zip that can be read") from error
    if len(found) != 1:
        raise UnreadableFile(
            f"{path.name}: 压缩包内应有一个栅格文件 / one raster expected in it, "
            f"there are {len(found)}"
        )
    return f"/vsizip/{path.resolve()}/{found[0]}"


def _of(path: Path, raster: Any, crs: str) -> Dem:
    if raster.count != 1:
        raise UnreadableFile(
            f"{path.name}: 高程应为单波段 / a DEM has one band, this has {raster.count}"
        )
    kind = np.dtype(raster.dtypes[0])
    if kind.kind not in "iuf":
        raise UnreadableFile(f"{path.name}: 数值类型不是实数 / its values are {kind}, no numbers")
    _check_size(path.name, raster.width, raster.height)
    unit = raster.units[0]
    if (unit or "").lower() not in _METRES:
        raise UnreadableFile(f"{path.name}: 单位应为米 / metres expected, its unit is {unit[:20]}")
    if raster.transform.is_identity:
        raise UnreadableFile(f"{path.name}: 没有地理坐标 / it does not say where it lies")
    wkt, datum = _system(path, raster, crs)
    if raster.driver == "SRTMHGT" and datum is None:
        datum = SRTM_DATUM
    name = reference_system(wkt).name
    upright = raster.transform.is_rectilinear and raster.transform.a > 0 > raster.transform.e
    if upright and name.startswith("EPSG:"):
        dem = Dem(path.name, _grid(name, raster), _heights(raster, raster), datum)
    else:
        dem = _turned(path, raster, wkt, datum)
    return _checked(dem)


def _check_size(name: str, columns: int, rows: int) -> None:
    if columns * rows > MOST_CELLS:
        raise UnreadableFile(
            f"{name}: {columns} × {rows} 格过大 / too large, at most {MOST_CELLS:,} cells: "
            "cut it or make it coarser (gdalwarp -te, -tr)"
        )


def _system(path: Path, raster: Any, crs: str) -> tuple[str, str | None]:
    """The horizontal system as text, and the vertical datum where the file names one."""
    if crs.lower() != "auto":
        system = reference_system(crs)
        if not system.name.startswith("EPSG:"):
            raise UnknownReferenceSystem(
                f"{path.name}: 栅格不能用 {crs} / a grid cannot be in {crs}; EPSG:n expected"
            )
        return system.name, None
    if not raster.crs:
        raise UnknownReferenceSystem(
            f"{path.name}: 没有坐标系，请用 --crs EPSG:n 指明 / no reference system; "
            "say --crs EPSG:n"
        )
    try:
        told = pyproj.CRS.from_wkt(raster.crs.to_wkt())
    except CRSError as error:
        raise UnknownReferenceSystem(
            f"{path.name}: 坐标系不可识别，请用 --crs EPSG:n 指明 / its reference system is not "
            "understood; say --crs EPSG:n"
        ) from error
    if not told.is_compound:
        return told.to_wkt(), None
    flat, upward = told.sub_crs_list
    datum = upward.datum.name if upward.datum else upward.name
    return flat.to_wkt(), datum


def _grid(crs: str, raster: Any) -> TerrainGrid:
    at = raster.transform
    return TerrainGrid(crs, at.c, at.f, at.a, -at.e, raster.width, raster.height)


def _turned(path: Path, raster: Any, wkt: str, datum: str | None) -> Dem:
    """What lies askew, or in a system without a number, brought to degrees."""
    with WarpedVRT(
        raster,
        src_crs=wkt,
        crs=_DEGREES,
        resampling=Resampling.bilinear,
        src_nodata=_void(raster),
        nodata=np.nan,
        dtype="float32",
    ) as warped:
        _check_size(path.name, warped.width, warped.height)
        heights = _heights(warped, raster)
        note = (
            "网格倾斜或坐标系无 EPSG 编号，已重采样到经纬度 / askew, or in a system without an "
            "EPSG number: resampled to degrees (EPSG:4326, bilinear)"
        )
        return Dem(path.name, _grid(_DEGREES, warped), heights, datum, (note,))


def _void(raster: Any) -> float | None:
    """The value that stands for none: as the file says, else what SRTM made the custom."""
    if raster.nodata is not None:
        return float(raster.nodata)
    return _VOID_WITHOUT_WORD if np.dtype(raster.dtypes[0]) == np.int16 else None


def _heights(read: Any, raster: Any) -> Heights:
    values = read.read(1, masked=True)
    heights = np.ma.filled(values.astype(np.float32), np.nan)
    if raster.nodata is None and (void := _void(raster)) is not None:
        heights[heights == void] = np.nan
    if raster.scales[0] != 1 or raster.offsets[0] != 0:
        heights = heights * np.float32(raster.scales[0]) + np.float32(raster.offsets[0])
    heights[~np.isfinite(heights)] = np.nan
    return np.asarray(heights, dtype=np.float32)


def _checked(dem: Dem) -> Dem:
    measured = dem.heights[np.isfinite(dem.heights)]
    if not measured.size:
        raise UnreadableFile(f"{dem.title}: 全部为空值 / there is no height in it")
    low, high = float(measured.min()), float(measured.max())
    if low < LOWEST or high > HIGHEST:
        raise UnreadableFile(
            f"{dem.title}: 高程 {low:g} … {high:g} 不像米 / heights from {low:g} to {high:g} "
            f"are no metres of this earth ({LOWEST:g} to {HIGHEST:g})"
        )
    if pyproj.CRS.from_user_input(dem.grid.crs).is_geographic:
        west, south, east, north = dem.grid.bounds
        if not (-181 <= west < east <= 181 and -91 <= south < north <= 91):
            raise UnreadableFile(f"{dem.title}: 超出经纬度范围 / its corners are no degrees")
    return dem


def _joined(parts: Sequence[Dem]) -> Dem:
    first = parts[0].grid
    width, height = first.cell_width, first.cell_height
    for part in parts[1:]:
        grid = part.grid
        aside = (grid.west - first.west) / width, (first.north - grid.north) / height
        same = grid.crs == first.crs
        same = same and math.isclose(grid.cell_width, width, rel_tol=1e-6)
        same = same and math.isclose(grid.cell_height, height, rel_tol=1e-6)
        if not same or any(abs(each - round(each)) > _OFF_GRID for each in aside):
            raise UnreadableFile(
                f"{part.title}: 与 {parts[0].title} 不在同一网格 / not on one grid with "
                f"{parts[0].title}; merge them first (gdalwarp)"
            )
    west = min(part.grid.west for part in parts)
    north = max(part.grid.north for part in parts)
    columns = round((max(part.grid.bounds[2] for part in parts) - west) / width)
    rows = round((north - min(part.grid.bounds[1] for part in parts)) / height)
    title = "、".join(part.title for part in parts)
    _check_size(title, columns, rows)
    heights = np.full((rows, columns), np.nan, dtype=np.float32)
    for part in parts:
        top, left = (
            round((north - part.grid.north) / height),
            round((part.grid.west - west) / width),
        )
        place = heights[top : top + part.grid.rows, left : left + part.grid.columns]
        np.copyto(place, part.heights, where=np.isnan(place))
    datums = {part.vertical_datum for part in parts}
    if len(datums) > 1:
        raise UnreadableFile(f"{title}: 高程基准不一 / they name different vertical datums")
    grid = replace(first, west=west, north=north, columns=columns, rows=rows)
    notes = tuple(note for part in parts for note in part.notes)
    return Dem(title, grid, heights, datums.pop(), notes)
