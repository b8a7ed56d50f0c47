/* SPDX-License-Identifier: MIT */
#include "run/inputs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"

static enum cao_status load_herds(const struct cao_project *p, struct cao_herds *herds,
                                  struct cao_findings *findings, struct cao_error *err)
{
    if (!p->livestock_file[0])
        return cao_findings_add(findings, CAO_NOTE, "no-livestock", p->path, 0, NULL,
                                "no livestock.file: capacity is given, but no balance");
    struct cao_livestock_source src = {
        .path = p->livestock_file,
        .sheet = p->livestock_sheet,
        .id_field = p->livestock_id,
        .species_field = p->n_livestock_columns ? NULL : p->livestock_species,
        .heads_field = p->n_livestock_columns ? NULL : p->livestock_heads,
        .species_columns = (const char *const *)p->livestock_columns,
        .n_species_columns = p->n_livestock_columns,
        .age_field = p->livestock_age,
        .weight_field = p->livestock_weight,
        .from_field = p->livestock_from,
        .to_field = p->livestock_to,
        .days_field = p->livestock_days,
        .sold_field = p->livestock_sold,
        .sold_months_field = p->livestock_sold_months
    };
    return cao_livestock_load(&src, herds, findings, err);
}

static enum cao_status load_feeds(const struct cao_project *p, struct cao_feeds *feeds,
                                  struct cao_findings *findings, struct cao_error *err)
{
    struct cao_feed_source src = { .path = p->feed_file,
                                   .sheet = p->feed_sheet,
                                   .id_field = p->feed_id,
                                   .feed_field = p->feed_feed,
                                   .kg_field = p->feed_kg,
                                   .area_field = p->feed_area,
                                   .yield_field = p->feed_yield,
                                   .season_field = p->feed_season };
    return p->feed_file[0] ? cao_feed_load(&src, feeds, findings, err) : CAO_OK;
}

static enum cao_status load_wildlife(const struct cao_project *p, struct cao_wildlife *wildlife,
                                     struct cao_error *err)
{
    struct cao_wildlife_source src = { .path = p->wildlife_file,
                                       .sheet = p->wildlife_sheet,
                                       .species_field = p->wildlife_species,
                                       .heads_field = p->wildlife_heads,
                                       .group_field = p->wildlife_group,
                                       .days_field = p->wildlife_days };
    return p->wildlife_file[0] ? cao_wildlife_load(&src, wildlife, err) : CAO_OK;
}

/* --- the map's means, remembered --- */

/* Raise it with any change of what a mean is. */
enum { MAP_FORM = 1, MOST_MEMORY = 1 << 28, KEY = CAO_HASH_TEXT - 1, HEAD = 96 };

static enum cao_status map_memory(const struct cao_project *p, char path[CAO_PATH_MAX])
{
    return cao_path_join(path, p->output_dir, ".caochu.wildlife", NULL);
}

static void map_head(char head[HEAD], size_t n_pastures, size_t n_bands)
{
    memset(head, 0, HEAD);
    snprintf(head, HEAD, "caochu means %d %zu %08x %zu %zu\n", MAP_FORM, sizeof(size_t), 0x01020304,
             n_pastures, n_bands);
}

/* The key of the pastures holds the libraries. Formats that name other files are not remembered: their bytes
 * do not tell. */
static void map_key(const struct cao_project *p, const struct cao_pasture_layer *layer,
                    char key[CAO_HASH_TEXT])
{
    static const char *const beside[] = { ".tfw", ".TFW", ".tifw", ".wld" }; /* of its place */
    struct cao_hash *h = NULL;
    bool plain = cao_path_has_ending(p->wildlife_map, ".tif") ||
                 cao_path_has_ending(p->wildlife_map, ".tiff");
    key[0] = '\0';
    if (!layer->key[0] || !plain || cao_hash_create(&h, NULL))
        return;
    cao_hash_text(h, layer->key);
    cao_hash_text(h, p->wildlife_map_crs);
    bool told = !cao_hash_file(h, p->wildlife_map, NULL);
    for (size_t i = 0; told && i < sizeof beside / sizeof beside[0]; i++) {
        char path[CAO_PATH_MAX];
        size_t stem = (size_t)(strrchr(p->wildlife_map, '.') - p->wildlife_map);
        snprintf(path, sizeof path, "%.*s%s", (int)stem, p->wildlife_map, beside[i]);
        bool there = cao_file_stat(path, NULL, NULL);
        cao_hash_int(h, there);
        told = !there || !cao_hash_file(h, path, NULL);
    }
    if (told)
        cao_hash_final(h, key);
    cao_hash_destroy(h);
}

static bool recall_map(const struct cao_project *p, size_t n_pastures, struct cao_wild_map *map)
{
    char path[CAO_PATH_MAX], head[HEAD], digest[CAO_HASH_TEXT] = "", *bytes = NULL;
    size_t size = 0, over = HEAD + 2 * KEY, each = n_pastures * sizeof *map->means;
    if (!map->key[0] || map_memory(p, path) ||
        cao_file_read(path, MOST_MEMORY, &bytes, &size, NULL))
        return false;
    size_t n_bands = size > over && each > 0 ? (size - over) / each : 0;
    map_head(head, n_pastures, n_bands);
    bool fine = n_bands > 0 && size == over + n_bands * each && memcmp(bytes, head, HEAD) == 0 &&
                memcmp(bytes + HEAD, map->key, KEY) == 0 &&
                !cao_hash_of(bytes, size - KEY, digest, NULL) &&
                memcmp(bytes + size - KEY, digest, KEY) == 0 &&
                (map->means = malloc(n_bands * each)) != NULL;
    if (fine) {
        memcpy(map->means, bytes + HEAD + KEY, n_bands * each);
        map->n_bands = n_bands;
        map->recalled = true;
    }
    free(bytes);
    return fine;
}

