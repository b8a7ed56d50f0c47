/* SPDX-License-Identifier: MIT
 * Blocks of plain TIFFs beside those that GDAL reads of the same files, kind by kind; files that are
 * not plain, and files with wrong bytes, are left to GDAL. */
#include "raster/fixture.h"

#include "raster/block_cache.h"

enum { WIDTH = 100, HEIGHT = 70, SIDE = 48 };

static const char path[] = "/vsimem/blocks.tif";

/* Noise on a slope, so that differences wrap round now and then. */
static void draw(GDALDataType type, uint16_t dn[WIDTH * HEIGHT])
{
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
        dn[i] = (uint16_t)(type == GDT_Byte ? fx_noise(i, 3) % 256
                                            : fx_noise(i, 3) % 4000 + 700 * (i % WIDTH));
}

static void write_kind(GDALDataType type, const char *compress, const char *predictor,
                       const char *more)
{
    char side[2][24], a[32], b[32];
    uint16_t dn[WIDTH * HEIGHT];
    const double t[6] = { 399960, 10, 0, 4100040, 0, -10 };
    snprintf(side[0], sizeof side[0], "BLOCKXSIZE=%d", SIDE);
    snprintf(side[1], sizeof side[1], "BLOCKYSIZE=%d", SIDE);
    snprintf(a, sizeof a, "COMPRESS=%s", compress);
    snprintf(b, sizeof b, "PREDICTOR=%s", predictor);
    const char *options[] = { "TILED=YES", side[0], side[1], a, b, more, NULL };
    draw(type, dn);
    fx_write(path, "GTiff", options, NULL, t, WIDTH, HEIGHT, type, dn);
}

/* Each block of the image as GDAL has it and as it is decoded here; how many were left to GDAL. */
static int compare(struct cao_tiff *t)
{
    int left = 0;
    GDALDatasetH d = GDALOpen(path, GA_ReadOnly);
    struct cao_tiff_decoder *decoder = cao_tiff_decoder_create();
    assert_non_null(d);
    assert_non_null(decoder);
    GDALRasterBandH band = GDALGetRasterBand(d, 1);
    const struct cao_tiff_shape *p = cao_tiff_shape(t);
    int cols, rows;
    GDALGetBlockSize(band, &cols, &rows);
    assert_int_equal(p->width, WIDTH);
    assert_int_equal(p->height, HEIGHT);
    assert_int_equal(p->block_cols, cols);
    assert_int_equal(p->block_rows, rows);
    uint16_t *ours = malloc((size_t)(cols * rows) * 2), *theirs = malloc((size_t)(cols * rows) * 2);
    GDALDataType type = GDALGetRasterDataType(band) == GDT_Int16 ? GDT_Int16 : GDT_UInt16;
    for (int y = 0; y * rows < HEIGHT; y++)
        for (int x = 0; x * cols < WIDTH; x++) {
            int w = WIDTH - x * cols < cols ? WIDTH - x * cols : cols;
            int h = HEIGHT - y * rows < rows ? HEIGHT - y * rows : rows;
            if (!cao_tiff_decode(t, decoder, x, y, ours)) {
                left++;
                continue;
            }
            assert_int_equal(
                GDALRasterIO(band, GF_Read, x * cols, y * rows, w, h, theirs, w, h, type, 2, 2 * w),
                CE_None);
            for (int r = 0; r < h; r++)
                assert_memory_equal(ours + r * cols, theirs + r * w, (size_t)w * 2);
        }
    assert_false(cao_tiff_decode(t, decoder, -1, 0, ours));
    assert_false(cao_tiff_decode(t, decoder, 0, 1000, ours));
    assert_false(cao_tiff_decode(t, decoder, (WIDTH - 1) / cols + 1, 0, ours));
    free(ours);
    free(theirs);
    cao_tiff_decoder_destroy(decoder);
    GDALClose(d);
    return left;
}

