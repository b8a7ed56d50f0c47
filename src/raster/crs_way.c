/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <proj.h>

#include "caochu/grid.h"

/* The best operation that can be used here; those before it want grids that are missing. */
static bool choose(PJ_CONTEXT *context, PJ_OBJ_LIST *list, struct cao_crs_way *way)
{
    int n = list ? proj_list_get_count(list) : 0;
    for (int i = 0; i < n; i++) {
        PJ *operation = proj_list_get(context, list, i);
        bool usable = operation && proj_coordoperation_is_instantiable(context, operation);
        if (usable) {
            const char *name = proj_get_name(operation);
            bool ballpark = proj_coordoperation_has_ballpark_transformation(context, operation);
            snprintf(way->name, sizeof way->name, "%s", name ? name : "");
            way->accuracy_m = ballpark ? -1 : proj_coordoperation_get_accuracy(context, operation);
        }
        proj_destroy(operation);
        if (usable)
            return true;
        way->n_missing++;
    }
    return false;
}

enum cao_status cao_crs_way_to_wgs84(const char *crs, struct cao_crs_way *way,
                                     struct cao_error *err)
{
    struct cao_crs_way found = { "", -1, 0 };
    PJ_CONTEXT *context = proj_context_create();
    proj_log_level(context, PJ_LOG_NONE);
    PJ *from = proj_create(context, crs), *to = proj_create(context, "EPSG:4326");
    PJ_OPERATION_FACTORY_CONTEXT *factory =
        from && to ? proj_create_operation_factory_context(context, NULL) : NULL;
    bool fine = false;
    if (factory) {
        proj_operation_factory_context_set_area_of_interest(context, factory, 89, 31, 104, 40);
        proj_operation_factory_context_set_spatial_criterion(
            context, factory, PROJ_SPATIAL_CRITERION_PARTIAL_INTERSECTION);
        proj_operation_factory_context_set_grid_availability_use(context, factory,
                                                                 PROJ_GRID_AVAILABILITY_IGNORED);
        PJ_OBJ_LIST *list = proj_create_operations(context, from, to, factory);
        fine = choose(context, list, &found);
        proj_list_destroy(list);
    }
    proj_operation_factory_context_destroy(factory);
    proj_destroy(from);
    proj_destroy(to);
    proj_context_destroy(context);
    if (!fine)
        return cao_fail(err, CAO_EARG, "%s: PROJ knows no way from it to WGS 84", crs);
    *way = found;
    return CAO_OK;
}
