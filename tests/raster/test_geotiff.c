/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "raster/fixture.h"

#include "caochu/geotiff.h"

enum { COLS = 1100, ROWS = 700 };

static const struct cao_raster_layout ndvi = {
    .name = "ndvi",
    .description = "NDVI, 植被指数",
    .unit = "1",
    .pixel = CAO_INT16,
    .scale = 1e-4,
    .offset = 0.25,
    .nodata = -32768,
};
static const struct cao_legend pressure_classes[] = {
    { 1, "balanced", "平衡", { 0, 128, 0 } },
    { 3, "overgrazed", "超载", { 200, 16, 0 } },
};
static const struct cao_raster_layout pressure = {
    .name = "pressure",
    .description = "grazing pressure",
    .unit = "",
    .pixel = CAO_UINT8,
    .scale = 1,
    .offset = 0,
    .nodata = 255,
    .legend = pressure_classes,
    .n_legend = 2,
};
static const struct cao_raster_layout plain = {
    .name = "yield",
    .description = "dry matter",
    .unit = "kg/ha",
    .pixel = CAO_FLOAT32,
    .scale = 1,
    .offset = 0,
    .nodata = (double)NAN,
};
static const struct cao_tag tags[] = { { "CAOCHU_PERIOD", "2024-07" },
                                       { "STANDARD", "NY/T 635—2015" } };

static struct cao_grid the_grid(void)
{
    return fx_grid("EPSG:32647", 399960, 4100040, 10, 3000, 2000);
}

/* --- packing --- */

static void pack_one(const struct cao_raster_layout *l, double v, int *stored)
{
    float value = (float)v;
    int16_t i16;
    uint16_t u16;
    uint8_t u8;
    void *out = l->pixel == CAO_INT16    ? (void *)&i16
                : l->pixel == CAO_UINT16 ? (void *)&u16
                                         : (void *)&u8;
    cao_pack(l, &value, out, 1);
    *stored = l->pixel == CAO_INT16 ? i16 : l->pixel == CAO_UINT16 ? u16 : u8;
}

static void packing_rounds_saturates_and_never_hits_no_data(void **state)
{
    (void)state;
    static const struct {
        enum cao_pixel pixel;
        double scale, offset, nodata, v;
        int want;
    } t[] = {
        { CAO_INT16, 0.5, 0, -32768, 0.25, 1 }, /* halves go away from zero */
        { CAO_INT16, 0.5, 0, -32768, -0.25, -1 },
        { CAO_INT16, 0.5, 0, -32768, 0.2499, 0 },
        { CAO_INT16, 1, 0, -32768, 2.5, 3 },
        { CAO_INT16, 1, 0, -32768, -2.5, -3 },
        { CAO_INT16, 1, 0, -32768, 0.49999997, 0 },
        { CAO_INT16, 1e-4, 0, -32768, 0.5, 5000 },
        { CAO_INT16, 1e-4, 0.25, -32768, 0.5, 2500 },
        { CAO_INT16, 1, 0, -32768, 1e9, 32767 },
        { CAO_INT16, 1, 0, -32768, -1e9, -32767 },
        { CAO_INT16, 1, 0, -32768, -32768, -32767 },
        { CAO_INT16, 1, 0, -32768, HUGE_VAL, 32767 },
        { CAO_INT16, 1, 0, -32768, (double)NAN, -32768 },
        { CAO_INT16, 1, 0, -9999, -9999.25, -10000 },
        { CAO_INT16, 1, 0, -9999, -9998.75, -9998 },
        { CAO_INT16, 1, 0, -9999, -9999, -9998 },
        { CAO_INT16, 1, 0, 32767, 40000, 32766 },
        { CAO_UINT16, 0.5, 0, 65535, 1e9, 65534 },
        { CAO_UINT16, 0.5, 0, 65535, -3, 0 },
        { CAO_UINT16, 0.5, 0, 0, -3, 1 },
        { CAO_UINT16, 0.5, 0, 0, (double)NAN, 0 },
        { CAO_UINT16, 0.5, 0, 0, 0.1, 1 },
        { CAO_UINT8, 1, 0, 255, 3, 3 },
        { CAO_UINT8, 1, 0, 255, 300, 254 },
        { CAO_UINT8, 1, 0, 255, (double)NAN, 255 },
        { CAO_INT16, -0.5, 0, -32768, 1, -2 },
    };
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct cao_raster_layout l = { .name = "t",
                                       .pixel = t[i].pixel,
                                       .scale = t[i].scale,
                                       .offset = t[i].offset,
                                       .nodata = t[i].nodata };
        int got = 0;
        pack_one(&l, t[i].v, &got);
        if (got != t[i].want)
            fprintf(stderr, "%zu: %g gave %d\n", i, t[i].v, got);
        assert_int_equal(got, t[i].want);
    }
    float in[3] = { 1.5f, (double)NAN, -7 }, out[3] = { 0 };
    cao_pack(&plain, in, out, 3);
    assert_memory_equal(in, out, sizeof in);
    assert_int_equal(cao_pixel_bytes(CAO_UINT8), 1);
    assert_int_equal(cao_pixel_bytes(CAO_UINT16), 2);
    assert_int_equal(cao_pixel_bytes(CAO_INT16), 2);
    assert_int_equal(cao_pixel_bytes(CAO_FLOAT32), 4);
}

