/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed text for hosts that keep their own sessions in a cookie: the same JWE as our own cookies. */
#include "../base/secret.h"
#include "seal.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <stdlib.h>

enum { SEALER_MEMORY = 1024 * 1024, PLAIN_MAX = 64 * 1024, SEALED_MAX = 2 * PLAIN_MAX };

struct gate_sealer {
    arena arena; /* of the last call's result */
    crypto crypto;
    seal_ring ring;
};

static bool ring_open(seal_ring *ring, const gate_str *secrets, size_t count, gate_str purpose)
{
    if (!count || count > SEAL_SECRETS_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!secrets[i].len || !seal_ring_add(ring, secrets[i], purpose))
            return false;
    return true;
}

GATE_API gate_sealer *gate_sealer_open(const gate_str *secrets, size_t count, gate_str purpose)
{
    gate_sealer *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    arena_open(&s->arena, SEALER_MEMORY);
    if (crypto_open(&s->crypto) && ring_open(&s->ring, secrets, count, purpose))
        return s;
    gate_sealer_close(s);
    return NULL;
}

GATE_API void gate_sealer_close(gate_sealer *s)
{
    if (!s)
        return;
    crypto_close(&s->crypto);
    arena_close(&s->arena);
    secret_wipe(s, sizeof *s);
    free(s);
}

static bool random_iv(unsigned char iv[SEAL_IV_SIZE])
{
    bool good;

    ERR_set_mark();
    good = RAND_bytes(iv, SEAL_IV_SIZE) == 1;
    ERR_pop_to_mark();
    return good;
}

GATE_API bool gate_seal(gate_sealer *s, gate_str members, gate_str plain, gate_str *sealed)
{
    unsigned char iv[SEAL_IV_SIZE];
    text t;

    arena_reset(&s->arena);
    if (plain.len > PLAIN_MAX || !random_iv(iv))
        return false;
    t = text_begin(&s->arena, SEALED_MAX);
    return sealed_write(&s->arena, &s->crypto, &t, &s->ring.keys[0], iv, members, plain) && text_end(&t, sealed);
}

GATE_API bool gate_unseal(gate_sealer *s, gate_str sealed, gate_str *header, gate_str *plain)
{
    const json *head;

    arena_reset(&s->arena);
    if (!sealed.len || sealed.len > SEALED_MAX ||
        !sealed_read(&s->arena, &s->crypto, sealed, s->ring.keys, s->ring.count, &head, plain))
        return false;
    *header = head->text;
    return true;
}
