/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys written as JWK: what is written is read again as the same key, private parts never are, thumbprints are the RFCs'. */
#include "jose/jwk_write.h"

#include "base/json.h"
#include "token.h"

static gate_str write(arena *a, const jwk *key, alg_set alg)
{
    text t = text_begin(a, 16 * 1024);
    gate_str s;

    assert_true(jwk_write_public(&t, key, alg));
    assert_true(text_end(&t, &s));
    return s;
}

static void reads_again(void **state)
{
    static const char *const hidden[] = {"d", "p", "q", "dp", "dq", "qi", "k", "priv"};

    for (int i = 0; i < KEY_COUNT; i++) {
        const jwk *own = token_key((key_name)i);
        alg_set alg = own->algs & (~own->algs + 1);
        const json *node = json_read_object(*state, write(*state, own, alg));
        jwk key;
        assert_non_null(node);
        for (size_t n = 0; n < COUNT(hidden); n++)
            assert_null(json_find(node, str_of(hidden[n])));
        assert_true(json_is_string(json_find(node, STR("use")), STR("sig")));
        assert_true(jwk_read_public(*state, node, &key));
        assert_int_equal(EVP_PKEY_eq(key.key, own->key), 1);
        assert_int_equal(key.algs, alg);
        jwk_drop(&key);
    }
}

static void thumbprints(void **state)
{
    static const struct {
        const char *document, *thumbprint;
    } cases[] = {
        /* RFC 7638 3.1 */
        {"{\"kty\":\"RSA\",\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
         "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSq"
         "zs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqb"
         "w0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw\",\"e\":\"AQAB\",\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}",
         "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"},
        /* RFC 8037 A.3 */
        {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
         "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        gate_str thumbprint;
        jwk key;
        assert_true(jwk_read_public(*state, json_read_object(*state, str_of(cases[i].document)), &key));
        assert_true(jwk_thumbprint(*state, key.key, &thumbprint));
        assert_str(thumbprint, str_of(cases[i].thumbprint));
        jwk_drop(&key);
    }
}

/* RFC 7638 section 7: no thumbprint of a secret. */
static void no_thumbprint_of_a_secret(void **state)
{
    gate_str thumbprint;

    assert_false(jwk_thumbprint(*state, NULL, &thumbprint));
}

static void json_or_pem(void **state)
{
    (void)state;
    assert_true(jwk_is_json(STR("{}")));
    assert_true(jwk_is_json(STR(" \t\r\n{")));
    assert_false(jwk_is_json(STR("-----BEGIN PRIVATE KEY-----\n{")));
    assert_false(jwk_is_json(STR("[{}]")));
    assert_false(jwk_is_json(STR("  ")));
    assert_false(jwk_is_json(STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_again),
        TEST(thumbprints),
        TEST(no_thumbprint_of_a_secret),
        TEST(json_or_pem),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