/* What is reckoned from a raster must not depend on whether the raster was read or is being written. */
static void stored_pixels_come_back_as_the_same_pixels(void **state)
{
    (void)state;
    static const struct {
        enum cao_pixel pixel;
        double scale, offset, nodata;
    } t[] = { { CAO_INT16, 1e-4, 0, -32768 },
              { CAO_INT16, 0.2, 0, -32768 },
              { CAO_INT16, 1e-3, 0.25, -9999 },
              { CAO_UINT16, 1e-4, -0.1, 0 },
              { CAO_UINT8, 1, 0, 255 } };
    enum { ALL = 65536 };
    float *values = malloc(ALL * sizeof *values);
    uint16_t *pixels = malloc(ALL * sizeof *pixels), *back = malloc(ALL * sizeof *back);
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct cao_raster_layout l = { .name = "t",
                                       .pixel = t[i].pixel,
                                       .scale = t[i].scale,
                                       .offset = t[i].offset,
                                       .nodata = t[i].nodata };
        size_t n = t[i].pixel == CAO_UINT8 ? 256 : ALL;
        for (size_t k = 0; k < n; k++)
            if (t[i].pixel == CAO_UINT8)
                ((uint8_t *)pixels)[k] = (uint8_t)k;
            else
                pixels[k] = (uint16_t)k;
        cao_unpack(&l, pixels, values, n);
        for (size_t k = 0; k < n; k++) {
            int stored = t[i].pixel == CAO_INT16 ? (int16_t)(uint16_t)k : (int)k;
            if (stored == (int)t[i].nodata)
                assert_true(isnan(values[k]));
            else
                assert_true(values[k] == (float)(stored * t[i].scale + t[i].offset));
        }
        cao_pack(&l, values, back, n);
        assert_memory_equal(pixels, back, n * cao_pixel_bytes(t[i].pixel));
        for (size_t k = 0; k < n; k++) /* a little off, but less than rounds to a neighbour */
            values[k] += (float)(0.3 * t[i].scale * (k % 2 ? 1 : -1));
        cao_as_stored(&l, values, n);
        cao_pack(&l, values, back, n);
        for (size_t k = 0; k < n; k++) /* a value that would hit no data has stepped aside */
            assert_true(isnan(values[k]) || t[i].pixel == CAO_UINT8 || back[k] == pixels[k]);
    }
    float two[2] = { 0.123456789f, NAN }, kept[2] = { 0.123456789f, NAN };
    cao_as_stored(&plain, two, 2);
    assert_memory_equal(two, kept, sizeof two);
    free(values);
    free(pixels);
    free(back);
}

/* --- COG --- */

