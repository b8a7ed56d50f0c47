#!/usr/bin/python3
"""Holds the program's results on the made valley against an independent, slow recomputation.

Usage: compare.py WORLD-FOLDER RESULTS-FOLDER

Independent of the program: numpy and GDAL's Python, formulas and coefficients written out here from
their sources, masks by a list of classes, whole images at once, pasture shares by GEOS clipping
each border cell. Nothing is read from the program but what it wrote.
Recomputed: masks (SCL 4-7 kept), one validity of all bands, the maximum-NDVI composite, NDVI, EVI,
MSAVI2, NDMI, cover, fresh yield, clear looks; then mean, yield, capacity, herd and overload rate of
every pasture. Exit status 0: all agree.
"""
import csv
import glob
import json
import math
import os
import sys
import xml.etree.ElementTree as ET

import numpy as np
from osgeo import gdal, ogr, osr

gdal.UseExceptions()
world, results = sys.argv[1], sys.argv[2]
failures = []


def check(what, got, want, tolerance):
    got, want = float(got), float(want)
    if not (math.isnan(got) and math.isnan(want)) and not abs(got - want) <= tolerance:
        failures.append("%s: got %r, recomputed %r" % (what, got, want))


# --- scenes -----------------------------------------------------------------------------------
def text(root, name):
    for e in root.iter():
        if e.tag.split("}")[-1] == name:
            return e.text
    return None


def to_10m(a):
    """A 20 m pixel holds four cells, which all have its value."""
    return np.repeat(np.repeat(a, 2, 0), 2, 1)


scenes = []
for safe in sorted(glob.glob(os.path.join(world, "imagery", "*MSIL2A*.SAFE"))):
    root = ET.parse(os.path.join(safe, "MTD_MSIL2A.xml")).getroot()
    quantification = float(text(root, "BOA_QUANTIFICATION_VALUE"))
    offset = text(root, "BOA_ADD_OFFSET")
    offset = float(offset) if offset else 0.0

    def band(name):
        path = glob.glob(os.path.join(safe, "GRANULE", "*", "IMG_DATA", "*", "*_%s_*0m.*" % name))[0]
        d = gdal.Open(path)
        return d.GetGeoTransform(), d.ReadAsArray().astype("f8")

    t, scl = band("SCL")
    keep = to_10m(np.isin(scl, (4, 5, 6, 7)))
    classes = to_10m(scl)
    bands = {}
    for letter, name in (("B", "B02"), ("R", "B04"), ("N", "B08"), ("S1", "B11")):
        t, dn = band(name)
        dn[(dn == 0) | (dn == 65535)] = np.nan
        r = (dn + offset) / quantification
        bands[letter] = to_10m(r) if name == "B11" else r
        if name == "B08":
            transform = t
    for v in bands.values():
        keep &= np.nan_to_num(v, nan=-1) > 0
    scenes.append((text(root, "DATATAKE_SENSING_START"), keep, bands, classes))
scenes.sort(key=lambda s: s[0])

# --- composite and indices ---------------------------------------------------------------------
shape = scenes[0][1].shape
best = np.full(shape, -np.inf)
tie = np.zeros(shape, bool)  # two looks whose NDVI differs by less than single precision can tell
clear = np.zeros(shape)
chosen = {k: np.full(shape, np.nan) for k in "B R N S1".split()}
for _, keep, b, _ in scenes:
    with np.errstate(all="ignore"):
        ndvi = ((b["N"] - b["R"]) / (b["N"] + b["R"])).astype("f4")
    take = keep & (ndvi > best)
    tie = np.where(keep, (np.abs(ndvi - best) < 5e-7) | (tie & ~take), tie)
    clear += keep
    best = np.where(take, ndvi, best)
    for k in chosen:
        chosen[k] = np.where(take, b[k], chosen[k])
