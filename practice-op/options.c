/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "arena.h"
#include "jwk.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static options all;

const options *options_get(void)
{
    return &all;
}

static options_client *add_client(const char *id, size_t length, const char *secret)
{
    options_client *c = arena_forever(sizeof *c);
    char *name = arena_forever(length + 1);
    memcpy(name, id, length);
    *c = (options_client){.next = all.clients, .id = name, .secret = arena_keep(secret)};
    all.clients = c;
    return c;
}

static options_client *find_client(const char *id, size_t length)
{
    options_client *c = all.clients;
    while (c != NULL && (strlen(c->id) != length || strncmp(c->id, id, length) != 0))
        c = c->next;
    return c;
}

const options_client *options_find_client(const char *id)
{
    return find_client(id, strlen(id));
}

static bool read_client(const char *value)
{
    size_t length = strcspn(value, ":");
    if (length == 0 || value[length] == '\0' || find_client(value, length) != NULL)
        return false;
    add_client(value, length, value + length + 1);
    return true;
}

/* ID:FILE. NULL when it cannot be read. */
static options_client *read_key_of(const char *value, EVP_PKEY **key)
{
    size_t length = strcspn(value, ":");
    if (length == 0 || value[length] == '\0')
        return NULL;
    *key = jwk_read_file(value + length + 1);
    options_client *c = find_client(value, length);
    return c != NULL || *key == NULL ? c : add_client(value, length, "");
}

static bool read_client_key(const char *value)
{
    EVP_PKEY *key = NULL;
    options_client *c = read_key_of(value, &key);
    if (c != NULL)
        c->key = key;
    return key != NULL;
}

static bool read_encryption_key(const char *value)
{
    EVP_PKEY *key = NULL;
    options_client *c = read_key_of(value, &key);
    if (c != NULL)
        c->encryption_key = key;
    return key != NULL;
}

static bool add_uri(options_uri **list, const char *value)
{
    options_uri *u = arena_forever(sizeof *u);
    *u = (options_uri){*list, arena_keep(value)};
    *list = u;
    return true;
}

static bool read_port(const char *value)
{
    char *end;
    unsigned long port = strtoul(value, &end, 10);
    all.port = (unsigned)port;
    return *value >= '0' && *value <= '9' && *end == '\0' && port < 65536;
}

static bool read_base(const char *value)
{
    size_t n = strlen(value);
    all.base = arena_keep(value);
    return (strncmp(value, "http://", 7) == 0 || strncmp(value, "https://", 8) == 0) && value[n - 1] != '/';
}

static bool read_option(const char *name, const char *value)
{
    if (strcmp(name, "--port") == 0)
        return read_port(value);
    if (strcmp(name, "--issuer-base") == 0)
        return read_base(value);
    if (strcmp(name, "--client") == 0)
        return read_client(value);
    if (strcmp(name, "--client-key") == 0)
        return read_client_key(value);
    if (strcmp(name, "--client-encryption-key") == 0)
        return read_encryption_key(value);
    if (strcmp(name, "--redirect-uri") == 0)
        return add_uri(&all.redirect_uris, value);
    if (strcmp(name, "--post-logout-uri") == 0)
        return add_uri(&all.post_logout_uris, value);
    return false;
}

static bool usage(const char *what)
{
    fprintf(
        stderr,
        "practice-op: not understood: %s\n"
        "practice-op [--port N] [--issuer-base URL] [--client ID:SECRET]... [--client-key ID:FILE]...\n"
        "            [--client-encryption-key ID:FILE]... [--redirect-uri URI[*]]... [--post-logout-uri URI[*]]... [--quiet]\n"
        "practice-op --faults\n",
        what);
    return false;
}

bool options_read(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quiet") == 0)
            all.quiet = true;
        else if (strcmp(argv[i], "--faults") == 0)
            all.list_faults = true;
        else if (i + 1 >= argc || !read_option(argv[i], argv[i + 1]))
            return usage(argv[i]);
        else
            i++;
    }
    if (all.clients == NULL)
        add_client("practice", 8, "practice-secret");
    return true;
}

void options_set_base(unsigned port)
{
    char base[32];
    snprintf(base, sizeof base, "http://127.0.0.1:%u", port);
    if (all.base == NULL)
        all.base = arena_keep(base);
}

void options_close(void)
{
    while (all.clients != NULL) {
        options_client *next = all.clients->next;
        EVP_PKEY_free(all.clients->key);
        EVP_PKEY_free(all.clients->encryption_key);
        free((char *)all.clients->id);
        free((char *)all.clients->secret);
        free(all.clients);
        all.clients = next;
    }
    options_uri **lists[] = {&all.redirect_uris, &all.post_logout_uris};
    for (size_t i = 0; i < 2; i++) {
        while (*lists[i] != NULL) {
            options_uri *next = (*lists[i])->next;
            free((char *)(*lists[i])->value);
            free(*lists[i]);
            *lists[i] = next;
        }
    }
    free((char *)all.base);
}

static bool is_loopback(const char *uri)
{
    static const char *const ORIGINS[] = {"http://127.0.0.1", "https://127.0.0.1", "http://localhost",
                                          "https://localhost"};
    for (size_t i = 0; i < sizeof ORIGINS / sizeof ORIGINS[0]; i++) {
        size_t n = strlen(ORIGINS[i]);
        if (strncmp(uri, ORIGINS[i], n) != 0)
            continue;
        const char *rest = uri + n;
        if (*rest == ':')
            rest += 1 + strspn(rest + 1, "0123456789");
        return *rest == '\0' || *rest == '/' || *rest == '?';
    }
    return false;
}

bool options_admit_uri(const options_uri *list, const char *uri)
{
    if (strchr(uri, '#') != NULL)
        return false;
    if (list == NULL)
        return is_loopback(uri);
    for (; list != NULL; list = list->next) {
        size_t n = strlen(list->value);
        bool prefix = n > 0 && list->value[n - 1] == '*';
        if (prefix ? strncmp(uri, list->value, n - 1) == 0 : strcmp(uri, list->value) == 0)
            return true;
    }
    return false;
}