static int16_t *drawn(void)
{
    int16_t *p = malloc((size_t)COLS * ROWS * sizeof *p);
    for (int i = 0; i < COLS * ROWS; i++)
        p[i] = (int16_t)(i % 37 == 0
                             ? INT16_MIN
                             : 5000 + 100 * (i % COLS % 50) + (int)(fx_noise((uint32_t)i, 3) % 90));
    return p;
}

static void write_ndvi(const char *path, const struct cao_window *w, const int16_t *pixels)
{
    struct cao_error err = { 0 };
    struct cao_grid g = the_grid();
    assert_ok(cao_cog_write(path, &g, w, &ndvi, tags, 2, pixels, &err));
    cao_grid_release(&g);
}

static void a_cog_holds_pixels_place_and_description(void **state)
{
    (void)state;
    char *folder = test_folder("cog"), *path = fx_path(folder, "r000c001.tif");
    int16_t *pixels = drawn(), *back = malloc((size_t)COLS * ROWS * sizeof *back);
    struct cao_window w = { 2048, 100, COLS, ROWS };
    write_ndvi(path, &w, pixels);
    GDALDatasetH d = GDALOpen(path, GA_ReadOnly);
    assert_non_null(d);
    GDALRasterBandH b = GDALGetRasterBand(d, 1);
    double t[6], want[6] = { 399960 + 20480, 10, 0, 4100040 - 1000, 0, -10 };
    int has = 0, bx, by;
    assert_int_equal(GDALGetGeoTransform(d, t), CE_None);
    assert_memory_equal(t, want, sizeof t);
    assert_true(cao_crs_same(GDALGetProjectionRef(d), "EPSG:32647"));
    assert_int_equal(GDALRasterIO(b, GF_Read, 0, 0, COLS, ROWS, back, COLS, ROWS, GDT_Int16, 0, 0),
                     CE_None);
    assert_memory_equal(back, pixels, (size_t)COLS * ROWS * sizeof *back);
    assert_true(GDALGetRasterNoDataValue(b, &has) == -32768 && has);
    assert_true(GDALGetRasterScale(b, &has) == 1e-4 && has);
    assert_true(GDALGetRasterOffset(b, &has) == 0.25 && has);
    assert_string_equal(GDALGetDescription(b), ndvi.description);
    assert_string_equal(GDALGetRasterUnitType(b), "1");
    assert_string_equal(GDALGetMetadataItem(d, "CAOCHU_PERIOD", NULL), "2024-07");
    assert_string_equal(GDALGetMetadataItem(d, "STANDARD", NULL), "NY/T 635—2015");
    assert_string_equal(GDALGetMetadataItem(d, "LAYOUT", "IMAGE_STRUCTURE"), "COG");
    GDALGetBlockSize(b, &bx, &by);
    assert_true(bx == 512 && by == 512);
    assert_true(GDALGetOverviewCount(b) >= 2);
    /* An overview's cell is the mean of its four, no data left out. */
    GDALRasterBandH o = GDALGetOverview(b, 0);
    int16_t over[COLS / 2];
    assert_int_equal(GDALGetRasterBandXSize(o), COLS / 2);
    assert_int_equal(
        GDALRasterIO(o, GF_Read, 0, 10, COLS / 2, 1, over, COLS / 2, 1, GDT_Int16, 0, 0), CE_None);
    for (int x = 0; x < COLS / 2; x++) {
        double sum = 0;
        int n = 0;
        for (int k = 0; k < 4; k++) {
            int v = pixels[(20 + k / 2) * COLS + 2 * x + k % 2];
            sum += v == INT16_MIN ? 0 : v;
            n += v != INT16_MIN;
        }
        assert_true(fabs(over[x] - sum / n) <= 1.0);
    }
    GDALClose(d);
    struct cao_error err = { 0 };
    struct cao_raster_layout other = ndvi;
    memset(back, 0, (size_t)COLS * ROWS * sizeof *back);
    assert_ok(cao_cog_read(path, &w, &ndvi, back, &err));
    assert_memory_equal(back, pixels, (size_t)COLS * ROWS * sizeof *back);
    other.pixel = CAO_UINT16;
    assert_int_equal(cao_cog_read(path, &w, &other, back, &err), CAO_EDATA);
    w.rows++;
    assert_int_equal(cao_cog_read(path, &w, &ndvi, back, &err), CAO_EDATA);
    test_shell("truncate -s 5000 '%s'", path);
    w.rows--;
    assert_int_equal(cao_cog_read(path, &w, &ndvi, back, &err), CAO_EIO);
    assert_non_null(strstr(err.text, path));
    free(pixels);
    free(back);
    free(path);
    free(folder);
}

