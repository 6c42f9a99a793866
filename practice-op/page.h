/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_PAGE_H
#define PRACTICE_PAGE_H

#include "issuer.h"

/* "Sign in as": one button per person; the form sends all of params again, by POST. */
void page_login(const issuer *is, http_reply *rp, const members *params);

void page_error(http_reply *rp, unsigned status, const char *title, const char *what);
void page_signed_out(http_reply *rp);

/* OAuth 2.0 Form Post Response Mode 1.0. */
void page_form_post(http_reply *rp, const char *uri, const members *params);

/* What this place is, and every fault by name. */
void page_front(const issuer *is, http_reply *rp);

#endif
