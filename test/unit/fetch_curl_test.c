/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "fetch_curl.h"
#include "unit.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SOCKETS = 128, BODY_MAX = 1000 };

/* ---- a server that answers as the path says ---- */

static int listener;
static unsigned port;
static atomic_uint requests;

static void say(int fd, const char *text)
{
    size_t length = strlen(text);

    for (ssize_t sent; length > 0 && (sent = send(fd, text, length, MSG_NOSIGNAL)) > 0; length -= (size_t)sent)
        text += sent;
}

static void say_many(int fd, const char *text, int times)
{
    for (int i = 0; i < times; i++)
        say(fd, text);
}

static void wait_for_end(int fd)
{
    char byte;

    while (recv(fd, &byte, 1, 0) > 0)
        ;
}

static void trickle(int fd)
{
    say(fd, "HTTP/1.1 200 OK\r\n\r\n");
    for (int i = 0; i < 100 && send(fd, "x", 1, MSG_NOSIGNAL) == 1; i++)
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
}

static void echo(int fd, const char *request)
{
    char head[128];

    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", strlen(request));
    say(fd, head);
    say(fd, request);
}

static const struct {
    const char *path, *head, *unit;
    int times;
    const char *tail;
} answers[] = {
    {"/full", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "0123456789", BODY_MAX / 10, ""},
    {"/over", "HTTP/1.1 200 OK\r\n\r\n", "0123456789", BODY_MAX / 10, "x"},
    {"/endless", "HTTP/1.1 200 OK\r\n\r\n", "0123456789", 1000000, ""},
    {"/cut", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", "short", 1, ""},
    {"/slow", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", "slow", 1, ""},
    {"/63", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "X-Header: value\r\n", 63, "\r\n"},
    {"/64", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "X-Header: value\r\n", 64, "\r\n"},
    {"/redirect", "HTTP/1.1 302 Found\r\nLocation: /echo\r\nContent-Length: 0\r\n\r\n", "", 0, ""},
    {"/other", "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 404 Not Found\r\n", "X-Late:\t two words \r\n",
     1, "Empty:\r\nContent-Length: 0\r\n\r\n"},
};

static void answer(int fd, const char *request)
{
    const char *path = strchr(request, '/');

    if (strncmp(path, "/echo", 5) == 0)
        echo(fd, request);
    if (strncmp(path, "/hang", 5) == 0)
        wait_for_end(fd);
    if (strncmp(path, "/trickle", 8) == 0)
        trickle(fd);
    if (strncmp(path, "/slow", 5) == 0)
        nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    for (size_t i = 0; i < COUNT(answers); i++) {
        if (strncmp(path, answers[i].path, strlen(answers[i].path)) == 0) {
            say(fd, answers[i].head);
            say_many(fd, answers[i].unit, answers[i].times);
            say(fd, answers[i].tail);
        }
    }
}

static void *serve(void *data)
{
    int fd = (int)(intptr_t)data;
    char request[4096];
    size_t have = 0;

    while (have < sizeof request - 1) {
        ssize_t got = recv(fd, request + have, sizeof request - 1 - have, 0);

        if (got <= 0)
            break;
        have += (size_t)got;
        request[have] = '\0';
        char *end = strstr(request, "\r\n\r\n"), *length = strstr(request, "Content-Length: ");
        if (end == NULL || (length != NULL && strlen(end + 4) < (size_t)atoi(length + 16)))
            continue;
        atomic_fetch_add(&requests, 1);
        answer(fd, request);
        break;
    }
    close(fd);
    return NULL;
}

static void *accept_all(void *data)
{
    pthread_attr_t apart;

    (void)data;
    pthread_attr_init(&apart);
    pthread_attr_setdetachstate(&apart, PTHREAD_CREATE_DETACHED);
    for (;;) {
        pthread_t thread;
        int fd = accept(listener, NULL, NULL);

        if (fd < 0)
            return NULL;
        if (pthread_create(&thread, &apart, serve, (void *)(intptr_t)fd) != 0)
            close(fd);
    }
}

static int begin_server(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    static pthread_t thread;

    (void)state;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listener, 128), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    port = ntohs(address.sin_port);
    return pthread_create(&thread, NULL, accept_all, NULL);
}

static int end_server(void **state)
{
    (void)state;
    return close(listener);
}

/* ---- a loop for the driver ---- */

typedef struct loop {
    fetch_driver *driver;
    struct pollfd sockets[SOCKETS];
    nfds_t count;
    int64_t due;
} loop;

static int64_t clock_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void watch(void *context, int fd, unsigned what, void **slot)
{
    loop *l = context;
    nfds_t i = 0;

    while (i < l->count && l->sockets[i].fd != fd)
        i++;
    /* the slot is ours from the first call for an fd to the last */
    assert_ptr_equal(*slot, i < l->count ? (void *)l : NULL);
    *slot = l;
    if (what == 0) {
        assert_true(i < l->count);
        l->sockets[i] = l->sockets[--l->count];
        return;
    }
    assert_true(i < SOCKETS);
    if (i == l->count)
        l->count++;
    l->sockets[i] = (struct pollfd){
        .fd = fd, .events = (short)(((what & FETCH_READ) ? POLLIN : 0) | ((what & FETCH_WRITE) ? POLLOUT : 0))};
}

static void timer(void *context, long ms)
{
    ((loop *)context)->due = ms < 0 ? -1 : clock_ms() + ms;
}

static void turn(loop *l)
{
    struct pollfd ready[SOCKETS];
    nfds_t count = l->count;

    poll(l->sockets, count, 10);
    memcpy(ready, l->sockets, sizeof ready);
    if (l->due >= 0 && clock_ms() >= l->due) {
        l->due = -1;
        fetch_timeout(l->driver);
        return;
    }
    for (nfds_t i = 0; i < count; i++) {
        unsigned what = (ready[i].revents & (POLLIN | POLLHUP | POLLERR)) ? FETCH_READ : 0;

        if (ready[i].revents & (POLLOUT | POLLERR))
            what |= FETCH_WRITE;
        if (what != 0)
            fetch_ready(l->driver, ready[i].fd, what);
    }
}

static void turn_until_idle(loop *l, int64_t most_ms)
{
    int64_t end = clock_ms() + most_ms;

    while (fetch_count(l->driver) > 0) {
        assert_true(clock_ms() < end);
        turn(l);
    }
}

static int begin(void **state)
{
    static loop l;

    memset(&l, 0, sizeof l);
    l.due = -1;
    l.driver = fetch_open(&(fetch_loop){.context = &l, .watch = watch, .timer = timer});
    assert_non_null(l.driver);
    *state = &l;
    atomic_store(&requests, 0);
    return 0;
}

static int end(void **state)
{
    loop *l = *state;

    fetch_close(l->driver);
    assert_int_equal(l->count, 0);
    return 0;
}

/* ---- one exchange ---- */

typedef struct result {
    unsigned count;
    gate_outcome outcome;
    unsigned status;
    char body[4096];
    size_t body_len;
    size_t header_count;
    char late[32];
    char why[128];
} result;

static void done(void *data, const gate_reply *reply)
{
    result *r = data;

    r->count++;
    r->outcome = reply->outcome;
    r->status = reply->status;
    r->header_count = reply->header_count;
    r->body_len = reply->body.len;
    assert_true(reply->body.len < sizeof r->body);
    memcpy(r->body, reply->body.len ? reply->body.ptr : "", reply->body.len);
    r->body[reply->body.len] = '\0';
    for (size_t i = 0; i < reply->header_count; i++)
        if (str_equal(reply->headers[i].name, STR("X-Late")))
            snprintf(r->late, sizeof r->late, "%.*s", (int)reply->headers[i].value.len, reply->headers[i].value.ptr);
    if (reply->outcome == GATE_FAILED) {
        assert_non_null(reply->why);
        snprintf(r->why, sizeof r->why, "%s", reply->why);
    }
}

static gate_fetch_need get(const char *path)
{
    static char url[256];

    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", port, path);
    return (gate_fetch_need){
        .method = STR("GET"), .url = {url, strlen(url)}, .max_bytes = BODY_MAX, .timeout_ms = 2000};
}

static result fetch_one(void **state, gate_fetch_need need)
{
    result r = {0};
    const char *why;

    assert_non_null(fetch_begin(((loop *)*state)->driver, &need, done, &r, &why));
    assert_int_equal(r.count, 0);
    turn_until_idle(*state, 5000);
    assert_int_equal(r.count, 1);
    return r;
}

static void an_answer_with_its_headers(void **state)
{
    result r = fetch_one(state, get("/other"));

    assert_int_equal(r.outcome, GATE_OK);
    assert_int_equal(r.status, 404);
    assert_int_equal(r.header_count, 3); /* none of the interim answer's */
    assert_string_equal(r.late, "two words");
}

static void what_is_sent(void **state)
{
    const gate_header headers[] = {{STR("Authorization"), STR("Basic eDp5")}, {STR("Content-Type"), STR("a/b")}};
    gate_fetch_need need = get("/echo?a=b");

    need.method = STR("POST");
    need.body = STR("grant_type=x");
    need.headers = headers;
    need.header_count = 2;
    result r = fetch_one(state, need);
    assert_int_equal(r.outcome, GATE_OK);
    assert_ptr_equal(strstr(r.body, "POST /echo?a=b HTTP/1.1\r\n"), r.body);
    assert_non_null(strstr(r.body, "\r\nAuthorization: Basic eDp5\r\n"));
    assert_non_null(strstr(r.body, "\r\nContent-Type: a/b\r\n"));
    assert_non_null(strstr(r.body, "\r\nUser-Agent: gatewright/"));
    assert_non_null(strstr(r.body, "\r\nAccept-Encoding: identity\r\n"));
    assert_null(strstr(r.body, "\r\nExpect:"));
    assert_null(strstr(r.body, "\r\nCookie:"));
    assert_non_null(strstr(r.body, "\r\n\r\ngrant_type=x"));
}

static void a_redirect_is_an_answer(void **state)
{
    result r = fetch_one(state, get("/redirect"));

    assert_int_equal(r.outcome, GATE_OK);
    assert_int_equal(r.status, 302);
    assert_int_equal(atomic_load(&requests), 1);
}

static void sizes_have_bounds(void **state)
{
    result r = fetch_one(state, get("/full"));

    assert_int_equal(r.outcome, GATE_OK);
    assert_int_equal(r.body_len, BODY_MAX);
    r = fetch_one(state, get("/over"));
    assert_int_equal(r.outcome, GATE_FAILED);
    assert_string_equal(r.why, "the answer is too large");
    r = fetch_one(state, get("/endless"));
    assert_int_equal(r.outcome, GATE_FAILED);
    assert_string_equal(r.why, "the answer is too large");
    r = fetch_one(state, get("/63"));
    assert_int_equal(r.outcome, GATE_OK);
    assert_int_equal(r.header_count, 64);
    r = fetch_one(state, get("/64"));
    assert_int_equal(r.outcome, GATE_FAILED);
    assert_string_equal(r.why, "the answer has too many headers");
}

static void what_is_not_whole_has_failed(void **state)
{
    assert_int_equal(fetch_one(state, get("/cut")).outcome, GATE_FAILED);
}

static void time_has_bounds(void **state)
{
    const char *paths[] = {"/hang", "/trickle"};

    for (size_t i = 0; i < COUNT(paths); i++) {
        gate_fetch_need need = get(paths[i]);
        int64_t before = clock_ms();

        need.timeout_ms = 300;
        assert_int_equal(fetch_one(state, need).outcome, GATE_FAILED);
        assert_in_range(clock_ms() - before, 290, 1500);
    }
}

static void nobody_there_and_no_other_protocol(void **state)
{
    const gate_str urls[] = {STR_INIT("http://127.0.0.1:1/"), STR_INIT("file:///etc/hostname")};

    for (size_t i = 0; i < COUNT(urls); i++) {
        gate_fetch_need need = get("/");

        need.url = urls[i];
        assert_int_equal(fetch_one(state, need).outcome, GATE_FAILED);
    }
}

static void no_proxy_from_the_environment(void **state)
{
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    assert_int_equal(fetch_one(state, get("/other")).status, 404);
    unsetenv("http_proxy");
}

static void what_cannot_be_begun(void **state)
{
    const gate_header bad[] = {{STR("A"), STR("b\r\nC: d")}, {STR("A\n"), STR("b")}, {STR(""), STR("b")}};
    gate_fetch_need need = get("/echo");
    const char *why = NULL;

    for (size_t i = 0; i < COUNT(bad); i++) {
        need.headers = &bad[i];
        need.header_count = 1;
        assert_null(fetch_begin(((loop *)*state)->driver, &need, done, NULL, &why));
        assert_non_null(why);
    }
    need = get("/echo");
    need.method = STR("PUT");
    assert_null(fetch_begin(((loop *)*state)->driver, &need, done, NULL, &why));
    need = get("/echo");
    need.url = STR("http://127.0.0.1/\0x");
    assert_null(fetch_begin(((loop *)*state)->driver, &need, done, NULL, &why));
    assert_int_equal(fetch_count(((loop *)*state)->driver), 0);
}

/* ---- several ---- */

static fetch *begin_one(void **state, const char *path, bool share, result *r)
{
    gate_fetch_need need = get(path);
    const char *why;
    fetch *f;

    need.share = share;
    f = fetch_begin(((loop *)*state)->driver, &need, done, r, &why);
    assert_non_null(f);
    return f;
}

static void equal_ones_are_one(void **state)
{
    result r[6] = {0};

    for (size_t i = 0; i < 4; i++)
        begin_one(state, "/slow", true, &r[i]);
    begin_one(state, "/slow?2", true, &r[4]);
    begin_one(state, "/slow", false, &r[5]);
    turn_until_idle(*state, 5000);
    for (size_t i = 0; i < COUNT(r); i++) {
        assert_int_equal(r[i].count, 1);
        assert_string_equal(r[i].body, "slow");
    }
    assert_int_equal(atomic_load(&requests), 3);
}

static void credentials_make_a_difference(void **state)
{
    gate_header header = {STR("Authorization"), STR("Bearer a")};
    gate_fetch_need need = get("/echo");
    result r[2] = {0};
    const char *why;

    need.share = true;
    need.headers = &header;
    need.header_count = 1;
    assert_non_null(fetch_begin(((loop *)*state)->driver, &need, done, &r[0], &why));
    header.value = STR("Bearer b");
    assert_non_null(fetch_begin(((loop *)*state)->driver, &need, done, &r[1], &why));
    turn_until_idle(*state, 5000);
    assert_non_null(strstr(r[0].body, "Bearer a"));
    assert_non_null(strstr(r[1].body, "Bearer b"));
}

/* Client assertions differ each time, and yet the exchanges may be one. */
static void a_name_for_sharing_makes_them_equal(void **state)
{
    const char *names[] = {"a", "a", "b"};
    gate_fetch_need need = get("/echo");
    result r[3] = {0};
    char body[8];
    const char *why;

    need.method = STR("POST");
    need.share = true;
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(body, sizeof body, "body%zu", i);
        need.body = (gate_str){body, 5};
        need.share_as = (gate_str){names[i], 1};
        assert_non_null(fetch_begin(((loop *)*state)->driver, &need, done, &r[i], &why));
    }
    turn_until_idle(*state, 5000);
    assert_non_null(strstr(r[0].body, "body0"));
    assert_non_null(strstr(r[1].body, "body0"));
    assert_non_null(strstr(r[2].body, "body2"));
    assert_int_equal(atomic_load(&requests), 2);
}