static void the_same_pixels_give_the_same_bytes_and_no_other_file(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    char *folder = test_folder("cog twice"), *a = fx_path(folder, "a.tif"),
         *b = fx_path(folder, "b.tif");
    int16_t *pixels = drawn();
    struct cao_window w = { 0, 0, COLS, ROWS };
    struct cao_names names = { 0 };
    char *one, *two;
    size_t n_one, n_two;
    write_ndvi(a, &w, pixels);
    write_ndvi(b, &w, pixels);
    assert_ok(cao_file_read(a, 1 << 24, &one, &n_one, &err));
    assert_ok(cao_file_read(b, 1 << 24, &two, &n_two, &err));
    assert_int_equal(n_one, n_two);
    assert_memory_equal(one, two, n_one);
    assert_ok(cao_list_dir(folder, &names, &err));
    assert_int_equal(names.n, 2);
    cao_names_release(&names);
    free(one);
    free(two);
    free(pixels);
    free(a);
    free(b);
    free(folder);
}

static void classes_keep_their_colours_and_overviews_take_the_commonest(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    char *folder = test_folder("cog classes"), *path = fx_path(folder, "pressure.tif");
    struct cao_grid g = the_grid();
    struct cao_window w = { 0, 0, COLS, ROWS };
    uint8_t *pixels = malloc((size_t)COLS * ROWS);
    for (int i = 0; i < COLS * ROWS; i++)
        pixels[i] = i % COLS % 2 == 0 && i / COLS % 2 == 0 ? 3 : 1; /* one of four is 3 */
    assert_ok(cao_cog_write(path, &g, &w, &pressure, NULL, 0, pixels, &err));
    GDALDatasetH d = GDALOpen(path, GA_ReadOnly);
    GDALRasterBandH b = GDALGetRasterBand(d, 1),
                    o = GDALGetOverview(b, GDALGetOverviewCount(b) - 1);
    GDALColorTableH table = GDALGetRasterColorTable(b);
    int cols = GDALGetRasterBandXSize(o), rows = GDALGetRasterBandYSize(o), ones = 0;
    uint8_t *over = malloc((size_t)cols * (size_t)rows);
    assert_non_null(table);
    const GDALColorEntry *c = GDALGetColorEntry(table, 3);
    assert_true(c->c1 == 200 && c->c2 == 16 && c->c3 == 0);
    assert_int_equal(GDALRasterIO(o, GF_Read, 0, 0, cols, rows, over, cols, rows, GDT_Byte, 0, 0),
                     CE_None);
    for (int i = 0; i < cols * rows; i++) {
        assert_true(over[i] == 1 || over[i] == 3);
        ones += over[i] == 1;
    }
    assert_true(ones > cols * rows * 9 / 10);
    GDALClose(d);
    free(over);
    free(pixels);
    cao_grid_release(&g);
    free(path);
    free(folder);
}

