/* SPDX-License-Identifier: Apache-2.0 */
#include "signature_der.h"

enum { TAG_INTEGER = 0x02, TAG_SEQUENCE = 0x30, NUMBER_MAX = 66, SHORT_MAX = 0x7f, LONG_ONE = 0x81 };

static unsigned byte_at(gate_str s, size_t i)
{
    return (unsigned char)s.ptr[i];
}

/* An INTEGER: no leading zeros but the one that keeps it positive. */
static size_t write_integer(gate_str number, unsigned char *out)
{
    size_t pad;

    while (number.len > 1 && byte_at(number, 0) == 0)
        number = str_from(number, 1);
    pad = byte_at(number, 0) >= 0x80;
    out[0] = TAG_INTEGER;
    out[1] = (unsigned char)(number.len + pad);
    out[2] = 0;
    memcpy(out + 2 + pad, number.ptr, number.len);
    return 2 + pad + number.len;
}

size_t signature_der_write(gate_str pair, unsigned char der[SIGNATURE_DER_MAX])
{
    unsigned char body[SIGNATURE_DER_MAX];
    size_t half = pair.len / 2, n, head = 2;

    if (half == 0 || half > NUMBER_MAX || pair.len % 2)
        return 0;
    n = write_integer(str_part(pair, 0, half), body);
    n += write_integer(str_from(pair, half), body + n);
    der[0] = TAG_SEQUENCE;
    if (n > SHORT_MAX)
        der[1] = LONG_ONE, head = 3;
    der[head - 1] = (unsigned char)n;
    memcpy(der + head, body, n);
    return head + n;
}

/* Takes an INTEGER off the front and writes it with leading zeros to `size` bytes. */
static bool read_integer(gate_str *rest, unsigned char *out, size_t size)
{
    gate_str number;
    size_t n;

    if (rest->len < 3 || byte_at(*rest, 0) != TAG_INTEGER)
        return false;
    n = byte_at(*rest, 1);
    if (n == 0 || n > SHORT_MAX || n > rest->len - 2)
        return false;
    number = str_part(*rest, 2, n);
    *rest = str_from(*rest, 2 + n);
    while (number.len > 1 && byte_at(number, 0) == 0)
        number = str_from(number, 1);
    if (number.len > size)
        return false;
    memset(out, 0, size);
    memcpy(out + size - number.len, number.ptr, number.len);
    return true;
}

bool signature_der_read(gate_str der, unsigned char *pair, size_t size)
{
    size_t head, half = size / 2;

    if (der.len < 3 || byte_at(der, 0) != TAG_SEQUENCE)
        return false;
    head = byte_at(der, 1) == LONG_ONE ? 3 : 2;
    if (byte_at(der, head - 1) != der.len - head)
        return false;
    der = str_from(der, head);
    return read_integer(&der, pair, half) && read_integer(&der, pair + half, half) && der.len == 0;
}
