/* SPDX-License-Identifier: Apache-2.0 */
/* A provider's metadata (OpenID Connect Discovery 1.0 section 3): an immutable snapshot, counted by those who hold it. */
#ifndef GATE_METADATA_H
#define GATE_METADATA_H

#include "../base/json.h"
#include "../option/refusal.h"

typedef struct metadata {
    gate_str issuer;
    gate_str authorization_endpoint; /* ptr NULL: none, as with issuers of tokens for machines alone */
    gate_str token_endpoint;         /* ptr NULL: none */
    gate_str jwks_uri;
    gate_str userinfo_endpoint;      /* ptr NULL: none */
    gate_str end_session_endpoint;   /* ptr NULL: none */
    gate_str introspection_endpoint; /* ptr NULL: none */
    bool promises_iss;               /* authorization_response_iss_parameter_supported (RFC 9207) */
} metadata;

/* Reads the document that was fetched for `issuer`, which must stand in it byte for byte. Endpoints are https; http is taken where
 * allow_http, or where the issuer itself is http on loopback and the endpoint too. NULL with *why: metadata_malformed,
 * metadata_issuer, metadata_insecure, internal. */
metadata *metadata_read(gate_str document, gate_str issuer, bool allow_http, refusal *why);

/* Whether people can sign in there: it has what a sign-in asks (OIDC Discovery 3). */
bool metadata_signs_in(const metadata *m);

/* What such a document says that its issuer is, to tell an operator who wrote another; ptr NULL: nothing. */
gate_str metadata_issuer_in(arena *a, gate_str document);

metadata *metadata_hold(metadata *m);
void metadata_release(metadata *m); /* NULL allowed */

#endif