static void floats_and_small_tiles_are_written_too(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    char *folder = test_folder("cog float"), *path = fx_path(folder, "yield.tif");
    struct cao_grid g = the_grid();
    struct cao_window w = { 2995, 1997, 5, 3 };
    float pixels[15], back[15];
    for (int i = 0; i < 15; i++)
        pixels[i] = i == 4 ? NAN : (float)i * 123.25f;
    assert_ok(cao_cog_write(path, &g, &w, &plain, tags, 2, pixels, &err));
    GDALDatasetH d = GDALOpen(path, GA_ReadOnly);
    GDALRasterBandH b = GDALGetRasterBand(d, 1);
    int has = 0;
    assert_int_equal(GDALRasterIO(b, GF_Read, 0, 0, 5, 3, back, 5, 3, GDT_Float32, 0, 0), CE_None);
    for (int i = 0; i < 15; i++)
        assert_true(fx_same(back[i], pixels[i]));
    assert_true(isnan(GDALGetRasterNoDataValue(b, &has)) && has);
    GDALClose(d);
    cao_grid_release(&g);
    free(path);
    free(folder);
}

/* A raster of noise with gaps, wider and higher than two blocks, through GDAL's own decoders. */
static void check_returned(const struct cao_raster_layout *l, GDALDataType type, size_t size)
{
    struct cao_error err = { 0 };
    char *folder = test_folder("cog kinds"), *path = fx_path(folder, "a.tif");
    struct cao_grid g = the_grid();
    struct cao_window w = { 0, 0, COLS, ROWS };
    unsigned char *pixels = malloc(COLS * ROWS * size), *back = malloc(COLS * ROWS * size);
    uint32_t noise = 7;
    for (size_t i = 0; i < COLS * ROWS * size; i++)
        pixels[i] = (unsigned char)((noise = noise * 1664525u + 1013904223u) >> 24);
    assert_ok(cao_cog_write(path, &g, &w, l, NULL, 0, pixels, &err));
    GDALDatasetH d = GDALOpen(path, GA_ReadOnly);
    assert_non_null(d);
    assert_string_equal(GDALGetMetadataItem(d, "COMPRESSION", "IMAGE_STRUCTURE"),
                        l->compression == CAO_ZSTD ? "ZSTD" : "DEFLATE");
    assert_string_equal(GDALGetMetadataItem(d, "LAYOUT", "IMAGE_STRUCTURE"), "COG");
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(d, 1), GF_Read, 0, 0, COLS, ROWS, back, COLS,
                                  ROWS, type, 0, 0),
                     CE_None);
    assert_memory_equal(pixels, back, COLS * ROWS * size);
    GDALClose(d);
    cao_grid_release(&g);
    free(pixels);
    free(back);
    free(path);
    free(folder);
}

static void every_kind_of_pixel_and_compression_comes_back(void **state)
{
    (void)state;
    for (int deflate = 0; deflate < 2; deflate++) {
        struct cao_raster_layout small = pressure, wide = ndvi, day = ndvi, real = plain;
        day.pixel = CAO_UINT16;
        day.nodata = 65535;
        small.compression = wide.compression = day.compression = real.compression =
            deflate ? CAO_DEFLATE : CAO_ZSTD;
        check_returned(&small, GDT_Byte, 1);
        check_returned(&wide, GDT_Int16, 2);
        check_returned(&day, GDT_UInt16, 2);
        check_returned(&real, GDT_Float32, 4);
    }
}

static void writing_where_one_cannot_is_an_error(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    struct cao_grid g = the_grid();
    struct cao_window w = { 0, 0, COLS, ROWS }, none = { 0, 0, 0, 0 };
    int16_t *pixels = drawn();
    assert_int_equal(cao_cog_write("no such folder/a.tif", &g, &w, &ndvi, NULL, 0, pixels, &err),
                     CAO_EIO);
    assert_non_null(strstr(err.text, "no such folder/a.tif: cannot be written"));
    assert_int_equal(cao_cog_write("x.tif", &g, &none, &ndvi, NULL, 0, pixels, &err), CAO_EARG);
    struct cao_raster_layout wrong = ndvi;
    wrong.nodata = 65535;
    assert_int_equal(cao_cog_write("x.tif", &g, &w, &wrong, NULL, 0, pixels, &err), CAO_EARG);
    free(pixels);
    cao_grid_release(&g);
}

