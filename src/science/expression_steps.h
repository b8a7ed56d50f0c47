/** @file science/expression_steps.h  What a step of a compiled expression does.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_SCIENCE_EXPRESSION_STEPS_H
#define CAO_SCIENCE_EXPRESSION_STEPS_H

/** a and b are rows, k is a number. What has no value is NaN, and NaN goes through all of them. */
enum cao_op {
    CAO_OP_SET, /**< k */
    CAO_OP_ADD,
    CAO_OP_SUB,
    CAO_OP_MUL,
    CAO_OP_DIV, /**< NaN where b is within 1e-6 of 0 */
    CAO_OP_POW,
    CAO_OP_MIN,
    CAO_OP_MAX,
    CAO_OP_NEG, /**< from here in the order of the parser's kinds */
    CAO_OP_ABS,
    CAO_OP_SQRT,
    CAO_OP_EXP,
    CAO_OP_LN,
    CAO_OP_LOG10,
    CAO_OP_TANH,
    CAO_OP_ADD_K,
    CAO_OP_K_SUB, /**< k - a */
    CAO_OP_MUL_K,
    CAO_OP_DIV_K,
    CAO_OP_K_DIV, /**< k / a, NaN where a is within 1e-6 of 0 */
    CAO_OP_MIN_K,
    CAO_OP_MAX_K,
    CAO_OP_ADD_SCALED, /**< a + k b, rounded twice */
};
#endif
