/** @file config/profile_parts.h  The parts of a profile's YAML: coefficients, grassland types, species,
 *  yield equations, class schemes. profile_file.c finds the files and puts the parts together.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_CONFIG_PROFILE_PARTS_H
#define CAO_CONFIG_PROFILE_PARTS_H
#include "caochu/profile.h"
#include "caochu/file.h"
#include "caochu/hash.h"
#include "caochu/yaml.h"

enum { CAO_MOST_MODELS = 64 };

/* Which equations a set gives to a type. */
struct cao_set_entry {
    char *set, *type;
    char *models[CAO_MOST_PER_TYPE];
    size_t n_models;
    enum cao_confidence confidence; /* that these equations are right for the type */
};

struct cao_model_entry {
    struct cao_yield_model m;
    char *source;
    enum cao_confidence confidence;
};

struct cao_profile_reader {
    struct cao_profile p;
    struct cao_model_entry models[CAO_MOST_MODELS];
    size_t n_models;
    struct cao_set_entry *sets;
    size_t n_sets;
    struct cao_class_scheme *schemes;
    size_t n_schemes;
    char *scheme, *default_set;
    char *own_set;            /* of a file of equations: goes over the chosen set; "" none */
    const char *file;         /* being read */
    struct cao_hash *content; /* of all that was read */
    struct cao_error *err;
};

enum { CAO_MOST_BASES = 8 };
/** Where the profile NAME lies: a path relative to @p base_dir, else NAME.yaml in @p data_dir. */
CAO_CHECKED enum cao_status cao_profile_path(const char *name, const char *base_dir,
                                             const char *data_dir, char path[CAO_PATH_MAX],
                                             struct cao_error *err);
/** Where the base of the profile at @p path lies: beside it, or as above. */
CAO_CHECKED enum cao_status cao_profile_base_path(const char *path, const char *base,
                                                  const char *data_dir, char out[CAO_PATH_MAX],
                                                  struct cao_error *err);
/** Read a whole document over what is there already. */
CAO_CHECKED enum cao_status cao_profile_read_root(struct cao_profile_reader *r,
                                                  const struct cao_yaml *root);
/** "FILE:LINE: KEY: ..." with CAO_EARG. */
CAO_PRINTF(4, 5)
enum cao_status cao_profile_bad(struct cao_profile_reader *r, const struct cao_yaml *node,
                                const char *key, const char *fmt, ...);
enum cao_status cao_profile_no_memory(struct cao_profile_reader *r);
/** The node is of the kind, or an error that says so. */
CAO_CHECKED enum cao_status cao_profile_need(struct cao_profile_reader *r,
                                             const struct cao_yaml *node, enum cao_yaml_kind kind);
/** Replace a text by a copy. */
CAO_CHECKED enum cao_status cao_profile_set_text(struct cao_profile_reader *r, char **to,
                                                 const char *text);
/** A coefficient that is not given: NaN. */
CAO_CHECKED enum cao_status cao_profile_init_coefficient(struct cao_profile_reader *r,
                                                         struct cao_coefficient *c);
void cao_class_scheme_release(struct cao_class_scheme *s);
/** {value, unit, source, confidence}, or the bare number, over what @p out holds. */
CAO_CHECKED enum cao_status cao_profile_coefficient(struct cao_profile_reader *r,
                                                    const struct cao_yaml *node, double min,
                                                    double max, struct cao_coefficient *out);
/** Position of the node's key among those known; else an error that names the nearest. */
CAO_CHECKED enum cao_status cao_profile_key(struct cao_profile_reader *r,
                                            const struct cao_yaml *node, const char *const *known,
                                            size_t n, size_t *which);
CAO_CHECKED enum cao_status cao_profile_texts(struct cao_profile_reader *r,
                                              const struct cao_yaml *node, char ***items,
                                              size_t *n);
CAO_CHECKED enum cao_status cao_profile_number(struct cao_profile_reader *r,
                                               const struct cao_yaml *node, const char *key,
                                               double min, double max, double *v);

CAO_CHECKED enum cao_status cao_profile_confidence(struct cao_profile_reader *r,
                                                   const struct cao_yaml *node,
                                                   enum cao_confidence *c);

/* profile_yield.c */

CAO_CHECKED enum cao_status cao_profile_yield(struct cao_profile_reader *r,
                                              const struct cao_yaml *node);
/** Give each type the equations of the set @p wanted ("": the profile's default), and over them those
 *  of a file of equations. */
CAO_CHECKED enum cao_status cao_profile_choose_models(struct cao_profile_reader *r,
                                                      const char *wanted);
CAO_CHECKED enum cao_status cao_profile_uncertainty(struct cao_profile_reader *r,
                                                    const struct cao_yaml *node);
CAO_CHECKED enum cao_status cao_profile_uncertainty_init(struct cao_profile_reader *r);
void cao_profile_uncertainty_release(struct cao_error_numbers *n);

/* profile_tables.c */

/** What the rows of a table of words hold. */
struct cao_item_kind {
    const char *key; /**< of the coefficient: "share", "hay" */
    double min, max;
    bool use; /**< a second one, "use" */
};
/** Rows over those there are, by name. */
CAO_CHECKED enum cao_status cao_profile_items(struct cao_profile_reader *r,
                                              const struct cao_yaml *node,
                                              const struct cao_item_kind *kind,
                                              struct cao_items *items);
/** A whole table of steps in place of that there was. */
CAO_CHECKED enum cao_status cao_profile_steps(struct cao_profile_reader *r,
                                              const struct cao_yaml *node, const char *key,
                                              double max, struct cao_steps *steps);
CAO_CHECKED enum cao_status cao_profile_terrain(struct cao_profile_reader *r,
                                                const struct cao_yaml *node);
CAO_CHECKED enum cao_status cao_profile_years(struct cao_profile_reader *r,
                                              const struct cao_yaml *node);
CAO_CHECKED enum cao_status cao_profile_begins(struct cao_profile_reader *r,
                                               const struct cao_yaml *node);
/** A species of livestock, or of wild herbivores: those have sheep units alone. */
CAO_CHECKED enum cao_status cao_profile_species_row(struct cao_profile_reader *r,
                                                    const struct cao_yaml *node,
                                                    struct cao_species **list, size_t *n);
void cao_items_release(struct cao_items *items);
void cao_steps_release(struct cao_steps *s);
#endif
