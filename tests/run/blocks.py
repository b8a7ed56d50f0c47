"""Hands of a test on the blocks of images, apart from our own code: GDAL's Python and bytes.

    blocks.py reblock FILE SIZE              the same image in blocks of that size
    blocks.py cloud FILE COL ROW COLS ROWS   scene class 9 in that window
    blocks.py spoil FILE COL ROW             noise in place of what the block of that place holds
"""
import os
import sys

from osgeo import gdal

gdal.UseExceptions()


def jp2_tiles(data):
    """Index, begin and end of each tile part of a code stream behind its SOT (ISO/IEC 15444-1, annex A), its
    SOD with it: OpenJPEG takes noise behind that for an image."""
    at = data.index(b"\xff\x4f\xff\x51")  # SOC, SIZ
    at += 2
    while data[at:at + 2] != b"\xff\x90":  # SOT
        at += 2 + int.from_bytes(data[at + 2:at + 4], "big")
    while data[at:at + 2] == b"\xff\x90":
        tile = int.from_bytes(data[at + 4:at + 6], "big")
        length = int.from_bytes(data[at + 6:at + 10], "big")
        yield tile, at + 12, at + length
        at += length


def copy(path, source, size):
    jp2 = path.endswith(".jp2")
    options = ["BLOCKXSIZE=%d" % size, "BLOCKYSIZE=%d" % size]
    options += ["QUALITY=100", "REVERSIBLE=YES"] if jp2 else ["TILED=YES", "COMPRESS=DEFLATE"]
    gdal.GetDriverByName("JP2OpenJPEG" if jp2 else "GTiff").CreateCopy(
        path + ".new", source, options=options)
    os.replace(path + ".new", path)


def spoil(path, col, row):
    image = gdal.Open(path)
    band = image.GetRasterBand(1)
    data = bytearray(open(path, "rb").read())
    cols = band.GetBlockSize()[0]
    if path.endswith(".jp2"):
        wanted = row * -(-image.RasterXSize // cols) + col
        parts = [(b, e) for tile, b, e in jp2_tiles(data) if tile == wanted]
    else:
        place = "_%d_%d" % (col, row)
        begin = int(band.GetMetadataItem("BLOCK_OFFSET" + place, "TIFF"))
        parts = [(begin, begin + int(band.GetMetadataItem("BLOCK_SIZE" + place, "TIFF")))]
    assert parts
    for begin, end in parts:
        data[begin:end] = bytes((i * 151 + 87) % 251 for i in range(end - begin))
    times = os.stat(path)
    with open(path, "r+b") as f:
        f.write(data)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


what, path, *numbers = sys.argv[1:]
numbers = [int(n) for n in numbers]
if what == "spoil":
    spoil(path, *numbers)
else:
    image = gdal.GetDriverByName("MEM").CreateCopy("", gdal.Open(path))
    size = numbers[0] if what == "reblock" else gdal.Open(path).GetRasterBand(1).GetBlockSize()[0]
    if what == "cloud":
        col, row, cols, rows = numbers
        image.GetRasterBand(1).WriteRaster(col, row, cols, rows, b"\x09" * (cols * rows))
    copy(path, image, size)
