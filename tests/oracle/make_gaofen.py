#!/usr/bin/python3
"""Makes raw Gaofen products of the made valley, as a camera in orbit would see it over real relief.

Usage: make_gaofen.py WORLD-FOLDER OUT-FOLDER

Independent of the program: the ground under each pixel is found by GDAL's RPC transformer, its reflectance
is that of the valley's first Sentinel-2 product, and digital numbers follow from the notice's gains of 2022
(GF-1 WFV3, GF-6 WFV), the sun and the distance to it. Writes GF-1 WFV3 and GF-6 WFV (its part 2) with XML
and camera model, and the elevation model dem.tif.
"""
import glob
import math
import os
import sys

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()
world, out = sys.argv[1], sys.argv[2]
os.makedirs(out, exist_ok=True)
safe = sorted(glob.glob(os.path.join(world, "imagery", "*MSIL2A*.SAFE")))[0]


def band(name):
    d = gdal.Open(glob.glob(os.path.join(safe, "GRANULE", "*", "IMG_DATA", "R10m", "*_%s_10m.*" % name))[0])
    return d, (d.ReadAsArray().astype("f8") - 1000) / 10000


source, blue = band("B02")
reflectance = {"B": blue, "G": band("B03")[1], "R": band("B04")[1], "N": band("B08")[1]}
t = source.GetGeoTransform()
rows, cols = blue.shape
utm = osr.SpatialReference(wkt=source.GetProjection())
utm.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
wgs = osr.SpatialReference()
wgs.ImportFromEPSG(4326)
wgs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
to_geo, to_utm = osr.CoordinateTransformation(utm, wgs), osr.CoordinateTransformation(wgs, utm)
lon, lat, _ = to_geo.TransformPoint(t[0] + cols * 5, t[3] - rows * 5)

# Relief of 800 m; posts every 0.0005 degrees, reaching beyond the images.
posts, step = 600, 0.0005
i, j = np.mgrid[0:posts, 0:posts]
heights = (3600 + 250 * np.sin(j / 21.0) + 150 * np.cos(i / 13.0)).astype("f4")
dem = gdal.GetDriverByName("GTiff").Create(os.path.join(out, "dem.tif"), posts, posts, 1, gdal.GDT_Float32)
dem.SetGeoTransform((lon - step * posts / 2, step, 0, lat + step * posts / 2, 0, -step))
dem.SetProjection(wgs.ExportToWkt())
dem.GetRasterBand(1).WriteArray(heights)
dem = None

gsd = 16.0
width = height = int(math.ceil(1.5 * max(rows, cols) * 10 / gsd))
half_lat = width / 2 * gsd / 111320.0
half_lon = half_lat / math.cos(math.radians(lat))
tilt = 0.30 * 1000 / (width / 2 * gsd)  # 17 degrees off nadir: 300 m sideways for 1000 m of height
model = {
    "lineOffset": height / 2, "sampOffset": width / 2, "latOffset": lat, "longOffset": lon, "heightOffset": 3600,
    "lineScale": height / 2, "sampScale": width / 2, "latScale": half_lat, "longScale": half_lon, "heightScale": 1000,
    "lineNumCoef": [0, 0.06, -0.98, 0.02] + [0] * 16, "lineDenCoef": [1, 1e-3, -1e-3, 1e-4] + [0] * 16,
    "sampNumCoef": [0, 0.98, 0.06, tilt] + [0] * 16, "sampDenCoef": [1, 5e-4, 1e-3, 1e-4] + [0] * 16,
}


def rpb():
    lines = ['satId = "GF1";', 'bandId = "GF1";', 'SpecId = "GF1";', "BEGIN_GROUP = IMAGE", "\terrBias =   1.0;", "\terrRand =    0.0;"]
    for key, v in model.items():
        if isinstance(v, list):
            lines.append("\t%s = (\n%s);" % (key, ",\n".join("\t\t\t%+.15E" % c for c in v)))
        else:
            lines.append("\t%s = %.15f;" % (key, v))
    return "\r\n".join(lines + ["END_GROUP = IMAGE", "END;", ""])


