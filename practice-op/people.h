/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_PEOPLE_H
#define PRACTICE_PEOPLE_H

#include "members.h"

typedef struct person {
    const char *id, *sub, *name, *given_name, *family_name, *email, *groups;
} person;

/* By short name ("ada"); NULL when there is none, or id is NULL. */
const person *people_find(const char *id);

/* All of them; the last one has a NULL id. */
const person *people_all(void);

/* The claims that a scope releases (OIDC Core 5.4), `sub` first. */
void people_write_claims(const person *who, const char *scope, members *claims);

/* Whether the space-separated list holds the word. */
bool people_scope_holds(const char *scope, const char *word);

#endif
