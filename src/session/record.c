/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session as a store keeps it:
 *
 *     offset  0   1   version
 *             1   7   zero
 *             8   8   created
 *            16   8   touched
 *            24   8   expires        (numbers are big-endian)
 *            32  16   provider
 *            48  12   iv
 *            60  16   tag
 *            76       sealed body
 *
 * All of the head but `touched` is authenticated with the body: use is written down without opening it.
 */
#include "session.h"

#include "../base/secret.h"

enum {
    VERSION = 1,
    AT_CREATED = 8,
    AT_TOUCHED = 16,
    AT_EXPIRES = 24,
    AT_PROVIDER = 32,
    AT_IV = 48,
    AT_TAG = 60,
    HEAD_SIZE = 76
};

static void put_number(char *at, int64_t n)
{
    for (int i = 7; i >= 0; i--, n >>= 8)
        at[i] = (char)(n & 0xff);
}

static int64_t get_number(const char *at)
{
    uint64_t n = 0;

    for (int i = 0; i < 8; i++)
        n = n << 8 | (unsigned char)at[i];
    return (int64_t)n;
}

bool session_store_key(gate_str handle, char key[SESSION_KEY_SIZE])
{
    key[0] = 's';
    return crypto_sha256(handle, (unsigned char *)key + 1);
}

static bool body_key(gate_str handle, sealed_key *key)
{
    return crypto_hmac_sha256(handle, STR("gatewright session body"), key->bytes);
}

static gate_str head_aad(const char *record, char aad[AT_TOUCHED + AT_IV - AT_EXPIRES])
{
    memcpy(aad, record, AT_TOUCHED);
    memcpy(aad + AT_TOUCHED, record + AT_EXPIRES, AT_IV - AT_EXPIRES);
    return (gate_str){aad, AT_TOUCHED + AT_IV - AT_EXPIRES};
}

bool session_record_write(arena *a, crypto *c, gate_str handle, const unsigned char *iv, const session_head *head,
                          gate_str body, gate_str *record)
{
    char *bytes = arena_alloc(a, HEAD_SIZE + body.len);
    char aad[AT_TOUCHED + AT_IV - AT_EXPIRES];
    sealed_key key;
    bool good;

    if (!bytes || !body_key(handle, &key))
        return false;
    bytes[0] = VERSION;
    put_number(bytes + AT_CREATED, head->created);
    put_number(bytes + AT_TOUCHED, head->touched);
    put_number(bytes + AT_EXPIRES, head->expires);
    memcpy(bytes + AT_PROVIDER, head->provider, SESSION_TAG_SIZE);
    memcpy(bytes + AT_IV, iv, SEAL_IV_SIZE);
    *record = (gate_str){bytes, HEAD_SIZE + body.len};
    good = crypto_seal(c, key.bytes, iv, head_aad(bytes, aad), body, (unsigned char *)bytes + HEAD_SIZE,
                       (unsigned char *)bytes + AT_TAG);
    secret_wipe(&key, sizeof key);
    return good;
}

bool session_record_read(gate_str record, session_head *head)
{
    if (record.len < HEAD_SIZE || record.ptr[0] != VERSION)
        return false;
    head->created = get_number(record.ptr + AT_CREATED);
    head->touched = get_number(record.ptr + AT_TOUCHED);
    head->expires = get_number(record.ptr + AT_EXPIRES);
    memcpy(head->provider, record.ptr + AT_PROVIDER, SESSION_TAG_SIZE);
    return true;
}

bool session_record_open(arena *a, crypto *c, gate_str handle, gate_str record, gate_str *body)
{
    char aad[AT_TOUCHED + AT_IV - AT_EXPIRES];
    gate_str sealed;
    unsigned char *out;
    sealed_key key;
    bool good;

    if (record.len < HEAD_SIZE)
        return false;
    sealed = str_from(record, HEAD_SIZE);
    out = arena_alloc(a, sealed.len);
    if (!out || !body_key(handle, &key))
        return false;
    good = crypto_unseal(c, key.bytes, (const unsigned char *)record.ptr + AT_IV, head_aad(record.ptr, aad), sealed,
                         (const unsigned char *)record.ptr + AT_TAG, out);
    secret_wipe(&key, sizeof key);
    *body = (gate_str){(char *)out, sealed.len};
    return good;
}

bool session_record_touch(arena *a, gate_str record, int64_t now, gate_str *touched)
{
    char *bytes = arena_alloc(a, record.len);

    if (!bytes || record.len < HEAD_SIZE)
        return false;
    memcpy(bytes, record.ptr, record.len);
    put_number(bytes + AT_TOUCHED, now);
    *touched = (gate_str){bytes, record.len};
    return true;
}
