/** @file caochu/yaml.h  A YAML document as a tree that remembers its lines.
 *
 *  Anchors, aliases, tags and several documents are refused (a project file needs none, and
 *  aliases are how a small file becomes a large one), and so is a key given twice.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_YAML_H
#define CAO_YAML_H
#include <stdbool.h>
#include <stddef.h>
#include "caochu/status.h"

enum cao_yaml_kind { CAO_YAML_SCALAR, CAO_YAML_MAP, CAO_YAML_LIST };

/** Nodes belong to their document; free it by its root. */
struct cao_yaml {
    enum cao_yaml_kind kind;
    int line;               /**< 1-based */
    char *key;              /**< in a map: the key of this child; else NULL */
    char *text;             /**< scalar only: UTF-8; "" for an empty value */
    bool quoted;            /**< scalar only: 'x' or "x", so never a number or null */
    struct cao_yaml *items; /**< children of a map or list */
    size_t n;
};

/** @param file only names the source in messages, which read "FILE:LINE: ...".
 *  Limits: 8 MB, depth 32. @retval CAO_EARG not YAML, or a refused construct */
CAO_CHECKED enum cao_status cao_yaml_parse(const char *text, size_t n, const char *file,
                                           struct cao_yaml **root, struct cao_error *err);
/** Read and parse a file of UTF-8 (a BOM is fine). */
CAO_CHECKED enum cao_status cao_yaml_read(const char *path, struct cao_yaml **root,
                                          struct cao_error *err);
/** The child of a map by key, or NULL. @p map may be NULL or no map. */
const struct cao_yaml *cao_yaml_find(const struct cao_yaml *map, const char *key);
void cao_yaml_destroy(struct cao_yaml *root);
#endif
