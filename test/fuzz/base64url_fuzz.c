/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64url.h"
#include "fuzz.h"

/* Into a block of exactly the size that the contract asks for. */
static void check_reading_at(gate_str s, gate_str bytes)
{
    unsigned char *room = malloc(s.len / 4 * 3 + 2);
    size_t n = 0;

    MUST(room != NULL && base64url_read_at(s, room, &n) && str_equal((gate_str){(char *)room, n}, bytes));
    free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gate_str s = fuzz_input(data, size), bytes, again;
    arena a;
    text t;

    arena_open(&a, FUZZ_ARENA_MAX);
    t = text_begin(&a, size * 2 + 10);
    if (base64url_read(&a, s, &bytes)) {
        check_reading_at(s, bytes);
        base64url_write(&t, bytes);
        MUST(text_end(&t, &again) && str_equal(again, s)); /* one spelling */
    }
    t = text_begin(&a, size * 2 + 10);
    base64url_write(&t, s);
    MUST(text_end(&t, &again) && again.len == BASE64URL_SIZE(size) && base64url_read(&a, again, &bytes) &&
         str_equal(bytes, s));
    arena_close(&a);
    return 0;
}
