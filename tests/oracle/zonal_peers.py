#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""caochu zonal against slow independent answers: GEOS clips every cell by the polygon, GDAL
rasterises by centres, numpy and plain loops do the statistics. Usage: zonal_peers.py CAOCHU FOLDER [DATA]"""
import csv
import math
import os
import subprocess
import sys

import numpy as np
from osgeo import gdal, ogr, osr

gdal.UseExceptions()
ogr.UseExceptions()
caochu, folder = sys.argv[1], sys.argv[2]
data = sys.argv[3] if len(sys.argv) > 3 else None
COLS, ROWS, RES, X0, Y0 = 46, 37, 10.0, 500000.0, 4000000.0
rng = np.random.default_rng(20240715)


def srs_of(code):
    srs = osr.SpatialReference()
    srs.ImportFromEPSG(code)
    srs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return srs


def write_raster(name, values, transform, code, kind=gdal.GDT_Float32, nodata=-9999):
    path = os.path.join(folder, name)
    d = gdal.GetDriverByName("GTiff").Create(path, values.shape[1], values.shape[0], 1, kind)
    d.SetGeoTransform(transform)
    d.SetProjection(srs_of(code).ExportToWkt())
    d.GetRasterBand(1).SetNoDataValue(nodata)
    d.GetRasterBand(1).WriteArray(values)
    d = None
    return path


def write_polygons(name, geometries, code):
    path = os.path.join(folder, name)
    d = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    layer = d.CreateLayer("p", srs_of(code), ogr.wkbUnknown)
    layer.CreateField(ogr.FieldDefn("code", ogr.OFTString))
    for i, g in enumerate(geometries):
        f = ogr.Feature(layer.GetLayerDefn())
        f.SetField("code", "%04d" % i)
        f.SetGeometry(g)
        layer.CreateFeature(f)
    d = None
    return path


def zonal(polygons, rasters, stats, *options, env=None, code=0):
    out = os.path.join(folder, "表 1.csv")
    command = [caochu, "zonal", "-q", "-p", polygons, "--id", "code", "-s", stats, "-o", out, *options]
    for r in rasters:
        command += ["-r", r]
    done = subprocess.run(command, env=env, stderr=subprocess.PIPE, text=True)
    assert done.returncode == code, (command, done.returncode, done.stderr)
    with open(out, encoding="utf-8-sig", newline="") as f:
        return list(csv.DictReader(f))


def ring(points):
    r = ogr.Geometry(ogr.wkbLinearRing)
    for x, y in points:
        r.AddPoint_2D(float(x), float(y))
    r.CloseRings()
    return r


def polygon(*rings):
    p = ogr.Geometry(ogr.wkbPolygon)
    for r in rings:
        p.AddGeometry(r)
    return p


def star(cx, cy, size, n, turn=1):
    angle = np.arange(n) * 2 * math.pi / n * turn
    radius = size * rng.uniform(0.3, 1, n)
    return [(cx + r * math.cos(a), cy + r * math.sin(a)) for a, r in zip(angle, radius)]


def box(x, y, w, h):
    return [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]


def nasty():
    """Stars, holes, parts, slivers, borders along cells, through corners, smaller than a cell, outside."""
    shapes = []
    for i in range(40):
        cx, cy = X0 + rng.uniform(-30, COLS * RES + 30), Y0 - rng.uniform(-30, ROWS * RES + 30)
        shapes.append(polygon(ring(star(cx, cy, rng.choice([3, 30, 120, 300]), 5 + i % 17, 1 - 2 * (i % 2)))))
    hole = polygon(ring(box(X0 + 33, Y0 - 301, 250, 260)), ring(box(X0 + 50, Y0 - 250, 90.5, 77.25)),
                   ring(box(X0 + 200, Y0 - 200, 0.01, 100)))
    shapes.append(hole)
    multi = ogr.Geometry(ogr.wkbMultiPolygon)
    for k in range(6):
        multi.AddGeometry(polygon(ring(box(X0 + 40 * k + 3.3 * k, Y0 - 60 * k - 25, 30, 20))))
    shapes.append(multi)
    shapes.append(polygon(ring(box(X0 + 50, Y0 - 100, 100, 50))))            # along cells' borders
    shapes.append(polygon(ring([(X0, Y0), (X0 + 300, Y0 - 300), (X0, Y0 - 300)])))  # through corners
    shapes.append(polygon(ring(box(X0 + 121, Y0 - 133, 0.5, 0.25))))         # in one cell
    shapes.append(polygon(ring([(X0 + 1, Y0 - 1), (X0 + 440, Y0 - 350), (X0 + 440, Y0 - 350.001)])))
    shapes.append(polygon(ring(box(X0 - 1000, Y0 - 2000, 5000, 5000))))      # all of it
    shapes.append(polygon(ring(box(X0 + 5000, Y0, 50, 50))))                 # outside
    return [g for g in shapes if g.IsValid()]


def area_of(g):
    if g.GetGeometryName() in ("POLYGON", "MULTIPOLYGON"):
        return g.GetArea()
    return sum(area_of(g.GetGeometryRef(i)) for i in range(g.GetGeometryCount())) if g.GetGeometryCount() else 0.0


def clip(g, shape, t):
    """Share of each cell inside g, by GEOS."""
    rows, cols = shape
    share = np.zeros(shape)
    x_min, x_max, y_min, y_max = g.GetEnvelope()
    for r in range(rows):
        top, bottom = t[3] + r * t[5], t[3] + (r + 1) * t[5]
        if max(top, bottom) <= y_min or min(top, bottom) >= y_max:
            continue
        for c in range(cols):
            left = t[0] + c * t[1]
            if left + t[1] <= x_min or left >= x_max:
                continue
            cell = polygon(ring([(left, top), (left + t[1], top), (left + t[1], bottom), (left, bottom)]))
            if g.Contains(cell):
                share[r, c] = 1
            elif g.Intersects(cell):
                share[r, c] = area_of(g.Intersection(cell)) / abs(t[1] * t[5])
    return share


def quantile(values, weights, p):
    order = np.argsort(values, kind="stable")
    values, sums = values[order], np.cumsum(weights[order])
    at = min(int(np.searchsorted(sums, p * sums[-1] * (1 - 1e-12))), len(values) - 1)
    between = abs(sums[at] - p * sums[-1]) < 1e-9 and at + 1 < len(values)
    return float(values[at] + values[at + 1]) / 2 if between else float(values[at])


def expect(share, values, weights=None):
    valid = ~np.isnan(values) & (share > 1e-12)
    w, v = share[valid], values[valid]
    want = {"count": w.sum(), "cells": int(valid.sum())}
    if not valid.any():
        return want
    mean = (w * v).sum() / w.sum()
    want.update(sum=(w * v).sum(), mean=mean, min=v.min(), max=v.max(), stdev=math.sqrt((w * (v - mean) ** 2).sum() / w.sum()),
                median=quantile(v, w, 0.5), p90=quantile(v, w, 0.9), variety=len(np.unique(v)))
    if weights is not None:
        k = w * weights[valid]
        want["weighted_mean"] = (k * v).sum() / k.sum()
    return want


def same(row, want, who, g=None, cell=RES, most=1.0):
    """To 1e-9 of a cell, and the 2^-32 of a cell by which vertices are snapped along the border."""
    border = g.Boundary().Length() / cell if g is not None else 0
    cells = 1e-9 * max(1.0, want["count"] / 10) + 2.4e-10 * border
    for key, value in want.items():
        got = float(row[key])
        slack = {"count": cells, "sum": cells * most, "cells": 0, "variety": 0, "min": 0, "max": 0, "median": 0, "p90": 0}.get(
            key, 4 * cells * most / max(want["count"], 1e-30) + 1e-12 * abs(value))
        assert abs(got - value) <= slack, f"{who}: polygon {row['code']}: {key} is {got!r}, not {value!r}"
    if want["count"] == 0:
        assert row["mean"] == "" and row["min"] == "" and row["median"] == "", f"{who}: {row}"


STATS = "count,cells,sum,mean,min,max,stdev,median,p90,variety"


def check_exact():
    values = rng.uniform(-1, 1, (ROWS, COLS)).astype("float32")
    values[rng.random((ROWS, COLS)) < 0.15] = -9999
    weights = rng.uniform(0.1, 50, (ROWS, COLS)).astype("float32")
    meant = np.where(values == -9999, np.nan, values.astype("float64"))
    shapes = nasty()
    polygons = write_polygons("草 场.gpkg", shapes, 32647)
    up = (X0, RES, 0, Y0, 0, -RES)
    down = (X0, RES, 0, Y0 - ROWS * RES, 0, RES)
    w = write_raster("w.tif", weights, up, 32647)
    rows = zonal(polygons, [write_raster("值.tif", values, up, 32647)], STATS + ",weighted_mean", "--weights", w)
    flipped = zonal(polygons, [write_raster("south-up.tif", values[::-1], down, 32647)], STATS)
    assert len(rows) == len(shapes) == len(flipped)
    for g, row, again in zip(shapes, rows, flipped):
        share = clip(g, values.shape, up)
        same(row, expect(share, meant, weights.astype("float64")), "exact", g)
        same(again, expect(share, meant), "south-up", g)
        if share.sum() > 0:
            missing = 1 - float(row["count"]) / (g.GetArea() / RES ** 2)
            slack = (1e-9 + 2.4e-10 * g.Boundary().Length() / RES) / min(1.0, g.GetArea() / RES ** 2)
            assert abs(float(row["missing_share"]) - missing) < slack, (row, missing)
    # the same under a locale with decimal commas, with one worker, and little memory
    options = ["-j", "1", "--memory", "16"]
    assert zonal(polygons, [os.path.join(folder, "值.tif")], STATS, *options,
                 env=dict(os.environ, LC_ALL="de_DE.UTF-8", LANG="de_DE.UTF-8")) == [
        {k: v for k, v in row.items() if k != "weighted_mean"} for row in rows]
    return len(shapes)


def check_centres():
    values = np.arange(ROWS * COLS, dtype="float64").reshape(ROWS, COLS) % 97
    up = (X0, RES, 0, Y0, 0, -RES)
    raster = write_raster("centres.tif", values, up, 32647, gdal.GDT_Int16, -1)
    shapes = [g for g in nasty()[:38]]
    rows = zonal(write_polygons("centres.gpkg", shapes, 32647), [raster], STATS, "--pixels", "center")
    for g, row in zip(shapes, rows):
        mask = gdal.GetDriverByName("MEM").Create("", COLS, ROWS, 1, gdal.GDT_Byte)
        mask.SetGeoTransform(up)
        mask.SetProjection(srs_of(32647).ExportToWkt())
        d = ogr.GetDriverByName("Memory").CreateDataSource("")
        layer = d.CreateLayer("p", srs_of(32647), ogr.wkbUnknown)
        f = ogr.Feature(layer.GetLayerDefn())
        f.SetGeometry(g)
        layer.CreateFeature(f)
        gdal.RasterizeLayer(mask, [1], layer, burn_values=[1])
        same(row, expect(mask.ReadAsArray().astype("float64"), values), "centres", most=97.0)
    return len(shapes)


def check_parcels(path):
    """Real farm parcels on a grid that suits them."""
    d = ogr.Open(path)
    layer = d.GetLayer(0)
    x0, x1, y0, y1 = layer.GetExtent()
    shapes = [f.GetGeometryRef().Clone() for f in layer][:60]
    shapes = [g for g in shapes if g is not None and g.IsValid()]
    t = (math.floor(x0 / 20) * 20 - 40, 20.0, 0, math.ceil(y1 / 20) * 20 + 40, 0, -20.0)
    values = rng.uniform(2000, 9000, (int((t[3] - y0) / 20) + 3, int((x1 - t[0]) / 20) + 3))
    raster = write_raster("parcels.tif", np.round(values), t, 32632, gdal.GDT_UInt16, 0)
    rows = zonal(write_polygons("parcels.gpkg", shapes, 32632), [raster], STATS)
    for g, row in zip(shapes, rows):
        same(row, expect(clip(g, values.shape, t), np.round(values)), "parcels", g, 20.0, 9000.0)
    return len(shapes)


def check_hard(path):
    """Polygons that broke other tools, on coarse grids in degrees."""
    done = 0
    for name in ("antarctica", "regression4", "regression6", "russia"):
        with open(os.path.join(path, name + ".wkt")) as f:
            g = ogr.CreateGeometryFromWkt(f.read().strip().strip('"'))
        g.FlattenTo2D()
        x0, x1, y0, y1 = g.GetEnvelope()
        res = max(x1 - x0, y1 - y0) / 37.3
        t = (x0 - res / 3, res, 0, y1 + res / 7, 0, -res)
        shape = (int((t[3] - y0) / res) + 2, int((x1 - t[0]) / res) + 2)
        values = rng.uniform(-5, 5, shape).astype("float32")
        raster = write_raster("hard.tif", values, t, 32647)  # as if on a plane: no edge is bent
        valid = g if g.IsValid() else g.MakeValid()
        share = clip(valid, shape, t)
        code = 0 if g.IsValid() else 3  # repaired ones are listed, and the exit code says so
        row = zonal(write_polygons("hard-%s.gpkg" % name, [g], 32647), [raster], STATS, code=code)[0]
        want = expect(share, values.astype("float64"))
        for key in ("cells", "variety", "median", "p90"):  # shares of 1e-13 make no agreement
            want.pop(key)
        same(row, want, name, valid, res, 5.0)
        done += 1
    return done


def check_split(pieces=40):
    """A polygon cut by a line: sums, counts and areas of the parts are those of the whole."""
    values = rng.uniform(-1, 1, (ROWS, COLS)).astype("float32")
    raster = write_raster("split.tif", values, (X0, RES, 0, Y0, 0, -RES), 32647)
    shapes = []
    for k in range(pieces):
        cx, cy = X0 + rng.uniform(100, 350), Y0 - rng.uniform(100, 270)
        whole = polygon(ring(star(cx, cy, 150, 9 + k % 20)))
        slope = rng.uniform(-3, 3)
        side = polygon(ring([(cx - 1000, cy - 1000 * slope), (cx + 1000, cy + 1000 * slope), (cx + 1000, cy + 9000), (cx - 1000, cy + 9000)]))
        a, b = whole.Intersection(side), whole.Difference(side)
        if all(p.GetGeometryName() in ("POLYGON", "MULTIPOLYGON") for p in (a, b)):
            shapes += [whole, a, b, a.Union(b)]
    rows = zonal(write_polygons("split.gpkg", shapes, 32647), [raster], "count,sum,area,mean,min,max")
    for i in range(0, len(shapes), 4):
        whole, a, b, joined = rows[i:i + 4]
        border = sum(g.Boundary().Length() for g in shapes[i:i + 4]) / RES
        for key, unit in (("count", 1), ("sum", 1), ("area", RES ** 2)):
            parts = float(a[key]) + float(b[key])
            assert abs(parts - float(whole[key])) < 5e-9 * border * unit, (key, whole, a, b)
            assert abs(float(joined[key]) - float(whole[key])) < 5e-9 * border * unit, (key, whole, joined)
        assert float(whole["min"]) == min(float(a["min"]), float(b["min"])) and float(whole["max"]) == max(float(a["max"]), float(b["max"]))
    return len(shapes) // 4


def carried(g, source, target, step):
    """A geometry in another CRS, with vertices added, the slow way."""
    g = g.Clone()
    g.Segmentize(step)
    g.Transform(osr.CoordinateTransformation(source, target))
    return g


def check_other_crs(sao_miguel, zones):
    """Municipalities in degrees on a population grid in degrees and on a terrain model in Lambert's
    projection, with weights; a polygon between two UTM zones, on a grid in each."""
    d = ogr.Open(os.path.join(sao_miguel, "concelhos.gpkg"))
    layer = d.GetLayer(0)
    own = layer.GetSpatialRef().Clone()
    own.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    shapes = [f.GetGeometryRef().Clone() for f in layer]
    polygons = write_polygons("concelhos.gpkg", shapes, 4326)
    done = 0
    for name, step in (("gpw_v411_2020_count_2020.tif", 0), ("eu_dem_v11.tif", 1e-3)):
        raster = gdal.Open(os.path.join(sao_miguel, name))
        band, t = raster.GetRasterBand(1), raster.GetGeoTransform()
        values = band.ReadAsArray().astype("float64")
        values[values == band.GetNoDataValue()] = np.nan
        other = osr.SpatialReference(raster.GetProjection())
        other.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
        rows = zonal(polygons, [os.path.join(sao_miguel, name)], "count,sum,mean,min,max,stdev")
        for g, row in zip(shapes[:1] if step else shapes, rows):
            h = carried(g, own, other, step) if step else g
            want = expect(clip(h, values.shape, t), values)
            # edges stay true to a hundredth of a cell where they had to be bent
            slack = (2e-9 if not step else 2e-3) * want["count"]
            assert abs(float(row["count"]) - want["count"]) < slack, (name, row, want)
            for key in ("mean", "stdev"):
                assert abs(float(row[key]) - want[key]) < (1e-8 if not step else 2e-3) * abs(want["mean"]), (name, key, row, want)
            assert abs(float(row["sum"]) / want["sum"] - 1) < (1e-8 if not step else 2e-3), (name, row, want)
            done += 1
    d = ogr.Open(zones)
    layer = d.GetLayer(0)
    own = layer.GetSpatialRef().Clone()
    own.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    feature = layer.GetNextFeature()
    g = feature.GetGeometryRef().Clone()
    for zone in (32631, 32632):
        h = carried(g, own, srs_of(zone), 25.0)
        x0, x1, y0, y1 = h.GetEnvelope()
        t = (math.floor(x0 / 500) * 500.0, 250.0, 0, math.ceil(y1 / 500) * 500.0, 0, -250.0)
        values = rng.uniform(0, 1, (int((t[3] - y0) / 250) + 2, int((x1 - t[0]) / 250) + 2))
        raster = write_raster("zone.tif", values, t, zone, gdal.GDT_Float64)
        row = zonal(write_polygons("zone.gpkg", [g], 2056), [raster], "count,mean,sum")[0]
        want = expect(clip(h, values.shape, t), values)
        for key in ("count", "mean", "sum"):
            assert abs(float(row[key]) / want[key] - 1) < 1e-4, (zone, key, row, want)
        done += 1
    return done


n = check_exact()
m = check_centres()
s = check_split()
k = check_parcels(os.path.join(data, "zurich_parcels/ZH_Polygons_2020_ESCH_EPSG32632.shp")) if data else 0
h = check_hard(os.path.join(data, "exactextract_wkt")) if data else 0
c = check_other_crs(os.path.join(data, "sao_miguel"), os.path.join(data, "utm_zone_crossing/utm_zones_western-ch.gpkg")) if data else 0
print(f"{n} polygons by clipping, {m} by centres, {s} cut in two, {k} real parcels, {h} hard ones, {c} in other CRS agree")
