/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_END_SESSION_H
#define PRACTICE_END_SESSION_H

#include "issuer.h"

/* RP-Initiated Logout 1.0, GET and POST. */
void end_session_answer(issuer *is, http_request *rq, http_reply *rp);

#endif