B, R, N, S = (chosen[k] for k in ("B", "R", "N", "S1"))
index = {
    "ndvi": (N - R) / (N + R),
    "evi": np.clip(2.5 * (N - R) / (N + 6 * R - 7.5 * B + 1), -1, 1),
    "msavi2": (2 * N + 1 - np.sqrt((2 * N + 1) ** 2 - 8 * (N - R))) / 2,
    "ndmi": (N - S) / (N + S),
}
# Huang et al. 2020: fresh kg/ha; the mean of the 2015 and the 2016 equation
equations = {
    "alpine_meadow": lambda x: (391.34 * np.exp(2.92 * x) + 191.78 * np.exp(3.88 * x)) / 2,
    "alpine_steppe": lambda x: (250.74 * np.exp(3.71 * x) + 184.09 * np.exp(4.18 * x)) / 2,
}
equations["swampy_meadow"] = equations["alpine_meadow"]
equations["alpine_desert"] = equations["alpine_steppe"]
# fresh:hay, edible share, utilisation (year-round), standard-hay coefficient
terms = {
    "alpine_meadow": (3.2, 0.85, 0.525, 1.05), "alpine_steppe": (3.0, 0.80, 0.425, 0.95),
    "swampy_meadow": (3.2, 0.85, 0.575, 0.85), "alpine_desert": (2.5, 0.60, 0.025, 0.90),
}
spelling = {"高寒草甸": "alpine_meadow", "高寒草原": "alpine_steppe", "高寒沼泽化草甸": "swampy_meadow",
            "高寒荒漠": "alpine_desert"}
sheep_units = {"牦牛": 4.0, "yak": 4.0, "藏羊": 1.0, "horse": 6.0}

# --- rasters as written ------------------------------------------------------------------------
d = gdal.Open(os.path.join(results, "peak-2024", "ndvi.vrt"))
g = d.GetGeoTransform()
col, row = round((transform[0] - g[0]) / 10), round((g[3] - transform[3]) / 10)


def written(name):
    mosaic = gdal.Open(os.path.join(results, "peak-2024", name + ".vrt"))
    b = mosaic.GetRasterBand(1)
    a = b.ReadAsArray().astype("f8")
    a[a == b.GetNoDataValue()] = np.nan
    a = a * (b.GetScale() or 1) + (b.GetOffset() or 0)
    out = np.full(shape, np.nan)
    r0, c0 = max(row, 0), max(col, 0)
    part = a[r0:row + shape[0], c0:col + shape[1]]
    out[r0 - row:r0 - row + part.shape[0], c0 - col:c0 - col + part.shape[1]] = part
    return out


compared = 0
for name in ("ndvi", "evi", "msavi2", "ndmi"):
    a = written(name)
    inside = ~np.isnan(written("n_clear"))
    if (np.isnan(a) != np.isnan(index[name]))[inside].any():
        failures.append("%s: %d cells differ in being there" % (name, (np.isnan(a) != np.isnan(index[name]))[inside].sum()))
    difference = np.nanmax(np.abs(a - index[name])[inside & ~tie])
    check(name + " raster", difference, 0, 0.5e-4 + 2e-6)
    compared += np.isfinite((a - index[name])[inside]).sum()
    # what a pasture's numbers stand on is what is published, so that anyone can reckon them again
    index[name] = np.where(inside, a, index[name])
index["fvc"] = np.clip((index["ndvi"] - 0.05) / (0.85 - 0.05), 0, 1)
check("cells with two looks alike", tie.mean(), 0, 1e-3)
difference = np.nanmax(np.abs(written("n_clear") - clear)[inside])
check("n_clear raster", difference, 0, 0)

# --- pastures ----------------------------------------------------------------------------------
utm = osr.SpatialReference()
utm.ImportFromEPSG(32647)
utm.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)


