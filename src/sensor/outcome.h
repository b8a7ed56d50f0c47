/** @file sensor/outcome.h  What came of looking at one candidate: a product, or an archive of several.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_OUTCOME_H
#define CAO_SENSOR_OUTCOME_H
#include "caochu/catalog.h"
#include "caochu/text.h"
#include "sensor/find.h"

struct cao_outcome {
    struct cao_scene *scenes;
    size_t n, capacity;
    struct cao_refused *refused;
    size_t n_refused, refused_capacity;
    struct cao_findings findings;
};
void cao_outcome_release(struct cao_outcome *o);
/** Takes what @p s owns. */
CAO_CHECKED enum cao_status cao_outcome_keep(struct cao_outcome *o, struct cao_scene *s,
                                             struct cao_error *err);
/** Note a refusal, and the same as a problem. */
CAO_CHECKED enum cao_status cao_outcome_refuse(struct cao_outcome *o, const char *path,
                                               const char *id, const char *sensor, const char *code,
                                               const char *reason, struct cao_error *err);
void cao_refused_release(struct cao_refused *r);

/** As bytes that only this program on this machine reads again. */
CAO_CHECKED enum cao_status cao_outcome_pack(const struct cao_outcome *o, struct cao_buf *b,
                                             struct cao_error *err);
/** The other way; rules of quality layers become copies owned by @p rules.
 *  @retval CAO_EDATA not such bytes, or of a family that is no longer known */
CAO_CHECKED enum cao_status cao_outcome_unpack(const char *bytes, size_t n,
                                               const struct cao_finder *families,
                                               struct cao_rule_store *rules, struct cao_outcome *o,
                                               struct cao_error *err);

/** Rules of quality layers, each set once: users tell sets apart by their address. */
struct cao_rule_set {
    struct cao_qa_rule *rules;
    size_t n;
};
/** The store's copy of a set; NULL when out of memory. */
const struct cao_qa_rule *cao_rule_store_add(struct cao_rule_store *s,
                                             const struct cao_qa_rule *rules, size_t n);
void cao_rule_store_release(struct cao_rule_store *s);
#endif
