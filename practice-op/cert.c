/* SPDX-License-Identifier: Apache-2.0 */
#include "cert.h"

#include <openssl/x509.h>

void cert_write(text *out, EVP_PKEY *pair)
{
    static const unsigned char NAME[] = "practice";
    unsigned char *der = NULL;
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, NAME, -1, -1, 0);
    X509_set_issuer_name(cert, name);
    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -60);
    X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
    X509_set_pubkey(cert, pair);
    X509_sign(cert, pair, EVP_sha256());
    int n = i2d_X509(cert, &der);
    if (n > 0)
        text_put_base64(out, der, (size_t)n);
    OPENSSL_free(der);
    X509_free(cert);
}
