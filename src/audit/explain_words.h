/** @file audit/explain_words.h  What the chain of an explanation says of its numbers, in Chinese.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_AUDIT_EXPLAIN_WORDS_H
#define CAO_AUDIT_EXPLAIN_WORDS_H
#include <stddef.h>

/** Write @p english, a formula or a rule of the chain, into @p zh with each known phrase in Chinese.
 *  What is not known stays as it is: names of indices and letters of bands among them. */
void cao_explain_words(const char *english, char *zh, size_t size);
#endif
