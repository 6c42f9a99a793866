/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_MEMBERS_H
#define PRACTICE_MEMBERS_H

#include "text.h"

/*
 * Names and values in order; a name may occur twice. One shape for JSON objects (values are JSON text), for parameters
 * and for header fields, so that one fault table can edit them all.
 */
typedef struct member {
    struct member *next;
    const char *name;
    const char *value; /* NUL-terminated; may hold NUL inside, then length is the truth */
    size_t length;
} member;

typedef struct members {
    arena *home;
    member *first;
} members;

members members_open(arena *home);

/* Behind the last, or before the first; name and value are copied. */
void members_add(members *m, const char *name, const char *value, size_t length);
void members_add_first(members *m, const char *name, const char *value, size_t length);

/* members_add of a C string. */
void members_put(members *m, const char *name, const char *value);

/* JSON values. */
void members_put_string(members *m, const char *name, const char *value);
void members_put_number(members *m, const char *name, long long value);

/* Replaces the value of the first of that name, or adds it. */
void members_set(members *m, const char *name, const char *value, size_t length);
void members_drop(members *m, const char *name);

/* The value of the first of that name, or NULL. */
const char *members_find(const members *m, const char *name);
const member *members_find_member(const members *m, const char *name);
size_t members_count(const members *m, const char *name);

/* The name of a member that occurs twice, or NULL. */
const char *members_find_duplicate(const members *m);

/* {"name":value,...}: names are written as they are. */
void members_write_json(const members *m, text *out);

/* name=value&..., form-encoded. The reader answers false when a value is not well encoded or holds NUL. */
void members_write_form(const members *m, text *out);
bool members_read_form(members *m, const char *data, size_t n);

void members_put_url(text *out, const char *value);

/* Decodes form encoding; NULL when malformed or when it holds NUL. */
char *members_decode(arena *home, const char *s, size_t n);

#endif
