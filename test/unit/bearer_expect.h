/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of bearer tokens through the whole engine share: one world, its good tokens, and what is expected of an answer. */
#ifndef GATE_TEST_BEARER_EXPECT_H
#define GATE_TEST_BEARER_EXPECT_H

#include "bearer_world.h"
#include "token.h"
#include "unit.h"

#define SIGN_IN "!cookie_secret 0123456789abcdef0123456789abcdef\n"
#define OP "+provider op\nissuer https://op.example\nclient_id rs\nclient_secret secret\n"
#define TWO "+provider two\nissuer https://two.example\nclient_id rs2\nclient_secret secret2\n"
#define RULE "+rule\nbearer op\naudience api\n"

/* Good for RULE from 1799999990 to 1800000300; the world's clock begins at 1800000000. */
#define HEADER "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}"
#define CLAIMS(iss, sub)                                                                                            \
    "{\"iss\":\"" iss "\",\"sub\":\"" sub "\",\"aud\":\"api\",\"exp\":1800000300,\"iat\":1799999990,\"jti\":\"j\"," \
    "\"client_id\":\"app\",\"scope\":\"read write\",\"groups\":[\"staff\"]}"

/* Forgeries are of mallory. */
#define GOOD CLAIMS("https://op.example", "mallory")
#define SMALL(members) "{\"iss\":\"https://op.example\",\"aud\":\"api\",\"sub\":\"mallory\"," members "}"
#define REST "\"iat\":1799999990,\"jti\":\"j\",\"client_id\":\"app\""
#define ES_HEADER "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"k2\"}"

extern bearer_world w;
extern world_answer answer;

/* Opens the world, with the RSA key k1 at the first provider and the P-256 key k2 at the second; WORLD_TEST closes it. */
void bearer_begin(arena *a, const char *options);
int bearer_end(void **state);
#define WORLD_TEST(function) cmocka_unit_test_setup_teardown(function, unit_begin, bearer_end)

const char *text_at(arena *a, gate_str s); /* NUL-terminated */
const char *good_token(arena *a);          /* of ada, from the first provider */
const char *token_of_two(arena *a);        /* of grace, from the second */

/* One request; the outcome is in `answer`. An empty `authorization`: no such header. */
void visit_with(const char *authorization, int rule);
void visit_token(arena *a, const char *token);

void expect_pass(const char *sub);
void expect_refusal(unsigned status, const char *refusal_id, const char *challenge_part);

/* A forged token: not let in, told 401 invalid_token, and the provider was asked for its metadata and keys at most. */
void refuse_token(arena *a, gate_str token);

/* The same, of a token that the provider's own key signed, with this header or these claims. */
void refuse_header(arena *a, const char *header);
void refuse_claims(arena *a, const char *claims_text);
void accept_claims(arena *a, const char *claims_text);

#endif
