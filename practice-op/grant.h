/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_GRANT_H
#define PRACTICE_GRANT_H

#include "issuer.h"
#include "options.h"
#include "people.h"
#include "random.h"

enum { GRANT_CODE_SECONDS = 60, GRANT_ACCESS_SECONDS = 300, GRANT_ACCESS_KEPT = 4 };
enum { GRANT_TOKEN_SIZE = RANDOM_SHORT + RANDOM_LONG };

/* One login of one person at one client, and every token that came of it. Strings belong to the grant. */
typedef struct grant {
    struct grant *next;
    const options_client *client;
    const person *who;
    char *redirect_uri, *scope;
    char *nonce, *challenge, *acr, *resource; /* NULL when the request had none */
    char sid[RANDOM_SHORT];
    time_t auth_time, made;
    bool used, revoked;
    char code[RANDOM_LONG], family[RANDOM_SHORT];
    char refresh[GRANT_TOKEN_SIZE];
    char access[GRANT_ACCESS_KEPT][GRANT_TOKEN_SIZE];
    char *access_jwt[GRANT_ACCESS_KEPT]; /* what stands for it; NULL: it goes out as it is */
    time_t access_made[GRANT_ACCESS_KEPT];
    unsigned access_count;
    char *id_tokens[2]; /* the first and the last: either may come back as a hint */
} grant;

/* Makes a grant with a code; strings are copied. It lives until grant_forget_all. */
grant *grant_begin(issuer *is, const grant *model);

grant *grant_find_code(issuer *is, const char *code);

/* An old refresh token of a living family finds it too, with *reused set (RFC 9700 section 4.14.2). */
grant *grant_find_refresh(issuer *is, const char *token, bool *reused);

/* Only a living token. *slot, where not NULL: which of the grant's. */
grant *grant_find_access(issuer *is, const char *token, size_t *slot);
grant *grant_find_id_token(issuer *is, const char *token);

const char *grant_add_access(grant *g);
/* The last access token goes out as this JWT, and is found by it. */
void grant_set_access_jwt(grant *g, const char *jwt);
const char *grant_add_refresh(grant *g);
void grant_add_id_token(grant *g, const char *token);

#endif
