/* SPDX-License-Identifier: MIT
 * caochu list indices: all of them with the instruments that can give them, or what can be computed from
 * an instrument, from the products in folders, or in a project with indices of its own. */
#include <stdlib.h>
#include <string.h>

#include "caochu/catalog.h"
#include "caochu/file.h"
#include "caochu/index.h"
#include "caochu/instrument.h"
#include "caochu/project.h"
#include "caochu/run.h"
#include "caochu/scan.h"
#include "caochu/text.h"
#include "cli/listing.h"

enum { NAME, ZH, BANDS, RANGE, UNIT, FROM, FORMULA, SOURCE, N_COLUMNS };

static void put_bands(struct cao_listing *l, uint32_t needs)
{
    char text[80] = "";
    for (int b = 0; b < CAO_N_BANDS; b++)
        if (needs & CAO_BAND_BIT(b)) {
            size_t n = strlen(text);
            snprintf(text + n, sizeof text - n, "%s%s", n ? " " : "",
                     cao_band_letter((enum cao_band)b));
        }
    cao_listing_put(l, BANDS, text);
}

static void put_index(struct cao_listing *l, const struct cao_index *ix, const char *from)
{
    char range[64];
    snprintf(range, sizeof range, "%g..%g", (double)ix->min, (double)ix->max);
    cao_listing_put(l, NAME, ix->name);
    cao_listing_put(l, ZH, ix->zh);
    put_bands(l, ix->needs);
    cao_listing_put(l, RANGE, range);
    cao_listing_put(l, UNIT, ix->unit);
    cao_listing_put(l, FROM, from);
    cao_listing_put(l, FORMULA, ix->formula);
    cao_listing_put(l, SOURCE, ix->source);
}

static void from_instruments(struct cao_listing *l, const struct cao_index *ix)
{
    char text[300] = "";
    size_t n;
    const struct cao_instrument *all = cao_instrument_all(&n);
    for (size_t i = 0; i < n; i++) {
        size_t used = strlen(text);
        if (cao_index_possible(ix, all[i].bands))
            snprintf(text + used, sizeof text - used, "%s%s", used ? " " : "", all[i].name);
    }
    put_index(l, ix, text);
}

/* How many of the products give the index; those that none gives are told with what is lacking. */
static void from_products(struct cao_listing *l, const struct cao_index *ix,
                          const struct cao_catalog *catalog)
{
    char text[300];
    size_t n = 0;
    uint32_t have = 0;
    for (size_t i = 0; i < catalog->n; i++) {
        uint32_t bands = cao_scene_bands(&catalog->scenes[i]);
        n += cao_index_possible(ix, bands);
        have |= bands;
    }
    snprintf(text, sizeof text, "%zu/%zu", n, catalog->n);
    for (int b = 0; n == 0 && b < CAO_N_BANDS; b++) {
        struct cao_index one = { .name = "", .needs = CAO_BAND_BIT(b) };
        size_t used = strlen(text);
        if ((ix->needs & one.needs) && !cao_index_possible(&one, have))
            snprintf(text + used, sizeof text - used, "%s%s", strchr(text, ':') ? " " : ": no ",
                     cao_band_letter((enum cao_band)b));
    }
    put_index(l, ix, text);
}

static int scan(struct cao_listing *l, const struct cao_line *line)
{
    struct cao_error err = { 0 };
    struct cao_project project = { 0 };
    struct cao_catalog catalog = { 0 };
    struct cao_findings findings = { 0 };
    size_t n;
    const struct cao_index *all = cao_index_all(&n);
    bool is_project = line->n_words == 2 && (cao_path_has_ending(line->words[1], ".yaml") ||
                                             cao_path_has_ending(line->words[1], ".yml"));
    enum cao_status st = is_project ? cao_project_read(line->words[1], &project, &err) : CAO_OK;
    struct cao_scan_options options = {
        .project = is_project ? &project : NULL,
        .paths = (const char *const *)(is_project ? project.imagery : line->words + 1),
        .n_paths = is_project ? project.n_imagery : line->n_words - 1,
        .data_dir = line->data_dir
    };
    if (!st)
        st = cao_scan(&options, &catalog, &findings, &err);
    if (!st && catalog.n == 0)
        st = cao_fail(&err, CAO_EDATA, "%s: no product that can be used; see 'caochu scan'",
                      line->words[1]);
    for (size_t i = 0; !st && i < n; i++)
        from_products(l, &all[i], &catalog);
    for (size_t i = 0; !st && i < project.n_own_indices; i++)
        from_products(l, &project.own_indices[i].index, &catalog);
    int code = st ? cao_say_error(&err, st) : CAO_EXIT_DONE;
    cao_catalog_release(&catalog);
    cao_findings_release(&findings);
    cao_project_release(&project);
    return code;
}

int cao_list_indices(struct cao_listing *l, const struct cao_command *c,
                     const struct cao_line *line)
{
    static const char *const heading[] = { "name", "zh",      "bands",   "range",
                                           "unit", "sensors", "formula", "source" };
    static const char *const chinese[] = { "名称", "中文名", "波段", "范围",
                                           "单位", "传感器", "公式", "依据" };
    const char *sensor = cao_line_value(line, "sensor");
    size_t n;
    const struct cao_index *all = cao_index_all(&n);
    l->n_columns = N_COLUMNS;
    memcpy(l->heading, heading, sizeof heading);
    if (line->chinese)
        memcpy(l->shown, chinese, sizeof chinese);
    if (sensor && line->n_words > 1)
        return cao_say_usage(c, "list indices: --sensor or products, not both");
    if (line->n_words > 1) {
        l->heading[FROM] = "products";
        l->shown[FROM] = line->chinese ? "产品" : NULL;
        return scan(l, line);
    }
    if (sensor) {
        struct cao_instrument one;
        struct cao_error err = { 0 };
        enum cao_status st = cao_instrument_find(sensor, &one, &err);
        if (st)
            return cao_say_error(&err, st);
        for (size_t i = 0; i < n; i++)
            if (cao_index_possible(&all[i], one.bands))
                from_instruments(l, &all[i]);
        return CAO_EXIT_DONE;
    }
    for (size_t i = 0; i < n; i++)
        from_instruments(l, &all[i]);
    return CAO_EXIT_DONE;
}
