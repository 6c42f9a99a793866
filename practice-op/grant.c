/* SPDX-License-Identifier: Apache-2.0 */
#include "grant.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GRANTS_MAX = 5000 };

static char *keep(const char *s)
{
    return s != NULL ? arena_keep(s) : NULL;
}

static void free_grant(grant *g)
{
    free(g->redirect_uri);
    free(g->scope);
    free(g->nonce);
    free(g->challenge);
    free(g->acr);
    free(g->resource);
    for (size_t i = 0; i < GRANT_ACCESS_KEPT; i++)
        free(g->access_jwt[i]);
    free(g->id_tokens[0]);
    free(g->id_tokens[1]);
    free(g);
}

static void forget_beyond(issuer *is, size_t max)
{
    grant **at = &is->grants;
    while (*at != NULL && max-- > 0)
        at = &(*at)->next;
    while (*at != NULL) {
        grant *next = (*at)->next;
        free_grant(*at);
        *at = next;
    }
}

void grant_forget_all(issuer *is)
{
    forget_beyond(is, 0);
}

grant *grant_begin(issuer *is, const grant *model)
{
    grant *g = arena_forever(sizeof *g);
    *g = *model;
    g->redirect_uri = keep(model->redirect_uri);
    g->scope = keep(model->scope);
    g->nonce = keep(model->nonce);
    g->challenge = keep(model->challenge);
    g->acr = keep(model->acr);
    g->resource = keep(model->resource);
    random_write(g->code, sizeof g->code);
    random_write(g->family, sizeof g->family);
    g->made = time(NULL);
    forget_beyond(is, GRANTS_MAX - 1);
    g->next = is->grants;
    is->grants = g;
    return g;
}

static bool same(const char *a, const char *b)
{
    size_t n = strlen(a);
    return n > 0 && strlen(b) == n && CRYPTO_memcmp(a, b, n) == 0;
}

grant *grant_find_code(issuer *is, const char *code)
{
    grant *g = is->grants;
    while (g != NULL && !same(g->code, code))
        g = g->next;
    return g;
}

grant *grant_find_refresh(issuer *is, const char *token, bool *reused)
{
    for (grant *g = is->grants; g != NULL; g = g->next) {
        size_t n = strlen(g->family);
        if (strncmp(g->family, token, n) == 0 && token[n] == '.') {
            *reused = !same(g->refresh, token);
            return g;
        }
    }
    return NULL;
}

grant *grant_find_access(issuer *is, const char *token, size_t *slot)
{
    time_t now = time(NULL);
    for (grant *g = is->grants; g != NULL; g = g->next) {
        for (size_t i = 0; i < GRANT_ACCESS_KEPT && !g->revoked; i++) {
            const char *own = g->access_jwt[i] != NULL ? g->access_jwt[i] : g->access[i];
            if (!same(own, token) || now >= g->access_made[i] + GRANT_ACCESS_SECONDS)
                continue;
            if (slot != NULL)
                *slot = i;
            return g;
        }
    }
    return NULL;
}

grant *grant_find_id_token(issuer *is, const char *token)
{
    for (grant *g = is->grants; g != NULL; g = g->next) {
        for (size_t i = 0; i < 2; i++) {
            if (g->id_tokens[i] != NULL && same(g->id_tokens[i], token))
                return g;
        }
    }
    return NULL;
}

/* The family in front lets an old token be told from one that never was. */
static const char *make_token(const grant *g, char out[GRANT_TOKEN_SIZE])
{
    char secret[RANDOM_LONG];
    random_write(secret, sizeof secret);
    snprintf(out, GRANT_TOKEN_SIZE, "%s.%s", g->family, secret);
    return out;
}

const char *grant_add_access(grant *g)
{
    unsigned slot = g->access_count++ % GRANT_ACCESS_KEPT;
    g->access_made[slot] = time(NULL);
    free(g->access_jwt[slot]);
    g->access_jwt[slot] = NULL;
    return make_token(g, g->access[slot]);
}

void grant_set_access_jwt(grant *g, const char *jwt)
{
    g->access_jwt[(g->access_count - 1) % GRANT_ACCESS_KEPT] = arena_keep(jwt);
}

const char *grant_add_refresh(grant *g)
{
    return make_token(g, g->refresh);
}

void grant_add_id_token(grant *g, const char *token)
{
    char **slot = &g->id_tokens[g->id_tokens[0] != NULL];
    free(*slot);
    *slot = arena_keep(token);
}
