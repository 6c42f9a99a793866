/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JOSE cookbook (RFC 7520, with RFC 7797 and RFC 8037), from the folder that GATE_VECTORS names or from ../shared/vectors/cookbook
 * beside the repository; skipped where there is none.
 */
#include "base/base64url.h"
#include "jose/jws.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILE_MAX_SIZE = 128 * 1024 };

/* The whole file as JSON; skips the test when it is not there. */
static const json *read_vector(arena *a, const char *name)
{
    const char *folder = getenv("GATE_VECTORS");
    gate_str path =
        unit_join(a, folder != NULL ? folder : GATE_TEST_DIR "/../../shared/vectors/cookbook", "/", name, NULL);
    FILE *file = fopen(arena_copy(a, path).ptr, "rb");
    char *bytes = arena_alloc(a, FILE_MAX_SIZE);
    const json *vector;
    size_t n;

    if (file == NULL)
        skip();
    n = fread(bytes, 1, FILE_MAX_SIZE, file);
    fclose(file);
    assert_in_range(n, 1, FILE_MAX_SIZE - 1);
    vector = json_read_object(a, (gate_str){bytes, n});
    assert_non_null(vector);
    return vector;
}

static gate_str text_at(const json *object, const char *name)
{
    gate_str value = STR_NONE;

    assert_int_equal(json_get_string(object, str_of(name), &value), JSON_GOOD);
    return value;
}

static void read_key(arena *a, const json *node, jwk *key)
{
    gate_str octets;

    if (json_is_string(json_find(node, STR("kty")), STR("oct"))) {
        assert_true(base64url_read(a, text_at(node, "k"), &octets));
        assert_true(jwk_read_secret(octets, key));
    } else {
        assert_true(jwk_read_private(a, node->text, key));
    }
}

static void check_token(arena *a, gate_str token, const json *key_node, gate_str payload)
{
    alg_set any = (alg_set)-1;
    refusal why = REFUSAL_none;
    jwk key;
    jws t;

    read_key(a, key_node, &key);
    assert_true(jws_read(a, unit_exact(token), any, &t, &why));
    assert_str(t.payload, payload);
    assert_true(jws_verify(&t, &key));
    ((char *)t.input.ptr)[t.input.len - 1] ^= 1;
    assert_false(jws_verify(&t, &key));
    jwk_drop(&key);
}

static const json *input_of(const json *vector)
{
    return json_find(vector, STR("input"));
}

static const json *output_of(const json *vector)
{
    return json_find(vector, STR("output"));
}

static void check_compact(arena *a, const char *name)
{
    const json *vector = read_vector(a, name), *input = input_of(vector);

    check_token(a, text_at(output_of(vector), "compact"), json_find(input, STR("key")), text_at(input, "payload"));
}

static void signatures_4_1_to_4_4(void **state)
{
    check_compact(*state, "jws/4_1.rsa_v15_signature.json");
    check_compact(*state, "jws/4_2.rsa-pss_signature.json");
    check_compact(*state, "jws/4_3.ecdsa_signature.json");
    check_compact(*state, "jws/4_4.hmac-sha2_integrity_protection.json");
}

static void signature_of_rfc8037(void **state)
{
    check_compact(*state, "curve25519/jws.json");
}

static refusal why_not(arena *a, const char *name, const char *output)
{
    gate_str token = text_at(json_find(read_vector(a, name), str_of(output)), "compact");
    refusal why = REFUSAL_none;
    jws t;

    assert_false(jws_read(a, unit_exact(token), (alg_set)-1, &t, &why));
    return why;
}

static void detached_payload_is_refused(void **state)
{
    assert_int_equal(why_not(*state, "jws/4_5.signature_with_detached_content.json", "output"), REFUSAL_jwt_malformed);
}

