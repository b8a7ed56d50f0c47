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

/* A density below 0 is none: the file is not what it is said to be. */
static enum cao_status load_map(const struct cao_project *p, const struct cao_pastures *pastures,
                                struct cao_wild_map *map, struct cao_error *err)
{
    if (!p->wildlife_map[0])
        return CAO_OK;
    enum cao_status st = cao_polygon_means(pastures, p->wildlife_map, p->wildlife_map_crs,
                                           &map->n_bands, &map->means, err);
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
                                    const struct cao_pastures *pastures, struct cao_demand_set *set,
                                    struct cao_findings *findings, struct cao_error *err)
{
    enum cao_status st = load_herds(p, &set->herds, findings, err);
    if (!st)
        st = load_feeds(p, &set->feeds, findings, err);
    if (!st)
        st = load_wildlife(p, &set->wildlife, err);
    if (!st)
        st = load_map(p, pastures, &set->map, err);
    return st;
}

struct cao_demand_tables cao_demand_set_tables(const struct cao_project *p,
                                               const struct cao_demand_set *set)
{
    return (struct cao_demand_tables){ p->livestock_file[0] ? &set->herds : NULL,
                                       p->feed_file[0] ? &set->feeds : NULL,
                                       p->wildlife_file[0] ? &set->wildlife : NULL,
                                       p->wildlife_map[0] ? &set->map : NULL };
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
