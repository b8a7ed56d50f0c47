# SPDX-License-Identifier: MIT
"""Cut the only SAFE product of FOLDER/imagery in two, as at the edge of a UTM zone: the west keeps its zone, the
east is carried to the next one by GDAL, and both hold the ground between. Products of one overpass."""
import glob
import os
import re
import shutil
import sys

from osgeo import gdal, osr

gdal.UseExceptions()
folder = sys.argv[1]
(product,) = glob.glob(os.path.join(folder, "imagery", "*.SAFE"))
east = product.replace("T47SMU", "T48STE")
shutil.copytree(product, east)


def rewrite(path, changes):
    text = open(path, encoding="utf-8").read()
    for pattern, new in changes:
        text, n = re.subn(pattern, new, text)
        assert n, pattern
    open(path, "w", encoding="utf-8").write(text)


def place(top, zone, x, y, cols, rows):
    """Say in the tile's metadata where it lies; cols and rows at 10 m."""
    (xml,) = glob.glob(os.path.join(top, "GRANULE", "*", "MTD_TL.xml"))
    changes = [(r"EPSG:326\d\d", f"EPSG:326{zone}"), (r"zone \d\dN", f"zone {zone}N"),
               (r"<ULX>\d+", f"<ULX>{x}"), (r"<ULY>\d+", f"<ULY>{y}")]
    for res in (10, 20, 60):
        changes.append((rf'(<Size resolution="{res}">\s*)<NROWS>\d+</NROWS>(\s*)<NCOLS>\d+',
                        rf"\g<1><NROWS>{rows * 10 // res}</NROWS>\g<2><NCOLS>{cols * 10 // res}"))
    rewrite(xml, changes)


for path in glob.glob(os.path.join(east, "**", "*T47SMU*"), recursive=True)[::-1]:
    os.rename(path, os.path.join(os.path.dirname(path),
                                 os.path.basename(path).replace("T47SMU", "T48STE")))
for path in glob.glob(os.path.join(east, "**", "*.xml"), recursive=True):
    rewrite(path, [("T47SMU", "T48STE")])

ULX, ULY, SIDE, WEST, FROM = 399960, 3900000, 408, 288, 204  # cells of 10 m
a, b = osr.SpatialReference(), osr.SpatialReference()
a.ImportFromEPSG(32647)
b.ImportFromEPSG(32648)
way = osr.CoordinateTransformation(a, b)
corners = [way.TransformPoint(ULX + 10.0 * c, ULY - 10.0 * r)[:2]
           for c in (FROM, SIDE) for r in (0, SIDE)]
x0 = int(min(p[0] for p in corners) // 60 * 60)
x1 = int(-(-max(p[0] for p in corners) // 60) * 60)
y0 = int(min(p[1] for p in corners) // 60 * 60)
y1 = int(-(-max(p[1] for p in corners) // 60) * 60)

for path in glob.glob(os.path.join(east, "**", "*m.tif"), recursive=True):
    res = int(path[-7:-5])
    d = gdal.Translate("", path, format="MEM",
                       srcWin=[FROM * 10 // res, 0, (SIDE - FROM) * 10 // res, SIDE * 10 // res])
    gdal.Warp(path + ".new", d, format="GTiff", dstSRS="EPSG:32648", xRes=res, yRes=res,
              outputBounds=[x0, y0, x1, y1], srcNodata=0, dstNodata=0,
              resampleAlg="near" if "SCL" in path else "cubic",
              creationOptions=["TILED=YES", "BLOCKXSIZE=128", "BLOCKYSIZE=128", "COMPRESS=DEFLATE"])
    os.rename(path + ".new", path)
place(east, 48, x0, y1, (x1 - x0) // 10, (y1 - y0) // 10)

for path in glob.glob(os.path.join(product, "**", "*m.tif"), recursive=True):
    res = int(path[-7:-5])
    gdal.Translate(path + ".new", path, format="GTiff",
                   srcWin=[0, 0, WEST * 10 // res, SIDE * 10 // res],
                   creationOptions=["TILED=YES", "BLOCKXSIZE=128", "BLOCKYSIZE=128", "COMPRESS=DEFLATE"])
    os.rename(path + ".new", path)
place(product, 47, ULX, ULY, WEST, SIDE)
