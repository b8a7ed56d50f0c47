/** @file caochu/expression.h  An index as a text over band letters, read once and run over whole rows.
 *
 *  Numbers, + - * / ^ (** too), parentheses; bands by their letters (A B G Y R RE1 RE2 RE3 N N2 WV S1 S2
 *  T1); constants of the caller; sqrt abs min max exp ln log10 tanh; the name of an index of the table
 *  stands for its formula. A power binds before a minus sign (-x^2 is -(x^2)) and to the right. There is
 *  no multiplication without its sign, and no `log`, which means two things.
 *
 *  The text becomes a short list of steps, each a loop over a block of cells that a compiler vectorises;
 *  constants are folded in double precision, what stands there twice is computed once, and nothing is
 *  reordered. Steps are single-precision additions, multiplications, divisions, roots and comparisons,
 *  which IEEE 754 fixes to the bit, and the functions of elementary.h: results are the same bits on every
 *  machine, with every compiler, for any cut of a row. Pure, thread-safe, no allocation.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_EXPRESSION_H
#define CAO_EXPRESSION_H
#include "caochu/index.h"

enum {
    CAO_PROGRAM_STEPS = 128,      /**< most steps of a program */
    CAO_PROGRAM_REGISTERS = 16,   /**< most intermediate results at a time */
    CAO_EXPRESSION_BYTES = 2000,  /**< longest text */
    CAO_EXPRESSION_CONSTANTS = 32 /**< most constants */
};

struct cao_constant {
    const char *name; /**< letters, digits and '_', no band's and no function's */
    double value;
};

/** A compiled expression; plain data, to be copied and kept by the caller. */
struct cao_program {
    struct cao_program_step {
        uint8_t op, to, a, b; /**< a and b: registers, then bands behind them */
        float k;
    } steps[CAO_PROGRAM_STEPS];
    size_t n;
    uint8_t result; /**< where the value stands at the end */
    uint32_t needs; /**< CAO_BAND_BIT of the bands read */
    double kelvin; /**< the result's power of the kelvin: 0 without the thermal band; NaN: it may be
                         any, since a number that goes with kelvins can have a unit of its own */
};

/** Read @p text. Messages begin with "column N: " (in characters, from 1) where a place is at fault.
 *  @retval CAO_EARG not an expression; a name that is neither band, constant, function nor index (the
 *  nearest is named); a constant that is not used; no band at all; division by a constant within 1e-6 of
 *  zero, or by what is always zero; a constant part that is not a number; kelvins added to reflectance;
 *  more than the limits above */
CAO_CHECKED enum cao_status cao_expression_compile(const char *text,
                                                   const struct cao_constant *constants, size_t n,
                                                   struct cao_program *program,
                                                   struct cao_error *err);

/** Runs self->program: the kernel of every index that is an expression. */
void cao_program_compute(const struct cao_index *self, const float *const band[CAO_N_BANDS],
                         float *restrict vi, size_t n);
#endif
