/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_OPTIONS_H
#define PRACTICE_OPTIONS_H

#include <openssl/evp.h>
#include <stdbool.h>

/* A relying party as the command line registers it. */
typedef struct options_client {
    struct options_client *next;
    const char *id, *secret;  /* an empty secret makes a public client */
    EVP_PKEY *key;            /* for private_key_jwt; NULL without */
    EVP_PKEY *encryption_key; /* what is encrypted to it; NULL without */
} options_client;

typedef struct options_uri {
    struct options_uri *next;
    const char *value; /* exact, or a prefix when it ends with '*' */
} options_uri;

typedef struct options {
    unsigned port;
    const char *base; /* the issuers' common beginning, without trailing slash */
    options_client *clients;
    options_uri *redirect_uris, *post_logout_uris;
    bool quiet, list_faults;
} options;

/* The one set of this process; constant once options_read and options_set_base are done. */
const options *options_get(void);

/* False after a message on stderr. */
bool options_read(int argc, char **argv);
void options_set_base(unsigned port);
void options_close(void);

const options_client *options_find_client(const char *id);

/* Whether a list admits the URI; an empty list admits http and https on loopback. */
bool options_admit_uri(const options_uri *list, const char *uri);

#endif
