/* SPDX-License-Identifier: Apache-2.0 */
/* Our registration at one provider, as the messages need it. Const from gate_open on. */
#ifndef GATE_CLIENT_H
#define GATE_CLIENT_H

#include "../base/secret.h"
#include "../jose/jwk.h"
#include "encryption.h"

typedef enum { CLIENT_AUTH_BASIC, CLIENT_AUTH_POST, CLIENT_AUTH_PRIVATE_KEY_JWT, CLIENT_AUTH_NONE } client_auth_method;

typedef struct client {
    gate_str issuer;
    gate_str client_id;
    secret client_secret;
    client_auth_method auth;
    jwk key;         /* for private_key_jwt */
    alg_set key_alg; /* one bit */
    bool audience_is_token_endpoint;
    jwk secret_key; /* client_secret as a key for HMAC, where an HS algorithm is configured */
    alg_set id_token_algs;
    alg_set access_token_algs;
    encryption id_token_encryption;
    encryption userinfo_encryption;
    encryption access_token_encryption;
    gate_str trusted_audiences; /* words; may stand in aud beside us */
    int64_t skew;               /* seconds */
} client;

#endif
