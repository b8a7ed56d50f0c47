/** @file run/inputs.h  Tables and profile that a project names. SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_INPUTS_H
#define CAO_RUN_INPUTS_H
#include "caochu/livestock.h"
#include "caochu/profile_file.h"
#include "run/holdings.h"
#include "run/pasture_layer.h"

/** Livestock, feed and wildlife as read; what is not given stays empty. */
struct cao_demand_set {
    struct cao_herds herds;
    struct cao_feeds feeds;
    struct cao_wildlife wildlife;
    struct cao_wild_map map;
};
CAO_CHECKED enum cao_status cao_demand_set_load(const struct cao_project *p,
                                                const struct cao_pasture_layer *layer,
                                                struct cao_demand_set *set,
                                                struct cao_findings *findings,
                                                struct cao_error *err);
/** Remember beside the results what the map of wildlife comes to; a memory that cannot be written is none. */
void cao_demand_set_keep(const struct cao_project *p, const struct cao_demand_set *set,
                         size_t n_pastures);
/** Those that the project names. */
struct cao_demand_tables cao_demand_set_tables(const struct cao_project *p,
                                               const struct cao_demand_set *set);
void cao_demand_set_release(struct cao_demand_set *set);

enum { CAO_PROJECT_PATCHES = 4 };
/** The profile @p name (NULL: the project's) with what the project itself says of classes and retention, and
 *  @p patches over it. */
CAO_CHECKED enum cao_status cao_project_profile(const struct cao_project *p, const char *name,
                                                const char *data_dir,
                                                const struct cao_profile_patch *patches,
                                                size_t n_patches, struct cao_profile *profile,
                                                struct cao_error *err);
#endif