/* The payload stands there as it is, so that the form alone gives it away; the header would, too. */
static void payload_not_encoded_is_refused(void **state)
{
    const json *vector = read_vector(*state, "rfc7797/hmac-sha2_b64_false.json");
    const json *flat = json_find(output_of(vector), STR("json_flat"));
    refusal why = REFUSAL_none;
    gate_str token;
    jws t;

    assert_int_equal(why_not(*state, "rfc7797/hmac-sha2_b64_false.json", "output"), REFUSAL_jwt_malformed);
    token = unit_join(*state, arena_copy(*state, text_at(flat, "protected")).ptr, ".e30.",
                      arena_copy(*state, text_at(flat, "signature")).ptr, NULL);
    assert_false(jws_read(*state, token, (alg_set)-1, &t, &why));
    assert_int_equal(why, REFUSAL_jwt_crit);
}

/* Signatures that stand in JSON, put together as compact tokens where their header is protected. */
static size_t check_json(arena *a, const char *name)
{
    const json *vector = read_vector(a, name), *input = input_of(vector), *key = json_find(input, STR("key"));
    const json *general = json_find(output_of(vector), STR("json")),
               *each = json_find(general, STR("signatures"))->child;
    size_t count = 0;

    if (key->type == JSON_ARRAY)
        key = key->child;
    for (; each != NULL; each = each->next, key = key->next) {
        gate_str protected;
        if (json_get_string(each, STR("protected"), &protected) != JSON_GOOD)
            continue;
        check_token(a,
                    unit_join(a, arena_copy(a, protected).ptr, ".", arena_copy(a, text_at(general, "payload")).ptr, ".",
                              arena_copy(a, text_at(each, "signature")).ptr, NULL),
                    key, text_at(input, "payload"));
        count++;
    }
    return count;
}

static void signatures_4_6_and_4_8(void **state)
{
    assert_int_equal(check_json(*state, "jws/4_6.protecting_specific_header_fields.json"), 1);
    assert_int_equal(check_json(*state, "jws/4_8.multiple_signatures.json"), 2);
}

static void reproducible_signatures_are_made_again(void **state)
{
    static const char *const names[] = {"jws/4_1.rsa_v15_signature.json", "jws/4_4.hmac-sha2_integrity_protection.json",
                                        "curve25519/jws.json"};

    for (size_t i = 0; i < COUNT(names); i++) {
        const json *vector = read_vector(*state, names[i]), *input = input_of(vector);
        text out = text_begin(*state, JWS_SIZE_MAX);
        gate_str token, kid = STR_NONE;
        jwk key;
        read_key(*state, json_find(input, STR("key")), &key);
        json_get_string(json_find(json_find(vector, STR("signing")), STR("protected")), STR("kid"), &kid);
        key.kid = kid;
        assert_true(jws_sign(*state, &out, &key, alg_read(text_at(input, "alg")), STR_NONE, text_at(input, "payload")));
        assert_true(text_end(&out, &token));
        assert_str(token, text_at(output_of(vector), "compact"));
        jwk_drop(&key);
    }
}

static void keys_of_section_3(void **state)
{
    static const struct {
        const char *name;
        bool public, private;
    } keys[] = {{"jwk/3_1.ec_public_key.json", true, false},
                {"jwk/3_2.ec_private_key.json", false, true},
                {"jwk/3_3.rsa_public_key.json", true, false},
                {"jwk/3_4.rsa_private_key.json", false, true},
                {"jwk/3_5.symmetric_key_mac_computation.json", false, false},
                {"jwk/3_6.symmetric_key_encryption.json", false, false}};

    for (size_t i = 0; i < COUNT(keys); i++) {
        const json *node = read_vector(*state, keys[i].name);
        jwk key;
        assert_int_equal(jwk_read_public(*state, node, &key), keys[i].public);
        jwk_drop(&key);
        assert_int_equal(jwk_read_private(*state, node->text, &key), keys[i].private);
        jwk_drop(&key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(signatures_4_1_to_4_4),       TEST(signature_of_rfc8037),
        TEST(detached_payload_is_refused), TEST(payload_not_encoded_is_refused),
        TEST(signatures_4_6_and_4_8),      TEST(reproducible_signatures_are_made_again),
        TEST(keys_of_section_3),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
