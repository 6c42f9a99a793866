/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright keys make: a private JWK for one algorithm. */
#include "base/secret.h"
#include "jose/jwe_alg.h"
#include "jose/jwe_content.h"
#include "jose/jwk_write.h"
#include "key_write.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

enum { BITS_MIN = 2048, BITS = 3072, BITS_MAX = 8192, DOCUMENT_MAX = 32 * 1024, OCTETS_MAX = 64 };

typedef struct wanted {
    gate_str alg;
    bool for_encryption;
    const char *type;  /* for libcrypto; NULL: symmetric */
    const char *curve; /* EC */
    size_t size;       /* symmetric: bytes */
    int64_t bits;      /* RSA */
} wanted;

static const char *curve_of(alg_set alg)
{
    return alg == ALG_ES256K ? "secp256k1" : alg == ALG_ES256 ? "P-256" : alg == ALG_ES384 ? "P-384" : "P-521";
}

/* What a signature algorithm needs. */
static bool plan_signature(wanted *w)
{
    alg_set alg = alg_read(w->alg);

    if (alg & ALG_RSA)
        w->type = "RSA";
    else if (alg & ALG_EC)
        w->type = "EC";
    else if (alg & ALG_ED)
        w->type = alg == ALG_ED448 ? "ED448" : "ED25519";
    else if (alg & ALG_ML_DSA)
        w->type = alg_name(alg).ptr;
    else if (alg & ALG_HMAC)
        w->size = alg_digest_size(alg);
    w->curve = curve_of(alg);
    return w->type || w->size;
}

/* What a key management algorithm needs; dir is asked for by the name of the content's encryption, which decides the size. */
static bool plan_encryption(wanted *w, gate_str crv)
{
    jwe_alg_set alg = jwe_alg_read(w->alg);

    w->for_encryption = true;
    w->size = jwe_content_key_size(jwe_content_read(w->alg));
    if (w->size)
        return true;
    if (alg & JWE_RSA)
        w->type = "RSA";
    else if (alg & JWE_ECDH)
        w->type = crv.ptr && !str_equal(crv, STR("X25519")) ? "EC" : "X25519";
    else
        w->size = jwe_alg_wrap_size(alg);
    w->curve = crv.ptr ? crv.ptr : "";
    return w->type || w->size;
}

static bool curve_is_good(gate_str crv)
{
    return !crv.ptr || str_has_word(STR("P-256 P-384 P-521 X25519"), crv);
}

static const char *plan(const tool *t, wanted *w)
{
    gate_str crv = args_text(&t->args, "crv"), enc = args_text(&t->args, "enc"), bits = args_text(&t->args, "bits");

    *w = (wanted){.alg = enc, .bits = BITS};
    if (t->args.word_count)
        w->alg = (gate_str){t->args.words[0], strlen(t->args.words[0])};
    if (!w->alg.ptr || (enc.ptr && t->args.word_count))
        return "say for which algorithm: keys make RS256, or keys make --enc ECDH-ES";
    if (!curve_is_good(crv) || !(enc.ptr ? plan_encryption(w, crv) : plan_signature(w)))
        return enc.ptr ? "no such algorithm or curve for encryption (dir: ask for its enc, as A256GCM)"
                       : "no such algorithm for signatures";
    if (crv.ptr && !(enc.ptr && jwe_alg_read(enc) & JWE_ECDH))
        return "--crv is for ECDH-ES";
    if (bits.ptr &&
        (!w->type || strcmp(w->type, "RSA") != 0 || !str_number(bits, BITS_MAX, &w->bits) || w->bits < BITS_MIN))
        return "--bits is for RSA, from 2048 to 8192";
    return NULL;
}

static EVP_PKEY *generate(const wanted *w)
{
    if (strcmp(w->type, "RSA") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)w->bits);
    if (strcmp(w->type, "EC") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", w->curve);
    return EVP_PKEY_Q_keygen(NULL, NULL, w->type);
}

static bool write_document(tool *t, const wanted *w, const EVP_PKEY *key, gate_str octets, gate_str *document)
{
    text out = text_begin(&t->memory, DOCUMENT_MAX);
    gate_str kid = args_text(&t->args, "kid");
    bool good = kid.ptr || !key || jwk_thumbprint(&t->memory, key, &kid);

    json_begin(&out);
    if (kid.ptr)
        json_add_string(&out, STR("kid"), kid);
    json_add_string(&out, STR("use"), w->for_encryption ? STR("enc") : STR("sig"));
    if (!jwk_write_says_alg(key))
        json_add_string(&out, STR("alg"), w->alg);
    if (key)
        good = good && key_write_own(&out, key);
    else
        key_write_octets(&out, octets);
    json_end(&out);
    return good && text_end(&out, document);
}

/* Never over another file, and readable by its owner alone from the first moment. */
static tool_exit write_file(const char *path, gate_str document)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0;

    if (!good)
        return tool_fail(strerror(errno), path);
    good = write(fd, document.ptr, document.len) == (ssize_t)document.len && write(fd, "\n", 1) == 1 && fsync(fd) == 0;
    good = close(fd) == 0 && good;
    if (!good)
        unlink(path);
    return good ? TOOL_GOOD : tool_fail("cannot be written", path);
}

/* With --out only what may be seen is shown. */
static tool_exit deliver(tool *t, const wanted *w, const EVP_PKEY *key, gate_str document)
{
    const char *path = args_value(&t->args, "out");
    gate_str thumbprint;

    if (!path) {
        t->token = document;
        json_add_raw(&t->report, STR("key"), document);
        return TOOL_GOOD;
    }
    json_add_string(&t->report, STR("file"), args_text(&t->args, "out"));
    json_add_string(&t->report, STR("alg"), w->alg);
    if (jwk_thumbprint(&t->memory, key, &thumbprint))
        json_add_string(&t->report, STR("thumbprint"), thumbprint);
    return write_file(path, document);
}

tool_exit keys_make(tool *t)
{
    unsigned char bytes[OCTETS_MAX];
    EVP_PKEY *key = NULL;
    gate_str octets = STR_NONE, document;
    tool_exit status;
    wanted w;
    const char *wrong = plan(t, &w);

    if (wrong)
        return tool_usage(wrong);
    if (w.type)
        key = generate(&w);
    else if (RAND_priv_bytes(bytes, (int)w.size) == 1)
        octets = (gate_str){(char *)bytes, w.size};
    if ((!key && !octets.ptr) || !write_document(t, &w, key, octets, &document))
        status =
            tool_fail(w.type && strncmp(w.type, "ML-", 3) == 0 ? "the key cannot be made: ML-DSA wants libcrypto 3.5"
                                                               : "the key cannot be made",
                      NULL);
    else
        status = deliver(t, &w, key, document);
    secret_wipe(bytes, sizeof bytes);
    EVP_PKEY_free(key);
    return status;
}
