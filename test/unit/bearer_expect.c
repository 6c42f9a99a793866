/* SPDX-License-Identifier: Apache-2.0 */
#include "bearer_expect.h"

bearer_world w;
world_answer answer;

void bearer_begin(arena *a, const char *options)
{
    gate_str one = token_public(a, KEY_RSA, "\"kid\":\"k1\""), two = token_public(a, KEY_P256, "\"kid\":\"k2\"");

    if (!world_open(&w, options))
        fail_msg("%s", w.error.text);
    w.ops[0].keys = token_set(a, &one, NULL);
    w.ops[1].keys = token_set(a, &two, NULL);
}

int bearer_end(void **state)
{
    world_close(&w);
    return unit_end(state);
}

const char *text_at(arena *a, gate_str s)
{
    return arena_copy(a, s).ptr;
}

const char *good_token(arena *a)
{
    return text_at(a, token_make(a, KEY_RSA, ALG_RS256, HEADER, CLAIMS("https://op.example", "ada")));
}

const char *token_of_two(arena *a)
{
    return text_at(a, token_make(a, KEY_P256, ALG_ES256, "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"k2\"}",
                                 CLAIMS("https://two.example", "grace")));
}

void visit_with(const char *authorization, int rule)
{
    world_request r = {.rule = rule, .headers = {{STR("Authorization"), str_of(authorization)}}};

    if (!authorization[0])
        r.headers[0].name = STR_NONE;
    world_visit(&w, &r, &answer);
}

void visit_token(arena *a, const char *token)
{
    visit_with(text_at(a, unit_join(a, "Bearer ", token, NULL)), 0);
}

void expect_pass(const char *sub)
{
    if (!answer.passed || !answer.signed_in || strcmp(answer.sub, sub) != 0)
        fail_msg("refusal %s, status %u, sub %s; %s", answer.refusal, answer.status, answer.sub, w.logged);
    assert_string_equal(answer.challenge, "");
}

void expect_refusal(unsigned status, const char *refusal_id, const char *challenge_part)
{
    if (answer.passed || answer.status != status || strcmp(answer.refusal, refusal_id) != 0)
        fail_msg("passed %d, status %u, refusal %s; %s", answer.passed, answer.status, answer.refusal, w.logged);
    if (!strstr(answer.challenge, challenge_part))
        fail_msg("challenge %s", answer.challenge);
}

void refuse_token(arena *a, gate_str token)
{
    visit_token(a, text_at(a, token));
    if (answer.passed || answer.status != 401 || !strstr(answer.challenge, "error=\"invalid_token\""))
        fail_msg("%.*s: %s", (int)token.len, token.ptr, answer.refusal);
    assert_in_range(w.ops[0].metadata_fetches, 0, 1);
    assert_in_range(w.ops[0].keys_fetches, 0, 3);
    assert_int_equal(w.ops[1].metadata_fetches, 0);
}

void refuse_header(arena *a, const char *header)
{
    refuse_token(a, token_make(a, KEY_RSA, ALG_RS256, header, GOOD));
}

void refuse_claims(arena *a, const char *claims_text)
{
    refuse_token(a, token_make(a, KEY_RSA, ALG_RS256, HEADER, claims_text));
}

void accept_claims(arena *a, const char *claims_text)
{
    visit_token(a, text_at(a, token_make(a, KEY_RSA, ALG_RS256, HEADER, claims_text)));
    expect_pass("mallory");
}
