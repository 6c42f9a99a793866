/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SAMPLE_PAGE_H
#define SAMPLE_PAGE_H

#include <stddef.h>

/* Who the proxy says is there: the values of X-User-*; NULL where the request had none. */
typedef struct page_user {
    const char *sub, *name, *email, *groups;
} page_user;

typedef enum page_kind { PAGE_HOME, PAGE_ACCOUNT, PAGE_PUBLIC, PAGE_MISSING } page_kind;

/* The whole page in a new allocation, which the caller frees; NULL when memory is out. */
char *page_write(page_kind kind, const char *title, const page_user *user, size_t *length);

/* The Content-Security-Policy of every page: the one style sheet by its hash, and nothing else. Constant text. */
const char *page_policy(void);

/* Makes the policy; call once, before any thread. */
void page_open(void);

#endif