static void one_who_leaves_takes_nobody_along(void **state)
{
    result r[3] = {0};
    fetch *f[3];

    for (size_t i = 0; i < 3; i++)
        f[i] = begin_one(state, "/slow", true, &r[i]);
    fetch_cancel(f[1]);
    turn_until_idle(*state, 5000);
    assert_int_equal(r[0].count, 1);
    assert_int_equal(r[1].count, 0);
    assert_int_equal(r[2].count, 1);
    f[0] = begin_one(state, "/hang", true, &r[0]);
    f[1] = begin_one(state, "/hang", true, &r[1]);
    turn(*state);
    fetch_cancel(f[0]);
    fetch_cancel(f[1]);
    assert_int_equal(fetch_count(((loop *)*state)->driver), 0);
    assert_int_equal(r[0].count, 1);
}

typedef struct chain {
    void **state;
    fetch *other;
    result first, second, third;
} chain;

static void cancel_the_other_and_begin_a_third(void *data, const gate_reply *reply)
{
    chain *c = data;

    done(&c->first, reply);
    fetch_cancel(c->other);
    begin_one(c->state, "/slow", true, &c->third);
}

static void a_done_may_begin_and_cancel(void **state)
{
    chain c = {.state = state};
    gate_fetch_need need = get("/slow");
    const char *why;

    need.share = true;
    c.other = begin_one(state, "/slow", true, &c.second);
    assert_non_null(fetch_begin(((loop *)*state)->driver, &need, cancel_the_other_and_begin_a_third, &c, &why));
    turn_until_idle(*state, 5000);
    assert_int_equal(c.first.count, 1);
    assert_int_equal(c.second.count, 0);
    assert_int_equal(c.third.count, 1);
    assert_int_equal(atomic_load(&requests), 2);
}

