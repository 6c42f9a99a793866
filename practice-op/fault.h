/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_FAULT_H
#define PRACTICE_FAULT_H

#include "members.h"
#include <time.h>

/* What the provider sends; each place that writes one asks the fault of its issuer for changes. */
typedef enum fault_site {
    ISSUER,          /* how the issuer itself behaves */
    METADATA,        /* the discovery document */
    KEYSET,          /* the key set */
    KEY,             /* the published key of the issuer's algorithm */
    HEADER,          /* ID Token: JOSE header */
    CLAIMS,          /* ID Token: claims */
    JWS,             /* ID Token: the whole, signed */
    ENC_HEADER,      /* encrypted ID Token: JOSE header */
    ENC_PLAIN,       /* encrypted ID Token: what is encrypted */
    JWE,             /* encrypted ID Token: the whole */
    REFRESHED,       /* claims of an ID Token that comes with a refresh */
    ANSWER,          /* parameters of an authorization response with a code */
    ERROR,           /* parameters of an authorization error response */
    TOKEN,           /* token response to a code */
    REFRESH,         /* token response to a refresh token */
    USERINFO,        /* UserInfo response */
    INFO_HEADER,     /* signed UserInfo: JOSE header */
    INFO_CLAIMS,     /* signed UserInfo: claims */
    INFO_JWS,        /* signed UserInfo: the whole */
    INFO_ENC_HEADER, /* encrypted UserInfo: JOSE header */
    INFO_ENC_PLAIN,  /* encrypted UserInfo: what is encrypted */
    INFO_JWE,        /* encrypted UserInfo: the whole */
    LOGOUT_HEADER,   /* logout token: JOSE header */
    LOGOUT_CLAIMS,   /* logout token: claims */
    LOGOUT_JWS,      /* logout token: the whole */
    INTROSPECTION,   /* introspection response; in a signed one its member token_introspection */
    SPECT_HEADER,    /* signed introspection response: JOSE header */
    SPECT_CLAIMS,    /* signed introspection response: claims */
    SPECT_JWS,       /* signed introspection response: the whole */
    ACCESS_HEADER,   /* JWT access token: JOSE header */
    ACCESS_CLAIMS,   /* JWT access token: claims */
    ACCESS_JWS,      /* JWT access token: the whole */
    RETURN           /* parameters behind the post-logout redirect URI */
} fault_site;

typedef enum fault_op {
    NO_OP,
    OP_DROP,  /* members of that name go */
    OP_PUT,   /* the member gets the value, or is added */
    OP_ADD,   /* one more member, last */
    OP_FIRST, /* one more member, first */
    OP_TEXT,  /* the written text becomes the value; $json is what it was */
    OP_UTF16, /* the written text becomes UTF-16 */
    OP_HTTP,  /* name: status, type, redirect, gzip, slow */
    OP_WORD   /* name and value are for the code of that site */
} fault_op;

typedef enum fault_expect { ACCEPT, REFUSE, EITHER } fault_expect;

typedef struct fault_edit {
    fault_site site;
    fault_op op;
    const char *name, *value;
} fault_edit;

enum { FAULT_EDITS = 6 };

typedef struct fault {
    const char *id, *kind;
    fault_expect expect;
    const char *what;
    fault_edit edits[FAULT_EDITS];
} fault;

/* The row of that id, or NULL. */
const fault *fault_find(const char *id, size_t length);

/* A row's OP_WORD of that name at a site: its value, or NULL. */
const char *fault_word(const fault *f, fault_site site, const char *name);

/* Whether any value of the row mentions the text: spares costly words of a template. */
bool fault_mentions(const fault *f, const char *part);

/* Changes members before they are written, and the text afterwards. `known`: see template.h. */
void fault_edit_members(const fault *f, fault_site site, members *m, const members *known, time_t now);
void fault_edit_text(const fault *f, fault_site site, text *t, const members *known, time_t now);

/* Members to JSON, with both. */
void fault_write_json(const fault *f, fault_site site, members *m, const members *known, time_t now, text *out);

/* The HTTP part of a row: the n-th OP_HTTP of a site, or NULL. */
const fault_edit *fault_http(const fault *f, fault_site site, size_t n);

/* The whole table as one JSON array. */
void fault_write_list(text *out);

#endif
