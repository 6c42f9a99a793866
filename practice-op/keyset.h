/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_KEYSET_H
#define PRACTICE_KEYSET_H

#include "issuer.h"

/* GET /jwks: four keys that sign, among decoys that share a kid across key types. */
void keyset_answer(issuer *is, http_request *rq, http_reply *rp);

/* GET /stranger-jwks: where an attacker's jku leads. */
void keyset_answer_stranger(issuer *is, http_request *rq, http_reply *rp);

#endif
