/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_CONTROL_H
#define PRACTICE_CONTROL_H

#include "issuer.h"

/*
 * What tests ask of an issuer, under <issuer>/control/: GET log; POST reset, rotate, delay (endpoint, ms),
 * down (endpoint, status), up, logout_token (sub or sid; answers a logout token for that login).
 */
void control_answer(issuer *is, const char *what, http_request *rq, http_reply *rp);

#endif
