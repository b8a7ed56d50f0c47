/** @file run/holdings.h  Each pasture with what the profile and the livestock table say of it.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_HOLDINGS_H
#define CAO_RUN_HOLDINGS_H
#include "caochu/balance.h"
#include "caochu/project.h"

struct cao_holding {
    size_t type; /**< of the profile; SIZE_MAX: not known */
    enum cao_season season;
    struct cao_forage_terms terms; /**< set where type is known */
    double fvc_soil, fvc_full;
    double herd_su;  /**< NaN: no usable livestock row, or a row that could not be read */
    char *herd_text; /**< "yak 120; sheep 300"; "" none */
    char *note;      /**< what keeps it from a verdict; "" nothing */
};

/** One per pasture, in the pastures' order. */
struct cao_holdings {
    struct cao_holding *items;
    size_t n;
};

/** Join pastures, profile and herds. What does not fit is named in @p findings: an unknown
 *  grassland type, season or species, a missing coefficient, a livestock row for an unknown
 *  pasture. A pasture one of whose livestock rows was refused (a finding "herd-row" with its id) has
 *  no herd: a part of a herd would be a wrong number.
 *  @param herds may be NULL: no livestock table */
CAO_CHECKED enum cao_status cao_holdings_join(const struct cao_project *project,
                                              const struct cao_profile *profile,
                                              const struct cao_pastures *pastures,
                                              const struct cao_herds *herds,
                                              struct cao_holdings *holdings,
                                              struct cao_findings *findings, struct cao_error *err);
void cao_holdings_release(struct cao_holdings *h);
#endif
