/* SPDX-License-Identifier: Apache-2.0 */
/* Whole tokens: read, verified with public keys whose good signatures are known, claims read. */
#include "../unit/rfc.h"
#include "base/base64url.h"
#include "fuzz.h"
#include "jose/claims.h"
#include "jose/jws.h"

#define SET                                                                                                 \
    "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"" RFC7515_A2_N                                                     \
    "\",\"e\":\"AQAB\"},{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" RFC7515_A3_X "\",\"y\":\"" RFC7515_A3_Y \
    "\",\"kid\":\"ec\"},{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" RFC8037_A1_X "\",\"kid\":\"ed\"}]}"

/* Only what the RFCs signed may verify: anything else is a forgery. The other signature of ECDSA has the same input. */
static bool is_known(gate_str input)
{
    static const gate_str known[] = {STR_INIT(RFC7515_A2_TOKEN), STR_INIT(RFC7515_A3_TOKEN),
                                     STR_INIT(RFC8037_A4_TOKEN)};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (str_has_prefix(known[i], input) && known[i].len > input.len && known[i].ptr[input.len] == '.')
            return true;
    return false;
}

/* One token, one spelling. */
static void check_spelling(arena *a, const jws *t, gate_str token)
{
    text again = text_begin(a, JWS_SIZE_MAX);
    gate_str payload, signature;
    size_t at;

    MUST(str_find(token, '.', &at));
    base64url_write(&again, t->payload);
    text_add_char(&again, '.');
    base64url_write(&again, t->signature);
    MUST(text_end(&again, &payload));
    signature = str_from(token, at + 1);
    MUST(str_equal(payload, signature));
}

static const keyset *known_keys(void)
{
    static keyset *set;

    if (set == NULL)
        set = keyset_read(STR(SET));
    MUST(set != NULL && keyset_count(set) == 3);
    return set;
}

static void check_token(arena *a, gate_str token)
{
    refusal why = REFUSAL_none;
    claims c;
    jws t;

    if (!jws_read(a, token, (alg_set)-1, &t, &why)) {
        MUST(why == REFUSAL_jwt_malformed || why == REFUSAL_jwt_alg || why == REFUSAL_jwt_crit);
        return;
    }
    check_spelling(a, &t, token);
    MUST(why == REFUSAL_none && alg_name(t.alg).len > 0 && fuzz_is_inside(t.input, token));
    if (jws_verify_with_set(&t, known_keys(), &why))
        MUST(is_known(t.input));
    else
        MUST(why != REFUSAL_none);
    if (claims_read(a, t.payload, &c))
        MUST(c.exp >= -1 && c.iat >= -1 && c.sub.len <= 255 && !claims_aud_has(&c, STR_NONE));
}

/* "header LF payload LF signature" as they are before they are encoded: changes to these reach further than changes to a token. */
static gate_str encode(arena *a, gate_str s)
{
    text t = text_begin(a, s.len * 2 + 100);
    gate_str piece, token;
    size_t n = 0;

    while (str_cut(&s, '\n', &piece)) {
        if (n++ > 0)
            text_add_char(&t, '.');
        base64url_write(&t, piece);
    }
    MUST(text_end(&t, &token));
    return token;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gate_str s = fuzz_input(data, size);
    arena a;

    arena_open(&a, FUZZ_ARENA_MAX);
    check_token(&a, s);
    check_token(&a, encode(&a, s));
    arena_close(&a);
    return 0;
}