static void plain_blocks_are_those_that_gdal_reads(void **state)
{
    (void)state;
    static const struct {
        GDALDataType type;
        const char *compress, *predictor, *more;
    } kinds[] = {
        { GDT_UInt16, "DEFLATE", "2", NULL },
        { GDT_UInt16, "DEFLATE", "1", NULL },
        { GDT_UInt16, "ZSTD", "2", NULL },
        { GDT_UInt16, "ZSTD", "1", NULL },
        { GDT_UInt16, "NONE", "1", NULL },
        { GDT_Int16, "DEFLATE", "2", NULL },
        { GDT_Byte, "DEFLATE", "2", NULL },
        { GDT_Byte, "ZSTD", "1", NULL },
        { GDT_UInt16, "DEFLATE", "2", "BIGTIFF=YES" },
        { GDT_Byte, "NONE", "1", "BIGTIFF=YES" },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        write_kind(kinds[i].type, kinds[i].compress, kinds[i].predictor, kinds[i].more);
        struct cao_tiff *t = cao_tiff_open(path);
        assert_non_null(t);
        assert_int_equal(cao_tiff_shape(t)->is_signed, kinds[i].type == GDT_Int16);
        assert_int_equal(compare(t), 0);
        cao_tiff_close(t);
        VSIUnlink(path);
    }
}

/* Floating point in each form of storage, in blocks that are no multiple of four wide: NaN, infinite
 * and tiny numbers among them, every bit as GDAL has it. */
static void floating_point_is_bit_by_bit_what_gdal_reads(void **state)
{
    (void)state;
    static const char *const kinds[][2] = { { "DEFLATE", "3" }, { "DEFLATE", "2" },
                                            { "DEFLATE", "1" }, { "ZSTD", "3" },
                                            { "ZSTD", "2" },    { "NONE", "1" } };
    static const int sides[] = { 16, 48, 112 };
    float v[WIDTH * HEIGHT];
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        v[i] = (float)(fx_noise(i, 5) % 20000) / 9999.0f - 1.0f;
        if (i % 17 == 0)
            v[i] = i % 3 ? NAN : i % 2 ? HUGE_VALF : 1e-42f;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        for (size_t s = 0; s < 3; s++) {
            char text[4][32], tiled[] = "TILED=YES";
            snprintf(text[0], sizeof text[0], "BLOCKXSIZE=%d", sides[s]);
            snprintf(text[1], sizeof text[1], "BLOCKYSIZE=%d", sides[s]);
            snprintf(text[2], sizeof text[2], "COMPRESS=%s", kinds[i][0]);
            snprintf(text[3], sizeof text[3], "PREDICTOR=%s", kinds[i][1]);
            char *options[] = { tiled, text[0], text[1], text[2], text[3], NULL };
            GDALDatasetH d = GDALCreate(GDALGetDriverByName("GTiff"), path, WIDTH, HEIGHT, 1,
                                        GDT_Float32, options);
            assert_non_null(d);
            assert_int_equal(GDALRasterIO(GDALGetRasterBand(d, 1), GF_Write, 0, 0, WIDTH, HEIGHT, v,
                                          WIDTH, HEIGHT, GDT_Float32, 0, 0),
                             CE_None);
            GDALClose(d);
            struct cao_tiff *t = cao_tiff_open(path);
            struct cao_tiff_decoder *decoder = cao_tiff_decoder_create();
            assert_non_null(t);
            assert_non_null(decoder);
            const struct cao_tiff_shape *p = cao_tiff_shape(t);
            assert_true(p->is_float && p->bytes == 4 && p->block_cols == sides[s]);
            float *block = malloc((size_t)(sides[s] * sides[s]) * sizeof *block);
            uint16_t *dn = malloc((size_t)(sides[s] * sides[s]) * sizeof *dn);
            assert_false(cao_tiff_decode(t, decoder, 0, 0, dn));
            for (int y = 0; y < HEIGHT; y += sides[s])
                for (int x = 0; x < WIDTH; x += sides[s]) {
                    assert_true(
                        cao_tiff_decode_floats(t, decoder, x / sides[s], y / sides[s], block));
                    for (int r = 0; r < sides[s] && y + r < HEIGHT; r++) {
                        int n = WIDTH - x < sides[s] ? WIDTH - x : sides[s];
                        assert_memory_equal(block + r * sides[s], v + (y + r) * WIDTH + x,
                                            (size_t)n * sizeof *v);
                    }
                }
            free(block);
            free(dn);
            cao_tiff_decoder_destroy(decoder);
            cao_tiff_close(t);
            VSIUnlink(path);
        }
}

