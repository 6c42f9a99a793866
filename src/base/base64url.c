/* SPDX-License-Identifier: Apache-2.0 */
#include "base64url.h"

/* clang-format off */
/* 0..63 for a character of the alphabet, 0xff for any other byte. */
static const unsigned char VALUE[256] = {
#define ROW16(x) x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x
    ROW16(0xff), ROW16(0xff),
    /* 0x20 */ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 62, 0xff, 0xff,
    /* 0x30 */ 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    /* 0x40 */ 0xff, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    /* 0x50 */ 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 0xff, 0xff, 0xff, 0xff, 63,
    /* 0x60 */ 0xff, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    /* 0x70 */ 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 0xff, 0xff, 0xff, 0xff, 0xff,
    ROW16(0xff), ROW16(0xff), ROW16(0xff), ROW16(0xff), ROW16(0xff), ROW16(0xff), ROW16(0xff), ROW16(0xff),
#undef ROW16
};
/* clang-format on */

static unsigned value_at(gate_str s, size_t i)
{
    return VALUE[(unsigned char)s.ptr[i]];
}

/* The last 2 or 3 characters, which make 1 or 2 bytes; bits beyond them must be zero, or two texts would mean the same bytes. */
static bool read_tail(gate_str tail, unsigned char *bytes)
{
    unsigned a = value_at(tail, 0), b = value_at(tail, 1);
    unsigned c = tail.len == 3 ? value_at(tail, 2) : 0;

    if ((a | b | c) > 63)
        return false;
    bytes[0] = (unsigned char)(a << 2 | b >> 4);
    if (tail.len == 2)
        return (b & 15) == 0;
    bytes[1] = (unsigned char)(b << 4 | c >> 2);
    return (c & 3) == 0;
}

bool base64url_read_at(gate_str s, unsigned char *bytes, size_t *n)
{
    size_t whole = s.len / 4, tail = s.len % 4;
    unsigned bad = 0;

    if (tail == 1)
        return false;
    for (size_t i = 0; i < whole; i++, bytes += 3) {
        unsigned a = value_at(s, 4 * i), b = value_at(s, 4 * i + 1), c = value_at(s, 4 * i + 2),
                 d = value_at(s, 4 * i + 3);
        bad |= a | b | c | d;
        bytes[0] = (unsigned char)(a << 2 | b >> 4);
        bytes[1] = (unsigned char)(b << 4 | c >> 2);
        bytes[2] = (unsigned char)(c << 6 | d);
    }
    if (bad > 63 || (tail && !read_tail(str_from(s, 4 * whole), bytes)))
        return false;
    *n = whole * 3 + (tail ? tail - 1 : 0);
    return true;
}

bool base64url_read(arena *a, gate_str s, gate_str *bytes)
{
    unsigned char *out = arena_alloc(a, s.len / 4 * 3 + 3);

    if (!out || !base64url_read_at(s, out, &bytes->len))
        return false;
    bytes->ptr = (const char *)out;
    return true;
}

/* The last 1 or 2 bytes; answers how many characters they make. */
static size_t write_tail(const unsigned char *in, size_t n, const char *alphabet, char *out)
{
    out[0] = alphabet[in[0] >> 2];
    if (n == 1) {
        out[1] = alphabet[(in[0] & 3) << 4];
        return 2;
    }
    out[1] = alphabet[(in[0] & 3) << 4 | in[1] >> 4];
    out[2] = alphabet[(in[1] & 15) << 2];
    return 3;
}

static void write_all(text *t, gate_str bytes, const char *alphabet, bool pad)
{
    const unsigned char *in = (const unsigned char *)bytes.ptr;
    size_t n = bytes.len;
    char out[4] = "====";

    for (; n >= 3; in += 3, n -= 3) {
        char four[4] = {alphabet[in[0] >> 2], alphabet[(in[0] & 3) << 4 | in[1] >> 4],
                        alphabet[(in[1] & 15) << 2 | in[2] >> 6], alphabet[in[2] & 63]};
        text_add(t, (gate_str){four, 4});
    }
    if (n) {
        size_t used = write_tail(in, n, alphabet, out);
        text_add(t, (gate_str){out, pad ? 4 : used});
    }
}

void base64url_write(text *t, gate_str bytes)
{
    write_all(t, bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false);
}

void base64_write(text *t, gate_str bytes)
{
    write_all(t, bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", true);
}
