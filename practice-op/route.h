/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_ROUTE_H
#define PRACTICE_ROUTE_H

#include "http.h"

/* Finds issuer and endpoint of a request and has it answered, one request at a time; only delays run side by side. */
void route_answer(http_request *rq, http_reply *rp);

/* Requests wait in between: at the start, until the port is known that issuers are named by. */
void route_hold(void);
void route_release(void);

#endif
