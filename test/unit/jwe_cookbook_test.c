/* SPDX-License-Identifier: Apache-2.0 */
/* The encrypted tokens of the RFC 7520 cookbook and of its companion for X25519. Skipped where the vectors are not at hand. */
#include "jose/jwe.h"
#include "jwe_token.h"
#include "token.h"

#include <stdio.h>
#include <stdlib.h>

static bool read_file(arena *a, const char *name, gate_str *document)
{
    const char *folder = getenv("GATE_VECTORS");
    gate_str path = folder != NULL ? unit_join(a, folder, "/cookbook/", name, NULL)
                                   : unit_join(a, GATE_TEST_DIR "/../../shared/vectors/cookbook/", name, NULL);
    FILE *file = fopen(arena_copy(a, path).ptr, "rb");
    char *bytes = arena_alloc(a, 1 << 16);

    if (file == NULL)
        return false;
    *document = (gate_str){bytes, fread(bytes, 1, 1 << 16, file)};
    fclose(file);
    return true;
}

/* The whole file; skips the test when it is not there. */
static const json *open_example(arena *a, const char *name)
{
    gate_str document;
    const json *node;

    if (!read_file(a, name, &document))
        skip();
    node = json_read_object(a, document);
    assert_non_null(node);
    return node;
}

static gate_str text_of(const json *node, const char *name)
{
    const json *member = json_find(node, str_of(name));

    assert_non_null(member);
    return member->text;
}

static gate_str document_of(const json *node)
{
    assert_non_null(node);
    return node->text;
}

/* An example with a compact token: its key opens it. */
static gate_str open_compact(arena *a, const json *example)
{
    const json *input = json_find(example, STR("input"));
    jwe_key key =
        jwe_token_read_key(a, document_of(json_find(input, STR("key"))), arena_copy(a, text_of(input, "alg")).ptr);
    gate_str token = text_of(json_find(example, STR("output")), "compact"), plain = STR_NONE;

    assert_int_equal(jwe_token_open(a, token, &key, &plain), REFUSAL_none);
    jwe_key_drop(&key);
    return plain;
}

static void check_good(arena *a, const char *name)
{
    const json *example = open_example(a, name);

    assert_str(open_compact(a, example), text_of(json_find(example, STR("input")), "plaintext"));
}

static void check_refused(arena *a, const char *name, refusal want)
{
    const json *example = open_example(a, name);

    assert_int_equal(
        jwe_token_check(a, text_of(json_find(example, STR("output")), "compact"), jwe_token_key(JWE_A128KW)), want);
}

/* There is no compact form of these: all that could be handed over is JSON. */
static void check_json_refused(arena *a, const char *name)
{
    const json *output = json_find(open_example(a, name), STR("output"));

    assert_null(json_find(output, STR("compact")));
    assert_int_equal(jwe_token_check(a, document_of(json_find(output, STR("json"))), jwe_token_key(JWE_A128KW)),
                     REFUSAL_jwe_malformed);
}

static void rfc7520_5_1_rsa1_5_is_refused(void **state)
{
    check_refused(*state, "jwe/5_1.key_encryption_using_rsa_v15_and_aes-hmac-sha2.json", REFUSAL_jwe_alg);
}

static void rfc7520_5_2_rsa_oaep(void **state)
{
    check_good(*state, "jwe/5_2.key_encryption_using_rsa-oaep_with_aes-gcm.json");
}

static void rfc7520_5_3_pbes2_is_refused(void **state)
{
    check_refused(*state, "jwe/5_3.key_wrap_using_pbes2-aes-keywrap_with-aes-cbc-hmac-sha2.json", REFUSAL_jwe_alg);
}

static void rfc7520_5_4_ecdh_es_a128kw(void **state)
{
    check_good(*state, "jwe/5_4.key_agreement_with_key_wrapping_using_ecdh-es_and_aes-keywrap_with_aes-gcm.json");
}

static void rfc7520_5_5_ecdh_es(void **state)
{
    check_good(*state, "jwe/5_5.key_agreement_using_ecdh-es_with_aes-cbc-hmac-sha2.json");
}

/* The key's alg is the content's (A128GCM), the token's is dir. */
static void rfc7520_5_6_dir(void **state)
{
    check_good(*state, "jwe/5_6.direct_encryption_using_aes-gcm.json");
}

static void rfc7520_5_7_a256gcmkw(void **state)
{
    check_good(*state, "jwe/5_7.key_wrap_using_aes-gcm_keywrap_with_aes-cbc-hmac-sha2.json");
}

static void rfc7520_5_8_a128kw(void **state)
{
    check_good(*state, "jwe/5_8.key_wrap_using_aes-keywrap_with_aes-gcm.json");
}

static void rfc7520_5_9_zip_is_refused(void **state)
{
    check_refused(*state, "jwe/5_9.compressed_content.json", REFUSAL_jwe_crit);
}

static void rfc7520_5_10_to_5_13_json_is_refused(void **state)
{
    check_json_refused(*state, "jwe/5_10.including_additional_authentication_data.json");
    check_json_refused(*state, "jwe/5_11.protecting_specific_header_fields.json");
    check_json_refused(*state, "jwe/5_12.protecting_content_only.json");
    check_json_refused(*state, "jwe/5_13.encrypting_to_multiple_recipients.json");
}

static void x25519_ecdh_es(void **state)
{
    check_good(*state, "curve25519/ecdh-es.json");
}

/* RFC 7520 section 6: what comes out is a signed token, verified with its signer's public key. */
static void rfc7520_6_nested(void **state)
{
    const json *example = open_example(*state, "6.nesting_signatures_and_encryption.json");
    const json *key = json_find(json_find(json_find(example, STR("sign")), STR("input")), STR("key"));
    gate_str plain = open_compact(*state, json_find(example, STR("encrypt")));
    gate_str public = unit_join(*state, "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"",
                                arena_copy(*state, text_of(key, "n")).ptr, "\"}", NULL);

    assert_int_equal(token_check_set(*state, plain, ALG_PS256, token_set(*state, &public, NULL)), REFUSAL_none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rfc7520_5_1_rsa1_5_is_refused),
        TEST(rfc7520_5_2_rsa_oaep),
        TEST(rfc7520_5_3_pbes2_is_refused),
        TEST(rfc7520_5_4_ecdh_es_a128kw),
        TEST(rfc7520_5_5_ecdh_es),
        TEST(rfc7520_5_6_dir),
        TEST(rfc7520_5_7_a256gcmkw),
        TEST(rfc7520_5_8_a128kw),
        TEST(rfc7520_5_9_zip_is_refused),
        TEST(rfc7520_5_10_to_5_13_json_is_refused),
        TEST(x25519_ecdh_es),
        TEST(rfc7520_6_nested),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
