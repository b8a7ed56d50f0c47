/** @file config/project_keys.h  The table of keys of the project file, with where each one goes.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_CONFIG_PROJECT_KEYS_H
#define CAO_CONFIG_PROJECT_KEYS_H
#include "caochu/project.h"

enum cao_key_kind {
    CAO_KEY_TEXT,       /* char * */
    CAO_KEY_WORD,       /* char *: one of the choices */
    CAO_KEY_FILE,       /* char *: a file that must exist */
    CAO_KEY_FOLDER_OUT, /* char *: a folder that will be made */
    CAO_KEY_FOLDERS,    /* char ** and size_t: folders that must exist */
    CAO_KEY_TEXTS,      /* char ** and size_t */
    CAO_KEY_NUMBER,     /* double */
    CAO_KEY_INTEGER,    /* int32_t */
    CAO_KEY_CHOICE,     /* an enum: base + position among the choices */
    CAO_KEY_SWITCH,     /* bool */
    CAO_KEY_REASONS,    /* uint32_t: bits of enum cao_reason */
    CAO_KEY_INDICES,    /* const struct cao_index ** and size_t */
    CAO_KEY_DATE,       /* int32_t: days since 1970, CAO_NO_DAY */
    CAO_KEY_POINT,      /* double[2] */
    CAO_KEY_COMPOSITE,  /* const struct cao_composite * */
    CAO_KEY_PERIODS,    /* struct cao_period * and size_t */
    CAO_KEY_CLASSES,    /* struct cao_code_name * and size_t */
    CAO_KEY_SENSORS,    /* struct cao_declared * and size_t */
    CAO_KEY_PART,       /* described only: a key within a list of maps */
};

struct cao_key_row {
    struct cao_key key;
    enum cao_key_kind kind;
    size_t offset, offset_n; /* in struct cao_project */
    int base;                /* of CAO_KEY_CHOICE; the multiple of CAO_KEY_INTEGER, 0: any */
};
const struct cao_key_row *cao_key_rows(size_t *n);
#endif