static enum cao_status write_with_room(const char *path, const int16_t *pixels, size_t room,
                                       struct cao_error *err)
{
    struct cao_grid g = the_grid();
    struct cao_window w = { 0, 0, COLS, ROWS };
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = room;
    void (*kept)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum cao_status st = cao_cog_write(path, &g, &w, &ndvi, NULL, 0, pixels, err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, kept);
    cao_grid_release(&g);
    return st;
}

/* Files may grow to some size and no further, down to one byte less than is needed: what does not
 * fit only shows when the file is closed. */
static void a_disk_that_fills_up_is_an_error_that_leaves_nothing(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    char *folder = test_folder("cog full"), *path = fx_path(folder, "a.tif");
    int16_t *pixels = drawn();
    struct cao_names names = { 0 };
    int64_t size = 0, time = 0;
    assert_ok(write_with_room(path, pixels, (size_t)1 << 30, &err));
    assert_true(cao_file_stat(path, &size, &time));
    assert_int_equal(unlink(path), 0);
    for (int64_t left = 1; left < size; left *= 2) {
        enum cao_status st = write_with_room(path, pixels, (size_t)(size - left), &err);
        if (st == CAO_OK)
            fprintf(stderr, "%lld bytes too few went unseen\n", (long long)left);
        assert_int_equal(st, CAO_EIO);
        assert_non_null(strstr(err.text, "a.tif: cannot be written: "));
        assert_ok(cao_list_dir(folder, &names, &err));
        assert_int_equal(names.n, 0);
        cao_names_release(&names);
    }
    free(pixels);
    free(path);
    free(folder);
}

/* GDAL's own checker of the layout, where Python has it. */
static void the_validator_of_gdal_is_content(void **state)
{
    (void)state;
    static const char checker[] =
        "/usr/bin/python3 -m osgeo_utils.samples.validate_cloud_optimized_geotiff";
    char command[2 * CAO_PATH_MAX];
    if (system("/usr/bin/python3 -c 'import osgeo_utils.samples.validate_cloud_optimized_geotiff' "
               "2>/dev/null") != 0) {
        printf("SKIP  %s: needs python3-gdal\n", __func__);
        skip();
    }
    char *folder = test_folder("cog valid"), *path = fx_path(folder, "a.tif");
    int16_t *pixels = drawn();
    struct cao_window w = { 0, 0, COLS, ROWS };
    write_ndvi(path, &w, pixels);
    snprintf(command, sizeof command, "%s --full-check=yes '%s' >/dev/null", checker, path);
    assert_int_equal(system(command), 0);
    free(pixels);
    free(path);
    free(folder);
}

/* --- VRT --- */

static void a_vrt_shows_its_tiles_and_says_what_they_are(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    char *folder = test_folder("vrt"), *path = fx_path(folder, "ndvi.vrt");
    char *a = fx_path(folder, "r000c000 一.tif"), *b = fx_path(folder, "r001c001.tif");
    struct cao_grid g = the_grid();
    int16_t *pixels = drawn(), *back = malloc((size_t)COLS * ROWS * sizeof *back), corner = 0;
    struct cao_mosaic_part parts[3] = {
        { { 0, 0, COLS, ROWS }, "r000c000 一.tif" },
        { { 1900, 1300, COLS, ROWS }, "r001c001.tif" },
        { { 1900, 0, 100, 100 }, "not made.tif" }, /* opening the mosaic opens no tile */
    };
    write_ndvi(a, &parts[0].window, pixels);
    write_ndvi(b, &parts[1].window, pixels);
    assert_ok(cao_vrt_write(path, &g, &ndvi, parts, 3, &err));
    GDALDatasetH d = GDALOpen(path, GA_ReadOnly);
    assert_non_null(d);
    GDALRasterBandH band = GDALGetRasterBand(d, 1);
    double t[6], want[6] = { 399960, 10, 0, 4100040, 0, -10 };
    int has = 0;
    assert_int_equal(GDALGetRasterXSize(d), 3000);
    assert_int_equal(GDALGetRasterYSize(d), 2000);
    assert_int_equal(GDALGetGeoTransform(d, t), CE_None);
    assert_memory_equal(t, want, sizeof t);
    assert_true(cao_crs_same(GDALGetProjectionRef(d), "EPSG:32647"));
    for (int i = 0; i < 2; i++) {
        const struct cao_window *w = &parts[i].window;
        assert_int_equal(GDALRasterIO(band, GF_Read, w->col, w->row, COLS, ROWS, back, COLS, ROWS,
                                      GDT_Int16, 0, 0),
                         CE_None);
        assert_memory_equal(back, pixels, (size_t)COLS * ROWS * sizeof *back);
    }
    assert_int_equal(GDALRasterIO(band, GF_Read, 5, 1500, 1, 1, &corner, 1, 1, GDT_Int16, 0, 0),
                     CE_None);
    assert_int_equal(corner, INT16_MIN);
    assert_true(GDALGetRasterScale(band, &has) == 1e-4 && has);
    assert_true(GDALGetRasterOffset(band, &has) == 0.25 && has);
    assert_true(GDALGetRasterNoDataValue(band, &has) == -32768 && has);
    assert_string_equal(GDALGetDescription(band), ndvi.description);
    assert_string_equal(GDALGetRasterUnitType(band), "1");
    GDALClose(d);
    struct cao_mosaic_part off = { { 2500, 0, COLS, ROWS }, "off.tif" };
    assert_int_equal(cao_vrt_write(path, &g, &ndvi, &off, 1, &err), CAO_EARG);
    free(pixels);
    free(back);
    free(a);
    free(b);
    free(path);
    free(folder);
    cao_grid_release(&g);
}

