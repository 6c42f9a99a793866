/* SPDX-License-Identifier: Apache-2.0 */
/* application/x-www-form-urlencoded: query strings and bodies. */
#ifndef GATE_FORM_H
#define GATE_FORM_H

#include "text.h"

enum { FORM_FIELDS_MAX = 64 };

typedef struct form {
    size_t count;
    gate_header fields[FORM_FIELDS_MAX]; /* decoded */
} form;

/* False: too many fields, a bad percent sign, a NUL, memory short. An empty text is an empty form. */
bool form_read(arena *a, gate_str s, form *f);

/* TWICE: the parameter stands there more than once, which for a security parameter is a refusal (RFC 6749 section 3.1). */
typedef enum { FORM_ABSENT, FORM_ONCE, FORM_TWICE } form_got;
form_got form_get(const form *f, gate_str name, gate_str *value);

void form_write(text *t, gate_str value);              /* encoded: space as '+' */
void form_add(text *t, gate_str name, gate_str value); /* with '&' before it unless t is empty */

#endif
