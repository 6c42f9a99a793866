/* SPDX-License-Identifier: Apache-2.0 */
#include "random.h"

#include "text.h"
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void random_write(char *out, size_t size)
{
    unsigned char bytes[32];
    size_t n = size == RANDOM_LONG ? 32 : 16;
    if (RAND_bytes(bytes, (int)n) != 1) {
        fputs("practice-op: no randomness\n", stderr);
        exit(1);
    }
    arena *home = arena_open();
    text encoded = text_open(home);
    text_put_base64url(&encoded, bytes, n);
    memcpy(out, text_end(&encoded), size);
    arena_close(home);
}