static void a_vrt_of_classes_names_and_colours_them(void **state)
{
    (void)state;
    struct cao_error err = { 0 };
    char *folder = test_folder("vrt classes"), *path = fx_path(folder, "pressure.vrt");
    struct cao_grid g = the_grid();
    struct cao_mosaic_part part = { { 0, 0, COLS, ROWS }, "a.tif" };
    assert_ok(cao_vrt_write(path, &g, &pressure, &part, 1, &err));
    GDALDatasetH d = GDALOpen(path, GA_ReadOnly);
    assert_non_null(d);
    GDALRasterBandH band = GDALGetRasterBand(d, 1);
    char **names = GDALGetRasterCategoryNames(band);
    GDALColorTableH table = GDALGetRasterColorTable(band);
    assert_int_equal(CSLCount(names), 4);
    assert_string_equal(names[0], "");
    assert_string_equal(names[1], "平衡 balanced");
    assert_string_equal(names[3], "超载 overgrazed");
    assert_non_null(table);
    const GDALColorEntry *c = GDALGetColorEntry(table, 1);
    assert_true(c->c1 == 0 && c->c2 == 128 && c->c3 == 0 && c->c4 == 255);
    assert_int_equal(GDALGetColorEntry(table, 255)->c4, 0);
    assert_int_equal(GDALGetRasterColorInterpretation(band), GCI_PaletteIndex);
    GDALClose(d);
    free(path);
    free(folder);
    cao_grid_release(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packing_rounds_saturates_and_never_hits_no_data),
        cmocka_unit_test(stored_pixels_come_back_as_the_same_pixels),
        cmocka_unit_test(a_cog_holds_pixels_place_and_description),
        cmocka_unit_test(the_same_pixels_give_the_same_bytes_and_no_other_file),
        cmocka_unit_test(classes_keep_their_colours_and_overviews_take_the_commonest),
        cmocka_unit_test(floats_and_small_tiles_are_written_too),
        cmocka_unit_test(every_kind_of_pixel_and_compression_comes_back),
        cmocka_unit_test(writing_where_one_cannot_is_an_error),
        cmocka_unit_test(a_disk_that_fills_up_is_an_error_that_leaves_nothing),
        cmocka_unit_test(the_validator_of_gdal_is_content),
        cmocka_unit_test(a_vrt_shows_its_tiles_and_says_what_they_are),
        cmocka_unit_test(a_vrt_of_classes_names_and_colours_them),
    };
    return cmocka_run_group_tests_name("geotiff", tests, fx_setup, fx_teardown);
}
