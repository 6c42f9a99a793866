/* SPDX-License-Identifier: Apache-2.0 */
/* The few pages that people see: plain HTML, no JavaScript, light and dark. Everything that comes in is escaped here. */
#ifndef GATE_PAGE_H
#define GATE_PAGE_H

#include "../base/text.h"

enum { PAGE_MAX = 16 * 1024 };

typedef struct page {
    gate_str title;
    gate_str message;
    gate_str reference; /* the log has it too; empty: none */
    gate_str link;      /* where the one link leads, on our own origin; empty: none */
    gate_str link_text;
    gate_str form_action; /* in place of the link: a form that posts one field; empty: none */
    gate_str form_name;
    gate_str form_value;
} page;

void page_write(text *t, const page *p);

/* For callers that do not show pages: {"error":...,"error_description":...,"reference":...} */
void page_write_json(text *t, gate_str error, gate_str message, gate_str reference);

/* Content-Security-Policy for page_write: nothing but its own style, named by its hash. */
extern const gate_str page_policy;

#endif
