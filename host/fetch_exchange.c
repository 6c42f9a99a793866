/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch_exchange.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static char *copy(gate_str text)
{
    char *bytes = malloc(text.len + 1);
    if (bytes != NULL) {
        memcpy(bytes, text.len > 0 ? text.ptr : "", text.len);
        bytes[text.len] = '\0';
    }
    return bytes;
}

static void wipe(char *bytes, size_t length)
{
    if (bytes != NULL) {
        OPENSSL_cleanse(bytes, length);
        free(bytes);
    }
}

/* ---- what is received ---- */

static size_t refuse(fetch_exchange *x, const char *why)
{
    x->why = why;
    return 0; /* less than offered: libcurl ends the transfer */
}

/* realloc would leave tokens behind in memory that is free */
static bool grow(fetch_exchange *x, size_t need)
{
    size_t room = x->body_room == 0 ? 4096 : x->body_room;
    while (room < need) {
        room *= 2;
    }
    char *bytes = malloc(room);
    if (bytes == NULL) {
        return false;
    }
    if (x->body_len > 0) {
        memcpy(bytes, x->body, x->body_len);
    }
    wipe(x->body, x->body_room);
    x->body = bytes;
    x->body_room = room;
    return true;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *data)
{
    fetch_exchange *x = data;
    size_t length = size * count;
    if (length > x->body_max - x->body_len) {
        return refuse(x, "the answer is too large");
    }
    if (x->body_len + length > x->body_room && !grow(x, x->body_len + length)) {
        return refuse(x, "out of memory");
    }
    memcpy(x->body + x->body_len, bytes, length);
    x->body_len += length;
    return length;
}

static gate_str trim(const char *ptr, size_t len)
{
    while (len > 0 && (ptr[0] == ' ' || ptr[0] == '\t')) {
        ptr++;
        len--;
    }
    while (len > 0 && (ptr[len - 1] == ' ' || ptr[len - 1] == '\t' || ptr[len - 1] == '\r' || ptr[len - 1] == '\n')) {
        len--;
    }
    return (gate_str){ptr, len};
}

static size_t take_header(char *bytes, size_t size, size_t count, void *data)
{
    fetch_exchange *x = data;
    size_t length = size * count;
    if (x->body_len > 0) {
        return length; /* a trailer says nothing that we would believe */
    }
    if (length >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
        x->header_count = 0; /* the answer after an interim one */
        x->header_len = 0;
        return length;
    }
    const char *colon = memchr(bytes, ':', length);
    if (colon == NULL) {
        return length;
    }
    if (x->header_count == FETCH_HEADERS_MAX || length > FETCH_HEADER_BYTES_MAX - x->header_len) {
        return refuse(x, "the answer has too many headers");
    }
    char *kept = x->header_bytes + x->header_len;
    memcpy(kept, bytes, length);
    x->header_len += length;
    size_t name = (size_t)(colon - bytes);
    x->headers[x->header_count++] = (gate_header){trim(kept, name), trim(kept + name + 1, length - name - 1)};
    return length;
}

/* ---- what is sent ---- */

static bool is_line(gate_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\r' || text.ptr[i] == '\n' || text.ptr[i] == '\0') {
            return false;
        }
    }
    return true;
}

static bool add_line(fetch_exchange *x, const char *line)
{
    struct curl_slist *list = curl_slist_append(x->sent_headers, line);
    if (list == NULL) {
        return false;
    }
    x->sent_headers = list;
    return true;
}

static bool add_header(fetch_exchange *x, const gate_header *header)
{
    if (header->name.len == 0 || !is_line(header->name) || !is_line(header->value)) {
        return false;
    }
    size_t length = header->name.len + header->value.len + 3;
    char *line = malloc(length);
    if (line == NULL) {
        return false;
    }
    memcpy(line, header->name.ptr, header->name.len);
    memcpy(line + header->name.len, ": ", 2);
    if (header->value.len > 0) {
        memcpy(line + header->name.len + 2, header->value.ptr, header->value.len);
    }
    line[length - 1] = '\0';
    bool good = add_line(x, line);
    wipe(line, length);
    return good;
}

