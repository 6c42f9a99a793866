/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_ISSUER_H
#define PRACTICE_ISSUER_H

#include "fault.h"
#include "http.h"
#include "keys.h"
#include <jansson.h>

typedef enum issuer_endpoint {
    AT_DISCOVERY,
    AT_JWKS,
    AT_AUTHORIZE,
    AT_TOKEN,
    AT_USERINFO,
    AT_END_SESSION,
    AT_INTROSPECT,
    AT_CLAIMS,   /* distributed claims */
    AT_STRANGER, /* the key set of whoever signs with keys that are not ours; nobody may fetch it */
    AT_ENDPOINTS
} issuer_endpoint;

/* A disturbance that a test asked for. */
typedef struct issuer_trouble {
    unsigned delay; /* milliseconds */
    bool down;
    unsigned status; /* when down; 0 closes the connection */
} issuer_trouble;

/*
 * One issuer: the plain one (label "") or one under /f/<label>. Made when first asked for, kept until the end, and
 * touched only while the world is locked.
 */
typedef struct issuer {
    struct issuer *next;
    const char *label, *url, *alg;
    const fault *fault;  /* never NULL */
    unsigned generation; /* of the signing keys */
    bool has_signed;     /* at least one ID Token */
    json_t *log;
    issuer_trouble trouble[AT_ENDPOINTS];
    struct grant *grants;
    struct session *sessions;
    struct minted *minted; /* opaque tokens that a test asked for */
    struct seen *seen;     /* states, nonces, challenges, jti: for "used twice" */
} issuer;

/* NULL when the label names no fault, or there are too many issuers. */
issuer *issuer_find(const char *label, size_t length);

/* Whether a part of the label behind a '~' is this word: /f/ok~atjwt. */
bool issuer_has_word(const issuer *is, const char *word);

/* What follows such a part's beginning ("aud-" in /f/ok~aud-api), copied; NULL when there is none. */
const char *issuer_word_after(const issuer *is, arena *home, const char *beginning);

/* As fresh: no sessions, grants, troubles or log. */
void issuer_reset(issuer *is);
void issuer_close_all(void);

const char *issuer_endpoint_name(issuer_endpoint e);

/* AT_ENDPOINTS when there is none of that name. */
issuer_endpoint issuer_find_endpoint(const char *name);

/* True the second time that a value is seen under that name. */
bool issuer_seen(issuer *is, const char *name, const char *value);

/* The words that every template knows: issuer, issuershort, issuerupper, base, alg, kid, client, clientshort. */
members issuer_known(const issuer *is, arena *home, const char *client);

/*
 * Carries out a row's OP_HTTP for a site on a reply that is otherwise complete. A redirect leads to the same path under
 * <issuer>/moved/, where the honest answer waits.
 */
void issuer_edit_reply(const issuer *is, fault_site site, const http_request *rq, http_reply *rp);

/* Forgets what hangs on an issuer; from grant.c, mint.c and session.c. */
void grant_forget_all(issuer *is);
void session_forget_all(issuer *is);
void mint_forget_all(issuer *is);

#endif
