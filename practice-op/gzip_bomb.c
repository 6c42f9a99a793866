/* SPDX-License-Identifier: Apache-2.0 */
#include "gzip_bomb.h"

#include <stdint.h>

enum { SPACES = 64 * 1024 * 1024, RUN = 258 };

/* Bits go into bytes from the low end (RFC 1951 section 3.1.1). */
typedef struct bits {
    text *out;
    unsigned have, count;
} bits;

static void put_bits(bits *b, unsigned value, unsigned count)
{
    for (; count > 0; count--, value >>= 1) {
        b->have |= (value & 1) << b->count;
        if (++b->count == 8) {
            text_fill(b->out, (char)b->have, 1);
            b->have = b->count = 0;
        }
    }
}

static void put_little(text *out, uint32_t value, unsigned bytes)
{
    for (; bytes > 0; bytes--, value >>= 8)
        text_fill(out, (char)(value & 0xff), 1);
}

static void put_stored(text *out, const text *plain)
{
    put_little(out, 0, 1);
    put_little(out, (uint32_t)plain->length, 2);
    put_little(out, (uint32_t)plain->length ^ 0xffff, 2);
    text_add(out, plain->data, plain->length);
}

/*
 * RFC 1951 section 3.2.7. Literal ' ' and end-of-block have codes of two bits (10, 11), the length 258 has one bit (0),
 * the distance 1 has one (0). Code lengths travel in their own code: 18 is 0, 1 is 10, 2 is 11.
 */
static void put_dynamic_header(bits *b)
{
    static const unsigned char ORDER_LENGTHS[18] = {[2] = 1, [15] = 2, [17] = 2};
    put_bits(b, 1 | 2 << 1, 3);
    put_bits(b, 29, 5);
    put_bits(b, 0, 5);
    put_bits(b, 14, 4);
    for (size_t i = 0; i < sizeof ORDER_LENGTHS; i++)
        put_bits(b, ORDER_LENGTHS[i], 3);
    put_bits(b, 0, 1); /* 32 zeros before ' ' */
    put_bits(b, 32 - 11, 7);
    put_bits(b, 3, 2); /* ' ': 2 */
    put_bits(b, 0, 1); /* 223 zeros: 138 and 85 */
    put_bits(b, 127, 7);
    put_bits(b, 0, 1);
    put_bits(b, 85 - 11, 7);
    put_bits(b, 3, 2); /* 256: 2 */
    put_bits(b, 0, 1); /* 28 zeros */
    put_bits(b, 28 - 11, 7);
    put_bits(b, 1, 2); /* 285: 1 */
    put_bits(b, 1, 2); /* distance 1: 1 */
}

static uint32_t add_crc(uint32_t crc, const uint32_t table[256], unsigned char byte)
{
    return table[(crc ^ byte) & 0xff] ^ crc >> 8;
}

static uint32_t find_crc(const text *plain)
{
    uint32_t table[256];
    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (unsigned k = 0; k < 8; k++)
            table[i] = (table[i] & 1) != 0 ? 0xedb88320u ^ table[i] >> 1 : table[i] >> 1;
    }
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < plain->length; i++)
        crc = add_crc(crc, table, (unsigned char)plain->data[i]);
    for (size_t i = 0; i < 1 + (SPACES / RUN) * (size_t)RUN; i++)
        crc = add_crc(crc, table, ' ');
    return crc ^ 0xffffffffu;
}

void gzip_bomb_write(text *t)
{
    text out = text_open(t->home);
    bits b = {&out, 0, 0};
    text_add(&out, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    put_stored(&out, t);
    put_dynamic_header(&b);
    put_bits(&b, 1, 2); /* ' ', the high bit of a code first */
    for (size_t i = 0; i < SPACES / RUN; i++)
        put_bits(&b, 0, 2);
    put_bits(&b, 3, 2);
    put_bits(&b, 0, 7);
    put_little(&out, find_crc(t), 4);
    put_little(&out, (uint32_t)t->length + 1 + SPACES / RUN * RUN, 4);
    *t = out;
}