/* RFC 9110 12.5.3: without a word about encodings, any would be allowed. "Expect:" keeps libcurl from waiting for a 100. */
static bool add_headers(fetch_exchange *x, const gate_fetch_need *need)
{
    bool good = add_line(x, "Expect:") && add_line(x, "Accept-Encoding: identity");
    for (size_t i = 0; good && i < need->header_count; i++) {
        good = add_header(x, &need->headers[i]);
    }
    return good;
}

static bool set_str(CURL *easy, CURLoption option, gate_str text)
{
    char *copied = copy(text);
    bool good = copied != NULL && is_line(text) && curl_easy_setopt(easy, option, copied) == CURLE_OK;
    free(copied);
    return good;
}

static bool set_tls(CURL *easy, const gate_fetch_need *need)
{
    bool good = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
    if (good && need->ca_file.len > 0) {
        /* these authorities and no others: the system's folder must not join in */
        good = set_str(easy, CURLOPT_CAINFO, need->ca_file) && curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK;
    }
    return good && (need->crl_file.len == 0 || set_str(easy, CURLOPT_CRLFILE, need->crl_file));
}

static bool set_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
#else
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS)) == CURLE_OK;
#endif
}

static bool set_manners(CURL *easy, uint32_t timeout_ms)
{
#if LIBCURL_VERSION_NUM >= 0x075700
    /* else a timeout joins the resolver's thread and stands still with it */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    return curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK && /* none from the environment */
           curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)timeout_ms) == CURLE_OK && set_protocols(easy);
}

static bool set_receivers(CURL *easy, fetch_exchange *x)
{
    return curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, x) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, x) == CURLE_OK;
}

static bool set_request(CURL *easy, fetch_exchange *x, const gate_fetch_need *need)
{
    char agent[64] = "gatewright/";
    strncat(agent, gate_version(), sizeof agent - sizeof "gatewright/");
    bool good = curl_easy_setopt(easy, CURLOPT_URL, x->url) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_USERAGENT, agent) == CURLE_OK &&
                curl_easy_setopt(easy, CURLOPT_HTTPHEADER, x->sent_headers) == CURLE_OK;
    if (good && need->method.len == 4 && memcmp(need->method.ptr, "POST", 4) == 0) {
        return curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)x->sent_len) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_POSTFIELDS, x->sent) == CURLE_OK;
    }
    return good && need->method.len == 3 && memcmp(need->method.ptr, "GET", 3) == 0;
}

bool fetch_exchange_begin(fetch_exchange *x, const gate_fetch_need *need, const char **why)
{
    memset(x, 0, sizeof *x);
    x->body_max = need->max_bytes;
    x->sent_len = need->body.len;
    x->easy = curl_easy_init();
    x->url = copy(need->url);
    x->sent = copy(need->body);
    x->header_bytes = malloc(FETCH_HEADER_BYTES_MAX);
    *why = "out of memory";
    if (x->easy != NULL && x->url != NULL && x->sent != NULL && x->header_bytes != NULL) {
        *why = "the exchange cannot be set up";
        if (is_line(need->url) && add_headers(x, need) && set_manners(x->easy, need->timeout_ms) &&
            set_tls(x->easy, need) && set_receivers(x->easy, x) && set_request(x->easy, x, need)) {
            return true;
        }
    }
    fetch_exchange_end(x);
    return false;
}

void fetch_exchange_reply(const fetch_exchange *x, CURLcode code, gate_reply *reply)
{
    long status = 0;
    *reply = (gate_reply){.outcome = GATE_FAILED, .why = x->why != NULL ? x->why : curl_easy_strerror(code)};
    if (code != CURLE_OK || curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status < 100) {
        return;
    }
    *reply = (gate_reply){.outcome = GATE_OK,
                          .status = (unsigned)status,
                          .body = {x->body_len > 0 ? x->body : "", x->body_len},
                          .headers = x->headers,
                          .header_count = x->header_count};
}

void fetch_exchange_end(fetch_exchange *x)
{
    if (x->easy != NULL) {
        curl_easy_cleanup(x->easy);
    }
    for (struct curl_slist *line = x->sent_headers; line != NULL; line = line->next) {
        OPENSSL_cleanse(line->data, strlen(line->data)); /* client credentials */
    }
    curl_slist_free_all(x->sent_headers);
    wipe(x->url, x->url == NULL ? 0 : strlen(x->url));
    wipe(x->sent, x->sent_len);
    wipe(x->body, x->body_room);
    free(x->header_bytes);
    memset(x, 0, sizeof *x);
}