XML = """<?xml version="1.0" encoding="UTF-8" ?>
<ProductMetaData>
    <SatelliteID>%s</SatelliteID>
    <SensorID>%s</SensorID>
    <ReceiveTime>2024-07-18 03:55:00</ReceiveTime>
    <ProductLevel>LEVEL1A</ProductLevel>
    <CenterTime>2024-07-%d 11:55:10</CenterTime>
    <ImageGSD>16</ImageGSD>
    <WidthInPixels>%d</WidthInPixels>
    <HeightInPixels>%d</HeightInPixels>
    <CloudPercent>3</CloudPercent>
    <SolarZenith>21.5</SolarZenith>
</ProductMetaData>
"""


def product(satellite, sensor, day, name, suffix, bands, gains, esun):
    image = os.path.join(out, name + suffix + ".tiff")
    d = gdal.GetDriverByName("GTiff").Create(image, width, height, len(bands), gdal.GDT_UInt16)
    with open(os.path.join(out, name + suffix + ".rpb"), "w", newline="") as f:
        f.write(rpb())
    d.SetMetadata({"LINE_OFF": str(model["lineOffset"]), "SAMP_OFF": str(model["sampOffset"]), "LAT_OFF": repr(lat),
                   "LONG_OFF": repr(lon), "HEIGHT_OFF": "3600", "LINE_SCALE": str(height / 2),
                   "SAMP_SCALE": str(width / 2), "LAT_SCALE": repr(half_lat), "LONG_SCALE": repr(half_lon),
                   "HEIGHT_SCALE": "1000",
                   "LINE_NUM_COEFF": " ".join(map(repr, model["lineNumCoef"])),
                   "LINE_DEN_COEFF": " ".join(map(repr, model["lineDenCoef"])),
                   "SAMP_NUM_COEFF": " ".join(map(repr, model["sampNumCoef"])),
                   "SAMP_DEN_COEFF": " ".join(map(repr, model["sampDenCoef"]))}, "RPC")
    camera = gdal.Transformer(d, None, ["METHOD=RPC", "RPC_DEM=" + os.path.join(out, "dem.tif")])
    y, x = np.mgrid[0:height, 0:width] + 0.5
    ground, ok = camera.TransformPoints(False, np.column_stack([x.ravel(), y.ravel()]).tolist())
    ground = np.array([g[:2] for g in ground])
    where = np.array(to_utm.TransformPoints(ground.tolist()))[:, :2]
    col = np.floor((where[:, 0] - t[0]) / 10).astype(int).reshape(height, width)
    row = np.floor((t[3] - where[:, 1]) / 10).astype(int).reshape(height, width)
    inside = (col > 1) & (col < cols - 2) & (row > 1) & (row < rows - 2) & (np.array(ok).reshape(height, width) != 0)
    distance = 1 - 0.01672 * math.cos(math.radians(0.9856 * (200 - 18 + day - 4)))
    d.SetMetadata({}, "RPC")
    for k, letter in enumerate(bands):
        # a 16 m pixel sees what lies around it: the mean of 3 x 3 cells
        r = np.full((height, width), 0.2)
        if letter in reflectance:
            v = reflectance[letter]
            mean = sum(np.roll(np.roll(v, a, 0), b, 1) for a in (-1, 0, 1) for b in (-1, 0, 1)) / 9
            r[inside] = mean[row[inside], col[inside]]
        radiance = r * esun[k] * math.cos(math.radians(21.5)) / (math.pi * distance ** 2)
        dn = np.where(inside, np.clip(np.round(radiance / gains[k]), 1, 65535), 0)
        d.GetRasterBand(k + 1).WriteArray(dn.astype("u2"))
    d = None
    for side_car in glob.glob(image + ".aux.xml") + glob.glob(os.path.splitext(image)[0] + "_RPC*"):
        os.remove(side_car)
    with open(os.path.join(out, name + ".xml"), "w") as f:
        f.write(XML % (satellite, sensor, day, width, height))


place = "E%.1f_N%.1f" % (lon, lat)
product("GF1", "WFV3", 18, "GF1_WFV3_%s_20240718_L1A0006459246" % place, "", "BGRN",
        (0.2085, 0.1743, 0.1385, 0.1438), (1956.62, 1840.46, 1541.45, 1084.06))
product("GF6", "WFV", 19, "GF6_WFV_%s_20240719_L1A1119837169" % place, "-2", ("B", "G", "R", "N", "RE1", "RE2", "A", "Y"),
        (0.0631, 0.0469, 0.0443, 0.0297, 0.0503, 0.0439, 0.0775, 0.0505),
        (1952.16, 1847.43, 1554.76, 1074.06, 1412.0, 1267.39, 1792.64, 1736.92))
