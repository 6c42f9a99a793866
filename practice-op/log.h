/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_LOG_H
#define PRACTICE_LOG_H

#include "issuer.h"

/* Appends a request and the status of its answer to the issuer's log; values that are secrets become "(N characters)". */
void log_add(issuer *is, issuer_endpoint e, const http_request *rq, const http_reply *rp);

/* The log as a JSON array. */
void log_write(const issuer *is, text *out);

#endif