def shares(geometry):
    """Share of each 10 m cell of the image inside the polygon, by GEOS."""
    x0, x1, y0, y1 = geometry.GetEnvelope()
    c0, c1 = max(int((x0 - transform[0]) // 10), 0), min(int((x1 - transform[0]) // 10), shape[1] - 1)
    r0, r1 = max(int((transform[3] - y1) // 10), 0), min(int((transform[3] - y0) // 10), shape[0] - 1)
    if c1 < c0 or r1 < r0:
        return None
    out = np.zeros((r1 - r0 + 1, c1 - c0 + 1))

    def fill(part, ra, rb, ca, cb):
        box = ogr.Geometry(ogr.wkbLinearRing)
        xa, xb = transform[0] + 10 * ca, transform[0] + 10 * cb
        ya, yb = transform[3] - 10 * ra, transform[3] - 10 * rb
        for x, y in ((xa, ya), (xb, ya), (xb, yb), (xa, yb), (xa, ya)):
            box.AddPoint_2D(x, y)
        square = ogr.Geometry(ogr.wkbPolygon)
        square.AddGeometry(box)
        cut = part.Intersection(square)
        area = cut.GetArea()
        if area <= 0:
            return
        if area >= square.GetArea() * (1 - 1e-12):
            out[ra - r0:rb - r0, ca - c0:cb - c0] = 1
        elif rb - ra == 1 and cb - ca == 1:
            out[ra - r0, ca - c0] = area / 100
        else:
            rm, cm = (ra + rb) // 2 if rb - ra > 1 else rb, (ca + cb) // 2 if cb - ca > 1 else cb
            for a, b in ((ra, rm), (rm, rb)):
                for c, e in ((ca, cm), (cm, cb)):
                    if b > a and e > c:
                        fill(cut, a, b, c, e)

    fill(geometry, r0, r1 + 1, c0, c1 + 1)
    return out, slice(r0, r1 + 1), slice(c0, c1 + 1)


herds = {}
with open(os.path.join(world, "livestock.csv"), encoding="utf-8-sig") as f:
    for h in csv.DictReader(f):
        herds[h["pasture_id"]] = herds.get(h["pasture_id"], 0) + float(h["heads"]) * sheep_units[h["species"]]
with open(os.path.join(results, "pastures.csv"), encoding="utf-8-sig") as f:
    rows = {r["pasture_id"]: r for r in csv.DictReader(f)}
every_row = list(rows.values())
with open(os.path.join(results, "masks.csv"), encoding="utf-8-sig") as f:
    mask_rows = {r["pasture_id"]: r for r in csv.DictReader(f)}
if list(mask_rows) != list(rows):
    failures.append("masks.csv has other rows than pastures.csv")
removed = {"saturated": (1,), "dark": (2,), "shadow": (3,), "cloud": (8, 9), "cirrus": (10,), "snow": (11,)}
source = ogr.Open(os.path.join(world, "pastures.gpkg"))
layer = source.GetLayer("pastures")
n_rows = n_classes = 0
for feature in layer:
    key = feature["pasture_id"]
    r = rows.pop(key)
    n_rows += 1
    geometry = feature.GetGeometryRef().Clone()
    geometry.Segmentize(1e-3)
    geometry.TransformTo(utm)
    if abs(geometry.GetArea() / 1e4 / 0.9996 ** 2 - float(r["area_ha"])) > 0.002 * float(r["area_ha"]) + 1e-3:
        failures.append("%s area_ha: %s against %f on the plane" % (key, r["area_ha"], geometry.GetArea() / 1e4))
    cut = shares(geometry)
    if cut is None or cut[0].sum() == 0:
        if r["status"] != "no-imagery":
            failures.append("%s: beyond all imagery, but %s" % (key, r["status"]))
        continue
    w, rs, cs = cut
    total = geometry.GetArea() / 100

    def mean(a):
        v = a[rs, cs]
        ok = ~np.isnan(v)
        return (w * np.where(ok, v, 0)).sum() / (w * ok).sum() if (w * ok).sum() > 0 else math.nan

    for name in ("ndvi", "evi", "msavi2", "ndmi", "fvc"):
        check("%s %s_mean" % (key, name), r[name + "_mean"] or "nan", mean(index[name]), 0.5e-4 + 2e-6)
    looks = sum((w * (c[rs, cs] != 0)).sum() for _, _, _, c in scenes)
    m = mask_rows[key]
    check(key + " looks", m["looks"], looks / total, 6e-4)
    if looks > 0:
        used = sum((w * k[rs, cs]).sum() for _, k, _, _ in scenes)
        check(key + " clear_pct", m["clear_pct"], 100 * used / looks, 0.006)
        bad = sum((w * (np.isin(c[rs, cs], (4, 5, 6, 7)) & ~k[rs, cs])).sum() for _, k, _, c in scenes)
        check(key + " invalid_pct", m["invalid_pct"], 100 * bad / looks, 0.006)
        for reason, values in removed.items():
            share = sum((w * np.isin(c[rs, cs], values)).sum() for _, _, _, c in scenes) / looks
            check("%s %s_pct" % (key, reason), m[reason + "_pct"], 100 * share, 0.006)
    valid = (w * ~np.isnan(index["ndvi"][rs, cs])).sum() / total
    check(key + " valid_pct", r["valid_pct"], 100 * valid, 0.011)
    kind = spelling.get(feature["grass_type"], feature["grass_type"])
    x = index["ndvi"]
    fresh = mean(np.where(np.isnan(x), np.nan, np.where(x < 0.10, 0, equations[kind](x))))
    check(key + " yield_fresh", r["yield_fresh_kg_ha"] or "nan", fresh, 0.06)
    if valid < 0.8:
        if r["status"] != "data-insufficient":
            failures.append("%s: %.0f %% seen, but %s" % (key, 100 * valid, r["status"]))
        continue
    ratio, edible, use, hay = terms[kind]
    usable = fresh / ratio * edible * use * hay
    capacity = usable * float(r["area_ha"]) / (1.8 * 365)
    check(key + " usable", r["usable_kg_ha"], usable, 0.06)
    check(key + " capacity", r["capacity_su"], capacity, 0.006 + 1e-6 * capacity)
    if key not in herds:
        if r["status"] != "no-herd":
            failures.append("%s: no herd, but %s" % (key, r["status"]))
        continue
    check(key + " herd", r["herd_su"], herds[key], 0.006)
    overload = (herds[key] / (capacity * 0.85) - 1) * 100
    check(key + " overload", r["overload_pct"], overload, 0.06 + 2e-3 * abs(overload))
    limits = ((-10, "potential"), (10, "balance"), (20, "light"), (50, "moderate"), (math.inf, "severe"))
    want = next(name for limit, name in limits if overload < limit)
    if all(abs(overload - limit) > 0.1 for limit, _ in limits):
        n_classes += 1
        if r["class"] != want:
            failures.append("%s: class %s, recomputed %s" % (key, r["class"], want))
if rows:
    failures.append("rows without a pasture: %s" % ", ".join(rows))

# --- groups: sums of the pastures that have both sides, and the rate of the sums ------------------
with open(os.path.join(results, "groups.csv"), encoding="utf-8-sig") as f:
    group_rows = list(csv.DictReader(f))
wanted_groups = {("all", "")} | {(c, r[c]) for c in ("township", "village") for r in every_row}
if {(g["group_by"], g["group"]) for g in group_rows} != wanted_groups or len(group_rows) != len(wanted_groups):
    failures.append("groups.csv holds other groups than the pastures have")
for g in group_rows:
    name = "group %s %s" % (g["group_by"], g["group"])
    of = [r for r in every_row if g["group_by"] == "all" or r[g["group_by"]] == g["group"]]
    both = [r for r in of if r["status"] in ("ok", "grazed-without-forage", "not-applicable")]
    available = sum(float(r["available_su"]) for r in both)
    herd = sum(float(r["herd_su"]) for r in both)
    check(name + " pastures", g["n_pastures"], len(of), 0)
    check(name + " verdicts", g["n_verdicts"], len(both), 0)
    check(name + " area", g["area_ha"], sum(float(r["area_ha"]) for r in of), 1e-4 * len(of))
    check(name + " available", g["available_su"], available, 0.006 * len(both))
    check(name + " herd", g["herd_su"], herd, 0.006 * len(both))
    check(name + " surplus in yak", g["surplus_yak"], (available - herd) / 4, 0.06 + 0.006 * len(both))
    check(name + " overload", g["overload_pct"], (herd / available - 1) * 100, 0.06 + 0.02 * len(both))
    check(name + " reduce", g["reduce_su"], sum(float(r["reduce_su"]) for r in both), 0.006 * len(both))
    check(name + " severe", g["n_severe"], sum(r["class"] == "severe" for r in of), 0)
for f in failures[:20]:
    print("compare.py:", f, file=sys.stderr)
print(json.dumps({"cells": int(compared), "pastures": n_rows, "classes": n_classes, "failures": len(failures)}))
sys.exit(1 if failures or n_rows < 20 or n_classes < 10 else 0)
