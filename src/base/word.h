/* SPDX-License-Identifier: Apache-2.0 */
/* Eight bytes of text at once, for checks that nearly always pass. Each answers whether one of the eight is such a byte, exactly. */
#ifndef GATE_WORD_H
#define GATE_WORD_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { WORD_SIZE = 8 };

#define WORD_OF(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t word_at(const char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, WORD_SIZE);
    return word;
}

/* Below `least`, which is at most 0x80: the subtraction borrows from the top bit, which was not set before. */
static inline bool word_has_below(uint64_t word, unsigned char least)
{
    return ((word - WORD_OF(least)) & ~word & WORD_OF(0x80)) != 0;
}

static inline bool word_has(uint64_t word, unsigned char byte)
{
    return word_has_below(word ^ WORD_OF(byte), 1);
}

/* Beyond 0x7e: DEL, or no ASCII. */
static inline bool word_has_beyond(uint64_t word)
{
    return ((word | (word + WORD_OF(1))) & WORD_OF(0x80)) != 0;
}

#endif
