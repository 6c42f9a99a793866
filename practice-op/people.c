/* SPDX-License-Identifier: Apache-2.0 */
#include "people.h"

#include <string.h>

static const person PEOPLE[] = {
#define PERSON(id, name, given, family, groups) {id, "person-" id, name, given, family, id "@example.org", groups},
#include "people.def"
#undef PERSON
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};

const person *people_all(void)
{
    return PEOPLE;
}

const person *people_find(const char *id)
{
    for (const person *p = PEOPLE; id != NULL && p->id != NULL; p++) {
        if (strcmp(p->id, id) == 0)
            return p;
    }
    return NULL;
}

bool people_scope_holds(const char *scope, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = scope; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, " ");
        if (length == n && strncmp(at, word, n) == 0)
            return true;
        at += length;
        at += strspn(at, " ");
    }
    return false;
}

void people_write_claims(const person *who, const char *scope, members *claims)
{
    members_put_string(claims, "sub", who->sub);
    if (people_scope_holds(scope, "profile")) {
        members_put_string(claims, "name", who->name);
        members_put_string(claims, "given_name", who->given_name);
        members_put_string(claims, "family_name", who->family_name);
        members_put_string(claims, "preferred_username", who->id);
        members_put_string(claims, "locale", "en-GB");
    }
    if (people_scope_holds(scope, "email")) {
        members_put_string(claims, "email", who->email);
        members_put(claims, "email_verified", "true");
    }
    if (people_scope_holds(scope, "profile") || people_scope_holds(scope, "groups"))
        members_put(claims, "groups", who->groups);
}
