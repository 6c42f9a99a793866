/* SPDX-License-Identifier: Apache-2.0 */
/* Keys from files, for what they are to do. Each says on standard error what is wrong with one and answers false. */
#ifndef TOOL_KEY_FILE_H
#define TOOL_KEY_FILE_H

#include "jose/jwe_key.h"
#include "jose/keyset.h"
#include "tool.h"

/* To sign with: our own key as PEM or JWK, also a symmetric one. Dropped by the caller. */
bool key_file_read_signer(tool *t, const char *path, jwk *key);

/* To verify with: a shared secret, as symmetric JWK or as it is (without a line end). */
bool key_file_read_secret(tool *t, const char *path, jwk *key);

/* To verify with: a key set, one public JWK, or a public key as PEM. Released by the caller. */
bool key_file_read_set(tool *t, const char *path, keyset **set);
keyset *key_file_set_of(tool *t, gate_str document); /* the same from text; NULL without saying why */

/* To decrypt with, and to encrypt to. `alg` may be empty where the key says it. Dropped by the caller. */
bool key_file_read_opener(tool *t, const char *path, gate_str alg, jwe_key *key);
bool key_file_read_recipient(tool *t, const char *path, gate_str alg, jwe_key *key);

/* Any key at all, private or public: libcrypto's object or the octets, and what the JWK said. */
typedef struct key_any {
    EVP_PKEY *key;
    gate_str octets;
    const json *node; /* NULL for PEM */
    bool is_own;
    alg_set algs;      /* signatures */
    jwe_alg_set wraps; /* key management */
} key_any;
bool key_file_read_any(tool *t, gate_str document, const json *node, key_any *key);
void key_file_drop_any(key_any *key);

#endif
