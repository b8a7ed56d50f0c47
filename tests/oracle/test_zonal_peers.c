/* SPDX-License-Identifier: MIT
 * caochu zonal against GEOS, GDAL and numpy; see zonal_peers.py. */
#include <stdio.h>
#include <stdlib.h>

#include "support/support.h"

static bool has_peers(void)
{
    return system("/usr/bin/python3 -c 'import numpy; from osgeo import gdal, ogr' 2>/dev/null") ==
           0;
}

static void statistics_agree_with_clipping_each_cell(void **state)
{
    (void)state;
    const char *program = getenv("CAO_BIN");
    if (!has_peers()) {
        printf("SKIP  %s: needs python3-numpy and python3-gdal\n", __func__);
        skip();
    }
    const char *data = test_data("polygons_zonal");
    char more[600] = "";
    if (data)
        snprintf(more, sizeof more, "'%.400s'", data);
    else
        printf("SKIP  part of %s: needs the real data item polygons_zonal\n", __func__);
    char *dir = test_folder("zonal peers");
    test_shell("/usr/bin/python3 tests/oracle/zonal_peers.py '%s' '%s' %s",
               program ? program : "build/release/caochu", dir, more);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_agree_with_clipping_each_cell),
    };
    return cmocka_run_group_tests_name("zonal_peers", tests, NULL, NULL);
}
