/* SPDX-License-Identifier: MIT
 * The commented project file, from the table of keys. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "caochu/project.h"
#include "config/project_keys.h"

/* What stands for a required key: something to be edited. */
static const char *example_of(const char *name)
{
    static const struct {
        const char *name, *text;
    } examples[] = {
        { "imagery", " [imagery]" },
        { "pastures.file", " pastures.gpkg" },
        { "pastures.id", " pasture_id" },
        { "periods", "\n  - {name: peak-2024, from: 2024-07-20, to: 2024-08-31}" },
    };
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        if (strcmp(examples[i].name, name) == 0)
            return examples[i].text;
    return "";
}

static void add_comment(struct cao_buf *b, const struct cao_key *k, bool zh, const char *indent)
{
    cao_buf_add(b, "%s# %s", indent, zh ? k->help_zh : k->help);
    if (k->choices[0])
        cao_buf_add(b, " (%s)", k->choices);
    const char *unit = strcmp(k->unit, "1") != 0 ? k->unit : "";
    if (!isnan(k->min))
        cao_buf_add(b, " (%g %s %g%s%s)", k->min, zh ? "至" : "to", k->max, unit[0] ? " " : "",
                    unit);
    else if (unit[0])
        cao_buf_add(b, " (%s)", unit);
    if (!k->fallback)
        cao_buf_add(b, "%s", zh ? "（必填）" : " (required)");
    if (k->source[0])
        cao_buf_add(b, zh ? "；依据：%s" : "; source: %s", k->source);
    cao_buf_add(b, "\n");
}

/* The keys of a list of groups that may be left out: each with its help, as comments. */
static void add_parts(struct cao_buf *b, const char *list, bool zh)
{
    size_t n, length = strlen(list);
    const struct cao_key_row *rows = cao_key_rows(&n);
    const char *mark = "- ";
    for (size_t i = 0; i < n; i++) {
        const struct cao_key *k = &rows[i].key;
        if (rows[i].kind != CAO_KEY_PART || strncmp(k->name, list, length) != 0 ||
            strncmp(k->name + length, "[].", 3) != 0)
            continue;
        cao_buf_add(b, "#   %s%s: %s%s  # %s\n", mark, k->name + length + 3,
                    k->fallback ? k->fallback : "",
                    k->fallback ? ""
                    : zh        ? "（必填）"
                                : "(required)",
                    zh ? k->help_zh : k->help);
        mark = "  ";
    }
}

char *cao_project_template(enum cao_language language)
{
    struct cao_buf b = { 0 };
    bool zh = language == CAO_CHINESE;
    size_t n;
    const struct cao_key_row *rows = cao_key_rows(&n);
    char group[64] = "";
    cao_buf_add(
        &b,
        zh ? "# 草畜项目文件。相对路径以本文件所在文件夹为准。带 # 的键取缺省值。\n"
           : "# Project file of caochu. Relative paths are relative to this file. Keys behind a "
             "'#' show their defaults.\n");
    for (size_t i = 0; i < n; i++) {
        const struct cao_key *k = &rows[i].key;
        if (rows[i].kind == CAO_KEY_PART)
            continue;
        const char *dot = strchr(k->name, '.');
        const char *last = dot ? dot + 1 : k->name, *indent = dot ? "  " : "";
        size_t length = dot ? (size_t)(dot - k->name) : 0;
        if (strlen(group) != length || strncmp(group, k->name, length) != 0) {
            snprintf(group, sizeof group, "%.*s", (int)length, k->name);
            cao_buf_add(&b, dot ? "\n%s:\n" : "\n", group);
        } else if (!dot) {
            cao_buf_add(&b, "\n");
        }
        add_comment(&b, k, zh, indent);
        if (k->fallback)
            cao_buf_add(&b, "%s# %s:%s%s\n", indent, last, k->fallback[0] ? " " : "", k->fallback);
        else
            cao_buf_add(&b, "%s%s:%s\n", indent, last, example_of(k->name));
        if (rows[i].kind == CAO_KEY_SENSORS || rows[i].kind == CAO_KEY_PERIODS ||
            rows[i].kind == CAO_KEY_INDICES)
            add_parts(&b, k->name, zh);
    }
    if (b.failed) {
        cao_buf_release(&b);
        return NULL;
    }
    return b.text;
}