static void what_is_not_plain_is_left_to_gdal(void **state)
{
    (void)state;
    static const struct {
        GDALDataType type;
        const char *compress, *predictor, *more;
    } kinds[] = {
        { GDT_UInt16, "LZW", "2", NULL },
        { GDT_UInt16, "DEFLATE", "2", "ENDIANNESS=BIG" },
        { GDT_UInt16, "DEFLATE", "1", "NBITS=12" },
        { GDT_Int32, "DEFLATE", "2", NULL },
        { GDT_Float64, "DEFLATE", "3", NULL },
        { GDT_Float32, "LZW", "3", NULL },
        { GDT_Float32, "DEFLATE", "3", "ENDIANNESS=BIG" },
        { GDT_Float32, "DEFLATE", "1", "NBITS=16" },
        { GDT_Byte, "JPEG", "1", NULL },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        write_kind(kinds[i].type, kinds[i].compress, kinds[i].predictor, kinds[i].more);
        assert_null(cao_tiff_open(path));
        VSIUnlink(path);
    }
    uint16_t dn[WIDTH * HEIGHT];
    const char *const strips[] = { "COMPRESS=DEFLATE", NULL };
    const double place[6] = { 399960, 10, 0, 4100040, 0, -10 };
    draw(GDT_UInt16, dn);
    fx_write(path, "GTiff", strips, NULL, place, WIDTH, HEIGHT, GDT_UInt16, dn);
    assert_null(cao_tiff_open(path));
    VSIUnlink(path);
    assert_null(cao_tiff_open("/vsimem/is not there.tif"));
}

static void blocks_that_were_never_written_are_left_to_gdal(void **state)
{
    (void)state;
    char **options = NULL;
    options = CSLSetNameValue(options, "SPARSE_OK", "TRUE");
    options = CSLSetNameValue(options, "TILED", "YES");
    options = CSLSetNameValue(options, "BLOCKXSIZE", "48");
    options = CSLSetNameValue(options, "BLOCKYSIZE", "48");
    options = CSLSetNameValue(options, "COMPRESS", "DEFLATE");
    uint16_t dn[SIDE * SIDE];
    for (uint32_t i = 0; i < SIDE * SIDE; i++)
        dn[i] = (uint16_t)fx_noise(i, 9);
    GDALDatasetH d =
        GDALCreate(GDALGetDriverByName("GTiff"), path, WIDTH, HEIGHT, 1, GDT_UInt16, options);
    assert_non_null(d);
    assert_int_equal(GDALWriteBlock(GDALGetRasterBand(d, 1), 1, 0, dn), CE_None);
    GDALClose(d);
    CSLDestroy(options);
    struct cao_tiff *t = cao_tiff_open(path);
    assert_non_null(t);
    assert_int_equal(compare(t), 5);
    cao_tiff_close(t);
    VSIUnlink(path);
}

/* Every byte of the head in turn, and some of the blocks: what is decoded all the same is inside. */
static void hostile_bytes_end_in_a_refusal_or_in_numbers(void **state)
{
    (void)state;
    static const char *const kinds[] = { "DEFLATE", "ZSTD", "NONE" };
    static const unsigned char wrong[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
    struct cao_tiff_decoder *decoder = cao_tiff_decoder_create();
    size_t opened = 0, refused = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        write_kind(GDT_UInt16, kinds[i], strcmp(kinds[i], "NONE") == 0 ? "1" : "2",
                   i == 0 ? "BIGTIFF=YES" : NULL);
        vsi_l_offset size = 0;
        GByte *file = VSIGetMemFileBuffer(path, &size, TRUE);
        assert_non_null(file);
        for (size_t at = 0; at < size; at += at < 700 ? 1 : 97)
            for (size_t k = 0; k < sizeof wrong; k++) {
                /* as large as the file, so that ASan sees a read past it */
                GByte *copy = malloc((size_t)size);
                memcpy(copy, file, (size_t)size);
                copy[at] = wrong[k];
                size_t cut = k == 4 ? at : (size_t)size;
                VSIFCloseL(VSIFileFromMemBuffer("/vsimem/hostile.tif", copy, cut, FALSE));
                struct cao_tiff *t = cao_tiff_open("/vsimem/hostile.tif");
                opened += t != NULL;
                refused += t == NULL;
                if (t) {
                    const struct cao_tiff_shape *p = cao_tiff_shape(t);
                    size_t n = (size_t)p->block_cols * (size_t)p->block_rows;
                    assert_in_range(n, 1, CAO_TIFF_MOST_PIXELS);
                    uint16_t *dn = malloc(n * sizeof *dn);
                    float *values = malloc(n * sizeof *values);
                    for (int b = 0; b < 6; b++)
                        if (!cao_tiff_decode(t, decoder, b % 3, b / 3, dn))
                            (void)!cao_tiff_decode_floats(t, decoder, b % 3, b / 3, values);
                    free(dn);
                    free(values);
                }
                cao_tiff_close(t);
                VSIUnlink("/vsimem/hostile.tif");
                free(copy);
            }
        VSIFree(file);
    }
    assert_true(opened > 0 && refused > 0);
    cao_tiff_decoder_destroy(decoder);
}

