/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_CONDUCT_H
#define PRACTICE_CONDUCT_H

#include "issuer.h"

/* What a relying party should not have done, noted on its request and shown in the log. The answer does not change. */
void conduct_note(http_request *rq, const char *format, ...) __attribute__((format(printf, 2, 3)));

void conduct_check_authorize(issuer *is, http_request *rq, const members *params);
void conduct_check_token(http_request *rq);
void conduct_check_userinfo(http_request *rq);
void conduct_check_end_session(http_request *rq, const members *params);

/* Discovery, key set and the other requests that carry no credential. */
void conduct_check_public(http_request *rq);

#endif
