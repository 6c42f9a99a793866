/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_ODDSIG_H
#define PRACTICE_ODDSIG_H

#include "issuer.h"

/*
 * Signatures that no honest provider makes, by name ("none", "stranger", "hs256-pem", ...; the table is in oddsig.c), or
 * made with an algorithm's own published key ("RS512", "PS256"). False when there is none of that name.
 */
bool oddsig_make(text *out, const issuer *is, const char *how, const char *secret, const char *input, size_t n);

/* Damages a signature, by name ("flip", "truncate", ...). */
void oddsig_break(text *sig, const char *how);

#endif