static void those_who_wait_for_a_connection_have_their_time_too(void **state)
{
    static result r[100];
    gate_fetch_need need = get("/hang");
    const char *why;

    memset(r, 0, sizeof r);
    need.timeout_ms = 500;
    for (size_t i = 0; i < COUNT(r); i++)
        assert_non_null(fetch_begin(((loop *)*state)->driver, &need, done, &r[i], &why));
    turn_until_idle(*state, 1500);
    for (size_t i = 0; i < COUNT(r); i++) {
        assert_int_equal(r[i].count, 1);
        assert_int_equal(r[i].outcome, GATE_FAILED);
    }
}

#define FETCH(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FETCH(an_answer_with_its_headers),
        FETCH(what_is_sent),
        FETCH(a_redirect_is_an_answer),
        FETCH(sizes_have_bounds),
        FETCH(what_is_not_whole_has_failed),
        FETCH(time_has_bounds),
        FETCH(nobody_there_and_no_other_protocol),
        FETCH(no_proxy_from_the_environment),
        FETCH(what_cannot_be_begun),
        FETCH(equal_ones_are_one),
        FETCH(credentials_make_a_difference),
        FETCH(a_name_for_sharing_makes_them_equal),
        FETCH(one_who_leaves_takes_nobody_along),
        FETCH(a_done_may_begin_and_cancel),
        FETCH(those_who_wait_for_a_connection_have_their_time_too),
    };

    return cmocka_run_group_tests(tests, begin_server, end_server);
}
