/* SPDX-License-Identifier: MIT
 * make-world: a small invented alpine valley near Madoi, Qinghai, as a grassland station would have
 * it on disk: Sentinel-2 L2A products of three dates in 2024 (SAFE folders, lossless JPEG 2000, true
 * metadata, clouds with shadows, cirrus, snow, a lake and a river, a swath edge), some dozens of
 * pastures (shared borders, a hole, two parts, one smaller than a pixel, one beyond all imagery), a
 * livestock table and a project file. The same options give the same bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gdal.h>

#include "caochu/text.h"
#include "world/world.h"

static const char help[] =
    "Usage: make-world DIR [OPTION...]\n"
    "  --size N            10 m pixels along a side, a multiple of 12 [1020]\n"
    "  --dates N           acquisitions [3]\n"
    "  --pastures N        16 to 9000 [40]\n"
    "  --seed N            [1]\n"
    "  --format jp2|gtiff  [jp2]\n"
    "  --baseline XX.YY    processing baseline; from 04.00 on with BOA_ADD_OFFSET [05.10]\n"
    "  --duplicate         an older processing of the first date too\n"
    "  --l1c               a Level-1C product too\n"
    "  --bad-rows          rows that must be refused, in pastures and livestock\n"
    "  --ground            types, elevations and zones as layers of their own, and ground.yaml\n"
    "  --truncate DATE:BAND, --drop DATE:BAND   a torn or a missing image\n"
    "  --herds gb18030|xlsx  the livestock table in that form too\n";

static bool parse_fault(const char *text, struct world_fault *f)
{
    char date[16];
    const char *colon = strchr(text, ':');
    if (!colon || (size_t)(colon - text) >= sizeof date || strlen(colon + 1) >= sizeof f->band)
        return false;
    snprintf(date, sizeof date, "%.*s", (int)(colon - text), text);
    snprintf(f->band, sizeof f->band, "%s", colon + 1);
    return cao_date_parse(date, &f->day);
}

static bool set_value(struct world_options *o, const char *name, const char *value)
{
    int64_t n = 0;
    bool is_number = cao_text_int64(value, &n);
    if (strcmp(name, "--size") == 0 && is_number && n >= 60 && n <= 10980 && n % 12 == 0)
        o->size = (int)n;
    else if (strcmp(name, "--dates") == 0 && is_number && n >= 1 && n <= 100)
        o->dates = (int)n;
    else if (strcmp(name, "--pastures") == 0 && is_number && n >= 16 && n <= 9000)
        o->pastures = (int)n;
    else if (strcmp(name, "--seed") == 0 && is_number)
        o->seed = (uint64_t)n;
    else if (strcmp(name, "--format") == 0 &&
             (strcmp(value, "jp2") == 0 || strcmp(value, "gtiff") == 0))
        o->gtiff = value[0] == 'g';
    else if (strcmp(name, "--baseline") == 0 && strlen(value) == 5 && value[2] == '.')
        o->baseline = value;
    else if (strcmp(name, "--truncate") == 0 && o->n_truncate < WORLD_MAX_FAULTS)
        return parse_fault(value, &o->truncate[o->n_truncate++]);
    else if (strcmp(name, "--drop") == 0 && o->n_drop < WORLD_MAX_FAULTS)
        return parse_fault(value, &o->drop[o->n_drop++]);
    else if (strcmp(name, "--herds") == 0 && strcmp(value, "gb18030") == 0)
        o->herds_gb18030 = true;
    else if (strcmp(name, "--herds") == 0 && strcmp(value, "xlsx") == 0)
        o->herds_xlsx = true;
    else
        return false;
    return true;
}

static bool parse(int argc, char **argv, struct world_options *o)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--duplicate") == 0)
            o->duplicate = true;
        else if (strcmp(argv[i], "--l1c") == 0)
            o->l1c = true;
        else if (strcmp(argv[i], "--ground") == 0)
            o->ground = true;
        else if (strcmp(argv[i], "--bad-rows") == 0)
            o->bad_rows = true;
        else if (argv[i][0] != '-' && !o->dir)
            o->dir = argv[i];
        else if (i + 1 >= argc || !set_value(o, argv[i], argv[i + 1]))
            return false;
        else
            i++;
    }
    o->has_offset = strcmp(o->baseline, "04.00") >= 0;
    return o->dir != NULL;
}

static const char ground_keys[] = "type_layer:\n  file: types.tif\n"
                                  "  classes: {1: alpine_meadow, 2: 高寒草原, 3: swampy_meadow, 4: "
                                  "alpine_desert_steppe, 9: none}\n"
                                  "zone_layer: {file: zones.gpkg, field: zone}\n"
                                  "terrain: {dem: dem.tif}\n";

static enum cao_status write_project(const struct world_options *o, const char *name,
                                     const char *more, struct cao_error *err)
{
    static const char text[] =
        "# Project file of the made valley; 'caochu template' shows every key.\n"
        "name: 扎陵湖示范区\n"
        "language: en\n"
        "imagery: [imagery]\n"
        "pastures:\n  file: pastures.gpkg\n  layer: pastures\n  id: pasture_id\n  name: name\n"
        "  type: grass_type\n  season: season\n  groups: [township, village]\n"
        "livestock:\n  file: livestock.csv\n  id: pasture_id\n  species: species\n  heads: heads\n"
        "grid:\n  crs: auto\n  resolution: 10\n  tile: 512\n"
        "periods:\n  - {name: peak-2024, from: 2024-07-15, to: 2024-08-31}\n"
        "composite: max-ndvi\n"
        "indices: [NDVI, EVI, MSAVI2, NDMI]\n"
        "profile: nyt635-2015\n"
        "output:\n  folder: results\n";
    char path[CAO_PATH_MAX];
    struct cao_buf b = { 0 };
    snprintf(path, sizeof path, "%s/%s", o->dir, name);
    cao_buf_add(&b, "%s%s", text, more);
    enum cao_status st = b.failed ? cao_fail(err, CAO_ENOMEM, "out of memory")
                                  : cao_file_write(path, b.text, b.n, err);
    cao_buf_release(&b);
    return st;
}

static enum cao_status write_look(const struct world_options *o, struct world_look look,
                                  const struct world_land *land, const struct world_mosaic *m,
                                  const uint16_t *labels, struct cao_error *err)
{
    struct world_state fine = { 0 }, coarse = { 0 };
    enum cao_status st = world_state_build(o, &look, land, m, labels, &fine, err);
    if (!st)
        st = world_state_halve(&fine, &coarse, err);
    if (!st)
        st = world_product_write(o, &look, &fine, &coarse, err);
    if (!st && look.index == 0 && o->duplicate) {
        struct world_look older = look;
        older.older = true;
        older.generated -= 3600;
        st = world_product_write(o, &older, &fine, &coarse, err);
    }
    if (!st && look.index == 0 && o->l1c) {
        struct world_look raw = look;
        raw.l1c = true;
        st = world_product_write(o, &raw, &fine, &coarse, err);
    }
    world_state_release(&fine);
    world_state_release(&coarse);
    return st;
}

static enum cao_status make(const struct world_options *o, struct cao_error *err)
{
    struct world_land land = { 0 };
    struct world_mosaic m = { 0 };
    uint16_t *labels = calloc((size_t)o->size * (size_t)o->size, sizeof *labels);
    enum cao_status st =
        labels ? cao_make_dirs(o->dir, err) : cao_fail(err, CAO_ENOMEM, "out of memory");
    if (!st)
        st = world_land_build(o, &land, err);
    if (!st)
        st = world_mosaic_build(o, &m, err);
    if (!st) {
        world_mosaic_label(&m, (size_t)o->size, labels);
        world_land_types(&land, labels, &m);
        st = world_pastures_write(o, &m, err);
    }
    if (!st)
        st = world_herds_write(o, &m, err);
    for (int i = 0; !st && i < o->dates; i++)
        st = write_look(o, world_look_make(i), &land, &m, labels, err);
    if (!st)
        st = write_project(o, "park.yaml", "", err);
    if (!st && o->ground)
        st = world_ground_write(o, &land, err);
    if (!st && o->ground)
        st = write_project(o, "ground.yaml", ground_keys, err);
    world_mosaic_release(&m);
    world_land_release(&land);
    free(labels);
    return st;
}

int main(int argc, char **argv)
{
    struct world_options o = {
        .seed = 1, .size = 1020, .dates = 3, .pastures = 40, .baseline = "05.10"
    };
    struct cao_error err = { 0 };
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(help, stdout);
        return 0;
    }
    if (!parse(argc, argv, &o)) {
        fputs(help, stderr);
        return 2;
    }
    GDALAllRegister();
    enum cao_status st = make(&o, &err);
    if (st)
        fprintf(stderr, "make-world: %s\n", err.text);
    GDALDestroyDriverManager();
    return st ? 1 : 0;
}
