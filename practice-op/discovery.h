/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_DISCOVERY_H
#define PRACTICE_DISCOVERY_H

#include "issuer.h"

/* GET /.well-known/openid-configuration (OpenID Connect Discovery 1.0 section 4). */
void discovery_answer(issuer *is, http_request *rq, http_reply *rp);

/* Whether the metadata, as this issuer shows it, lists a value under a name. */
bool discovery_lists(const issuer *is, arena *home, const char *name, const char *value);

#endif
