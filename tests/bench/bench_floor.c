/* SPDX-License-Identifier: MIT
 * The floor under a run: the CPU time of decoding its inputs' blocks once and of encoding its
 * outputs once, with the libraries and settings of the run, and nothing else.
 * Usage: bench-floor decode FILE...    all blocks of the rasters, as GDAL's block reading gives them
 *        bench-floor decode-own FILE...    the same by the run's own way to plain TIFFs
 *        bench-floor encode [deflate] FILE...   the rasters written again, from memory, as the run does
 * Prints seconds of CPU. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cpl_conv.h>
#include <gdal.h>

#include "caochu/geotiff.h"
#include "caochu/reader.h"
#include "raster/tiff_blocks.h"

static double cpu(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static int fail(const char *path)
{
    fprintf(stderr, "bench-floor: %s: %s\n", path, CPLGetLastErrorMsg());
    return 1;
}

static int decode(const char *path)
{
    GDALDatasetH d = GDALOpen(path, GA_ReadOnly);
    if (!d)
        return fail(path);
    GDALRasterBandH b = GDALGetRasterBand(d, 1);
    int cols, rows, width = GDALGetRasterXSize(d), height = GDALGetRasterYSize(d);
    GDALGetBlockSize(b, &cols, &rows);
    void *block = malloc((size_t)cols * (size_t)rows * 8);
    int bad = !block;
    for (int y = 0; !bad && y * rows < height; y++)
        for (int x = 0; !bad && x * cols < width; x++)
            bad = GDALReadBlock(b, x, y, block) != CE_None;
    free(block);
    GDALClose(d);
    return bad ? fail(path) : 0;
}

static int decode_own(const char *path)
{
    struct cao_tiff *t = cao_tiff_open(path);
    struct cao_tiff_decoder *d = cao_tiff_decoder_create();
    int bad = !t || !d;
    if (!bad) {
        const struct cao_tiff_shape *p = cao_tiff_shape(t);
        uint16_t *block = malloc((size_t)p->block_cols * (size_t)p->block_rows * sizeof *block);
        for (int y = 0; !bad && y * p->block_rows < p->height; y++)
            for (int x = 0; !bad && x * p->block_cols < p->width; x++)
                bad = !block || !cao_tiff_decode(t, d, x, y, block);
        free(block);
    }
    cao_tiff_close(t);
    cao_tiff_decoder_destroy(d);
    return bad ? decode(path) : 0;
}

static enum cao_pixel pixel_of(GDALDataType t)
{
    return t == GDT_Byte     ? CAO_UINT8
           : t == GDT_UInt16 ? CAO_UINT16
           : t == GDT_Int16  ? CAO_INT16
                             : CAO_FLOAT32;
}

static int encode(const char *path, enum cao_compression compression, double *seconds)
{
    struct cao_error err = { 0 };
    GDALDatasetH d = GDALOpen(path, GA_ReadOnly);
    if (!d)
        return fail(path);
    GDALRasterBandH b = GDALGetRasterBand(d, 1);
    int width = GDALGetRasterXSize(d), height = GDALGetRasterYSize(d), has;
    double t[6];
    GDALDataType type = GDALGetRasterDataType(b);
    void *pixels = malloc((size_t)width * (size_t)height * 4);
    struct cao_grid g = { 0 };
    const struct cao_legend legend[] = { { 1, "a", "a", { 1, 2, 3 } } };
    bool classes = GDALGetRasterColorTable(b) != NULL;
    struct cao_raster_layout l = { .name = "x",
                                   .description = "x",
                                   .unit = "",
                                   .pixel = pixel_of(type),
                                   .scale = 1,
                                   .nodata = GDALGetRasterNoDataValue(b, &has),
                                   .legend = legend,
                                   .n_legend = classes,
                                   .compression = compression };
    struct cao_window w = { 0, 0, width, height };
    int bad =
        !pixels || GDALGetGeoTransform(d, t) != CE_None ||
        GDALRasterIO(b, GF_Read, 0, 0, width, height, pixels, width, height, type, 0, 0) !=
            CE_None ||
        cao_grid_init(&g, "EPSG:32647", t[0], t[3], t[1], width, height, 2048, &err) != CAO_OK;
    double began = cpu();
    if (!bad && cao_cog_write("/vsimem/floor.tif", &g, &w, &l, NULL, 0, pixels, &err) != CAO_OK) {
        fprintf(stderr, "%s\n", err.text);
        bad = 1;
    }
    *seconds += cpu() - began;
    VSIUnlink("/vsimem/floor.tif");
    cao_grid_release(&g);
    free(pixels);
    GDALClose(d);
    return bad ? fail(path) : 0;
}

int main(int argc, char **argv)
{
    struct cao_error err = { 0 };
    double seconds = 0;
    int bad = 0;
    bool own = argc > 1 && strcmp(argv[1], "decode-own") == 0;
    bool decoding = own || (argc > 1 && strcmp(argv[1], "decode") == 0);
    if (argc < 3 || (!decoding && strcmp(argv[1], "encode") != 0)) {
        fprintf(stderr, "usage: bench-floor decode|decode-own|encode FILE...\n");
        return 2;
    }
    if (cao_raster_setup(128, &err) != CAO_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    bool deflate = strcmp(argv[2], "deflate") == 0;
    double began = cpu();
    for (int i = 2 + deflate; !bad && i < argc; i++)
        bad = own        ? decode_own(argv[i])
              : decoding ? decode(argv[i])
                         : encode(argv[i], deflate ? CAO_DEFLATE : CAO_ZSTD, &seconds);
    if (decoding)
        seconds = cpu() - began;
    printf("%.3f\n", seconds);
    cao_raster_teardown();
    return bad;
}
