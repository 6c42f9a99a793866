/* SPDX-License-Identifier: Apache-2.0 */
#include "base64url.h"

/* clang-format off */
#define ALPHABET(at) \
    ['A'] = at(0),  ['B'] = at(1),  ['C'] = at(2),  ['D'] = at(3),  ['E'] = at(4),  ['F'] = at(5),  ['G'] = at(6),  ['H'] = at(7),  \
    ['I'] = at(8),  ['J'] = at(9),  ['K'] = at(10), ['L'] = at(11), ['M'] = at(12), ['N'] = at(13), ['O'] = at(14), ['P'] = at(15), \
    ['Q'] = at(16), ['R'] = at(17), ['S'] = at(18), ['T'] = at(19), ['U'] = at(20), ['V'] = at(21), ['W'] = at(22), ['X'] = at(23), \
    ['Y'] = at(24), ['Z'] = at(25), ['a'] = at(26), ['b'] = at(27), ['c'] = at(28), ['d'] = at(29), ['e'] = at(30), ['f'] = at(31), \
    ['g'] = at(32), ['h'] = at(33), ['i'] = at(34), ['j'] = at(35), ['k'] = at(36), ['l'] = at(37), ['m'] = at(38), ['n'] = at(39), \
    ['o'] = at(40), ['p'] = at(41), ['q'] = at(42), ['r'] = at(43), ['s'] = at(44), ['t'] = at(45), ['u'] = at(46), ['v'] = at(47), \
    ['w'] = at(48), ['x'] = at(49), ['y'] = at(50), ['z'] = at(51), ['0'] = at(52), ['1'] = at(53), ['2'] = at(54), ['3'] = at(55), \
    ['4'] = at(56), ['5'] = at(57), ['6'] = at(58), ['7'] = at(59), ['8'] = at(60), ['9'] = at(61), ['-'] = at(62), ['_'] = at(63)
/* clang-format on */

/* Four characters make 24 bits. Each table has what one of them adds, with a mark of its own above: a byte outside the alphabet
 * has neither, so that four that are good have all four marks. */
#define FIRST(value) (1U << 24 | (value##U) << 18)
#define SECOND(value) (1U << 25 | (value##U) << 12)
#define THIRD(value) (1U << 26 | (value##U) << 6)
#define FOURTH(value) (1U << 27 | (value##U))

static const uint32_t TABLE[4][256] = {{ALPHABET(FIRST)}, {ALPHABET(SECOND)}, {ALPHABET(THIRD)}, {ALPHABET(FOURTH)}};

enum { ALL_MARKS = 15 };

static uint32_t read_four(const unsigned char *s)
{
    return TABLE[0][s[0]] | TABLE[1][s[1]] | TABLE[2][s[2]] | TABLE[3][s[3]];
}

/* The last 2 or 3 characters, which make 1 or 2 bytes; bits beyond them must be zero, or two texts would mean the same bytes. */
static bool read_tail(const unsigned char *s, size_t n, unsigned char *bytes)
{
    const unsigned char four[4] = {s[0], s[1], n == 3 ? s[2] : 'A', 'A'};
    uint32_t bits = read_four(four);

    bytes[0] = (unsigned char)(bits >> 16);
    if (n == 3)
        bytes[1] = (unsigned char)(bits >> 8);
    return bits >> 24 == ALL_MARKS && (bits & (n == 3 ? 0xff : 0xffff)) == 0;
}

bool base64url_read_at(gate_str s, unsigned char *bytes, size_t *n)
{
    const unsigned char *at = (const unsigned char *)s.ptr;
    size_t whole = s.len / 4, tail = s.len % 4;
    uint32_t all = (uint32_t)ALL_MARKS << 24;

    if (tail == 1)
        return false;
    for (size_t i = 0; i < whole; i++, at += 4, bytes += 3) {
        uint32_t bits = read_four(at);
        all &= bits;
        bytes[0] = (unsigned char)(bits >> 16);
        bytes[1] = (unsigned char)(bits >> 8);
        bytes[2] = (unsigned char)bits;
    }
    if (all >> 24 != ALL_MARKS || (tail && !read_tail(at, tail, bytes)))
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
