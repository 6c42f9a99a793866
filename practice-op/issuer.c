/* SPDX-License-Identifier: Apache-2.0 */
#include "issuer.h"

#include "gzip_bomb.h"
#include "options.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { ISSUERS_MAX = 4096, SEEN_MAX = 10000, LABEL_MAX = 200 };

typedef struct seen {
    struct seen *next;
    char *text;
} seen;

static issuer *issuers;
static size_t issuers_count;

static const char *const ENDPOINTS[AT_ENDPOINTS] = {
    [AT_DISCOVERY] = "discovery",   [AT_JWKS] = "jwks",
    [AT_AUTHORIZE] = "authorize",   [AT_TOKEN] = "token",
    [AT_USERINFO] = "userinfo",     [AT_END_SESSION] = "end_session",
    [AT_CLAIMS] = "claims",         [AT_STRANGER] = "stranger_jwks",
    [AT_INTROSPECT] = "introspect",
};

const char *issuer_endpoint_name(issuer_endpoint e)
{
    return ENDPOINTS[e];
}

issuer_endpoint issuer_find_endpoint(const char *name)
{
    issuer_endpoint e = AT_DISCOVERY;
    while (e < AT_ENDPOINTS && (name == NULL || strcmp(ENDPOINTS[e], name) != 0))
        e++;
    return e;
}

/* Any part behind a '~' may name an algorithm: /f/ok~es256, /f/gw-expired~ps256~2. */
static const char *alg_of_label(const char *label, const fault *f)
{
    static const struct {
        const char *suffix, *alg;
    } ALGS[] = {{"ps256", "PS256"}, {"es256", "ES256"}, {"eddsa", "EdDSA"}, {"ed25519", "Ed25519"}, {"rs256", "RS256"}};
    for (const char *at = strchr(label, '~'); at != NULL; at = strchr(at, '~')) {
        size_t n = strcspn(++at, "~");
        for (size_t i = 0; i < sizeof ALGS / sizeof ALGS[0]; i++) {
            if (strlen(ALGS[i].suffix) == n && strncmp(ALGS[i].suffix, at, n) == 0)
                return ALGS[i].alg;
        }
    }
    const char *alg = fault_word(f, ISSUER, "alg");
    return alg != NULL ? alg : "RS256";
}

const char *issuer_word_after(const issuer *is, arena *home, const char *beginning)
{
    size_t length = strlen(beginning);
    for (const char *at = strchr(is->label, '~'); at != NULL; at = strchr(at, '~')) {
        size_t n = strcspn(++at, "~");
        if (n >= length && strncmp(at, beginning, length) == 0)
            return arena_copy(home, at + length, n - length);
    }
    return NULL;
}

bool issuer_has_word(const issuer *is, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strchr(is->label, '~'); at != NULL; at = strchr(at, '~')) {
        size_t n = strcspn(++at, "~");
        if (n == length && strncmp(at, word, n) == 0)
            return true;
    }
    return false;
}

static issuer *make_issuer(const char *label, size_t length, const fault *f)
{
    issuer *is = arena_forever(sizeof *is);
    arena *home = arena_open();
    is->label = arena_keep(arena_copy(home, label, length));
    is->url = arena_keep(text_of(home, "%s%s%s", options_get()->base, length > 0 ? "/f/" : "", is->label));
    is->fault = f;
    is->alg = alg_of_label(is->label, f);
    is->log = json_array();
    is->next = issuers;
    issuers = is;
    issuers_count++;
    arena_close(home);
    return is;
}

/* Labels go into cookie paths and URLs as they are. */
static bool is_label(const char *label, size_t length)
{
    static const char PLAIN[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    return length <= LABEL_MAX && strspn(label, PLAIN) >= length;
}

issuer *issuer_find(const char *label, size_t length)
{
    if (!is_label(label, length))
        return NULL;
    for (issuer *is = issuers; is != NULL; is = is->next) {
        if (strlen(is->label) == length && strncmp(is->label, label, length) == 0)
            return is;
    }
    size_t id = 0;
    while (id < length && label[id] != '~')
        id++;
    const fault *f = length == 0 ? fault_find("ok", 2) : fault_find(label, id);
    return f != NULL && issuers_count < ISSUERS_MAX ? make_issuer(label, length, f) : NULL;
}

static void forget_seen(issuer *is)
{
    while (is->seen != NULL) {
        seen *next = is->seen->next;
        free(is->seen->text);
        free(is->seen);
        is->seen = next;
    }
}

void issuer_reset(issuer *is)
{
    grant_forget_all(is);
    session_forget_all(is);
    mint_forget_all(is);
    forget_seen(is);
    json_array_clear(is->log);
    memset(is->trouble, 0, sizeof is->trouble);
}

void issuer_close_all(void)
{
    while (issuers != NULL) {
        issuer *next = issuers->next;
        issuer_reset(issuers);
        json_decref(issuers->log);
        free((char *)issuers->label);
        free((char *)issuers->url);
        free(issuers);
        issuers = next;
    }
}

bool issuer_seen(issuer *is, const char *name, const char *value)
{
    arena *home = arena_open();
    const char *pair = text_of(home, "%s=%s", name, value);
    size_t count = 0;
    seen *at = is->seen;
    for (; at != NULL && strcmp(at->text, pair) != 0; at = at->next)
        count++;
    if (at == NULL && count < SEEN_MAX) {
        seen *new = arena_forever(sizeof *new);
        *new = (seen){is->seen, arena_keep(pair)};
        is->seen = new;
    }
    arena_close(home);
    return at != NULL;
}

static void put_shorter(members *known, const char *name, const char *value)
{
    size_t n = strlen(value);
    members_add(known, name, value, n > 0 ? n - 1 : 0);
}

members issuer_known(const issuer *is, arena *home, const char *client)
{
    members known = members_open(home);
    char *upper = arena_copy(home, is->url, strlen(is->url));
    for (char *c = upper; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    members_put(&known, "issuer", is->url);
    put_shorter(&known, "issuershort", is->url);
    members_put(&known, "issuerupper", upper);
    members_put(&known, "base", options_get()->base);
    members_put(&known, "alg", is->alg);
    members_put(&known, "kid", keys_kid(home, keys_role_of(is->alg), is->generation));
    members_put(&known, "client", client);
    put_shorter(&known, "clientshort", client);
    return known;
}

void issuer_edit_reply(const issuer *is, fault_site site, const http_request *rq, http_reply *rp)
{
    const fault_edit *e;
    for (size_t i = 0; (e = fault_http(is->fault, site, i)) != NULL; i++) {
        if (strcmp(e->name, "status") == 0) {
            rp->status = (unsigned)strtoul(e->value, NULL, 10);
        } else if (strcmp(e->name, "type") == 0) {
            http_set_header(rp, "Content-Type", e->value);
        } else if (strcmp(e->name, "slow") == 0) {
            rp->slow = true;
        } else if (strcmp(e->name, "gzip") == 0) {
            http_set_header(rp, "Content-Encoding", "gzip");
            gzip_bomb_write(&rp->body);
        } else if (strstr(rq->path, "/moved/") == NULL) {
            const char *rest = rq->path + (is->label[0] != '\0' ? strlen("/f/") + strlen(is->label) : 0);
            unsigned status = (unsigned)strtoul(e->value, NULL, 10);
            http_reply_redirect(rp, status, text_of(rq->home, "%s/moved%s", is->url, rest));
        }
    }
}