void cao_demand_set_keep(const struct cao_project *p, const struct cao_demand_set *set,
                         size_t n_pastures)
{
    const struct cao_wild_map *map = &set->map;
    char path[CAO_PATH_MAX], head[HEAD], digest[CAO_HASH_TEXT];
    struct cao_buf b = { 0 };
    if (!map->means || !map->key[0] || map->recalled || map_memory(p, path))
        return;
    map_head(head, n_pastures, map->n_bands);
    cao_buf_put(&b, head, HEAD);
    cao_buf_put(&b, map->key, KEY);
    cao_buf_put(&b, map->means, n_pastures * map->n_bands * sizeof *map->means);
    if (!b.failed && !cao_hash_of(b.text, b.n, digest, NULL)) {
        cao_buf_put(&b, digest, KEY);
        if (!b.failed && b.n <= MOST_MEMORY)
            (void)!cao_file_write(path, b.text, b.n, NULL);
    }
    cao_buf_release(&b);
}

/* --- */

/* A density below 0 is none: the file is not what it is said to be. */
static enum cao_status load_map(const struct cao_project *p, const struct cao_pasture_layer *layer,
                                struct cao_wild_map *map, struct cao_error *err)
{
    const struct cao_pastures *pastures = &layer->pastures;
    enum cao_status st = CAO_OK;
    if (!p->wildlife_map[0])
        return CAO_OK;
    map_key(p, layer, map->key);
    if (!recall_map(p, pastures->n, map))
        st = cao_polygon_means(pastures, p->wildlife_map, p->wildlife_map_crs, &map->n_bands,
                               &map->means, err);
    if (st == CAO_EIO || st == CAO_EDATA)
        return cao_within(err, CAO_EARG, "wildlife.map");
    if (st)
        return st;
    map->path = p->wildlife_map;
    if (p->n_wildlife_map_species && p->n_wildlife_map_species != map->n_bands)
        return cao_fail(err, CAO_EARG, "%s: has %zu bands, wildlife.map_species names %zu species",
                        p->wildlife_map, map->n_bands, p->n_wildlife_map_species);
    for (size_t i = 0; i < pastures->n * map->n_bands; i++)
        if (map->means[i].mean < 0)
            return cao_fail(err, CAO_EARG,
                            "%s: band %zu: its mean over pasture %s is %g: a density is not below "
                            "0; is its no data set?",
                            p->wildlife_map, i % map->n_bands + 1,
                            pastures->items[i / map->n_bands].id, map->means[i].mean);
    return CAO_OK;
}

enum cao_status cao_demand_set_load(const struct cao_project *p,
                                    const struct cao_pasture_layer *layer,
                                    struct cao_demand_set *set, struct cao_findings *findings,
                                    struct cao_error *err)
{
    enum cao_status st = load_herds(p, &set->herds, findings, err);
    if (!st)
        st = load_feeds(p, &set->feeds, findings, err);
    if (!st)
        st = load_wildlife(p, &set->wildlife, err);
    if (!st)
        st = load_map(p, layer, &set->map, err);
    return st;
}

struct cao_demand_tables cao_demand_set_tables(const struct cao_project *p,
                                               const struct cao_demand_set *set)
{
    return (struct cao_demand_tables){ p->livestock_file[0] ? &set->herds : NULL,
                                       p->feed_file[0] ? &set->feeds : NULL,
                                       p->wildlife_file[0] ? &set->wildlife : NULL,
                                       p->wildlife_map[0] ? &set->map : NULL, false };
}

void cao_demand_set_release(struct cao_demand_set *set)
{
    cao_herds_release(&set->herds);
    cao_feeds_release(&set->feeds);
    cao_wildlife_release(&set->wildlife);
    free(set->map.means);
    set->map = (struct cao_wild_map){ 0 };
}

enum cao_status cao_project_profile(const struct cao_project *p, const char *name,
                                    const char *data_dir, const struct cao_profile_patch *patches,
                                    size_t n_patches, struct cao_profile *profile,
                                    struct cao_error *err)
{
    char scheme[160], cold[96], scheme_name[CAO_PATH_MAX], cold_name[CAO_PATH_MAX];
    struct cao_profile_patch *all = calloc(n_patches + CAO_PROJECT_PATCHES, sizeof *all);
    size_t n = 0;
    if (!all)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    if (p->class_scheme[0]) {
        snprintf(scheme, sizeof scheme, "scheme: \"%.100s\"", p->class_scheme);
        snprintf(scheme_name, sizeof scheme_name, "class_scheme of %.3000s", p->path);
        all[n++] = (struct cao_profile_patch){ scheme, scheme_name };
    }
    if (!isnan(p->cold_retention)) {
        snprintf(cold, sizeof cold, "retention: {cold: %.17g}", p->cold_retention);
        snprintf(cold_name, sizeof cold_name, "cold_retention of %.3000s", p->path);
        all[n++] = (struct cao_profile_patch){ cold, cold_name };
    }
    if (n_patches)
        memcpy(all + n, patches, n_patches * sizeof *all);
    enum cao_status st =
        cao_profile_of_project(p, name, data_dir, all, n + n_patches, profile, err);
    free(all);
    return st;
}