/* A cache of two blocks: what is asked for again comes from it, the longest unused goes. */
static void the_cache_keeps_what_fits_and_gives_the_same_numbers(void **state)
{
    (void)state;
    enum { BYTES = SIDE * SIDE * 2 };
    write_kind(GDT_UInt16, "DEFLATE", "2", NULL);
    struct cao_tiff *t = cao_tiff_open(path);
    struct cao_block_cache *c = cao_block_cache_create(2 * BYTES);
    struct cao_tiff_decoder *decoder = cao_tiff_decoder_create();
    uint16_t want[SIDE * SIDE];
    assert_non_null(t);
    assert_non_null(c);
    const char *file = "build/same-name.tif";
    uint64_t name = cao_block_cache_file(c, path)->name,
             other = cao_block_cache_file(c, path)->name;
    assert_true(name != other); /* /vsimem/ tells too little of a file */
    for (int size = 1; size <= 2; size++) {
        FILE *f = fopen(file, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite("ab", 1, (size_t)size, f), size);
        assert_int_equal(fclose(f), 0);
        uint64_t now = cao_block_cache_file(c, file)->name;
        assert_true(now != name && now != other);
        assert_int_equal(cao_block_cache_file(c, file)->name, now); /* until it changes */
        other = now;
    }
    remove(file);
    const uint16_t *first = cao_block_cache_get(c, t, name, 0, 0, true);
    for (int i = 0; i < 40; i++) {
        int col = i % 3, row = i / 7 % 2;
        const uint16_t *got = cao_block_cache_get(c, t, i % 5 ? name : other, col, row, i % 4 != 0);
        assert_non_null(got);
        assert_true(cao_tiff_decode(t, decoder, col, row, want));
        assert_memory_equal(got, want, BYTES);
    }
    const uint16_t *a = cao_block_cache_get(c, t, name, 0, 0, true);
    const uint16_t *b = cao_block_cache_get(c, t, name, 1, 0, true);
    assert_ptr_equal(cao_block_cache_get(c, t, name, 0, 0, true), a);
    const uint16_t *d = cao_block_cache_get(c, t, name, 2, 0, true); /* takes the place of b */
    assert_ptr_equal(d, b);
    assert_ptr_equal(cao_block_cache_get(c, t, name, 0, 0, true), a);
    assert_non_null(first);
    assert_null(cao_block_cache_get(c, t, name, 9, 9, true));
    cao_block_cache_destroy(c);
    cao_tiff_decoder_destroy(decoder);
    cao_tiff_close(t);
    VSIUnlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_blocks_are_those_that_gdal_reads),
        cmocka_unit_test(floating_point_is_bit_by_bit_what_gdal_reads),
        cmocka_unit_test(what_is_not_plain_is_left_to_gdal),
        cmocka_unit_test(blocks_that_were_never_written_are_left_to_gdal),
        cmocka_unit_test(hostile_bytes_end_in_a_refusal_or_in_numbers),
        cmocka_unit_test(the_cache_keeps_what_fits_and_gives_the_same_numbers),
    };
    return cmocka_run_group_tests_name("tiff_blocks", tests, fx_setup, fx_teardown) != 0;
}
