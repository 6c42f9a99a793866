/* SPDX-License-Identifier: Apache-2.0 */
#include "base/form.h"
#include "base/url.h"
#include "fuzz.h"

static void check_parts(const url *u, gate_str s)
{
    url origin;
    size_t at;

    MUST(fuzz_is_inside(u->host, u->authority) && fuzz_is_inside(u->authority, u->origin) &&
         fuzz_is_inside(u->origin, s));
    MUST(fuzz_is_inside(u->path, s) && fuzz_is_inside(u->query, s) && u->host.len > 0);
    MUST(str_is_visible_ascii(s) && url_authority_is_good(u->authority));
    MUST(!str_find(u->authority, '@', &at) && !str_find(s, '\\', &at) && !str_find(u->path, '?', &at));
    MUST(str_equal(u->scheme, STR("https")) == url_is_https(u));
    MUST(url_read(u->origin, &origin) && str_equal(origin.host, u->host) && origin.path.len == 0 && !origin.has_query);
    MUST(!url_is_loopback(u) || url_is_loopback(&origin));
}

/* A parameter that is added is read again. */
static void check_adding(const url *u, gate_str s)
{
    gate_str longer, value;
    arena a;
    text t;
    url again;
    form f;

    arena_open(&a, FUZZ_ARENA_MAX);
    t = text_begin(&a, s.len * 4 + 100);
    text_add(&t, s);
    url_add_parameter(&t, STR("a b\xc3\xa9"), s);
    MUST(text_end(&t, &longer) && url_read(longer, &again) && str_equal(again.origin, u->origin) && again.has_query);
    if (form_read(&a, again.query, &f)) {
        form_got got = form_get(&f, STR("a b\xc3\xa9"), &value);
        MUST(got == FORM_TWICE || (got == FORM_ONCE && str_equal(value, s)));
    }
    arena_close(&a);
}

static void check_local(gate_str s)
{
    MUST(s.len > 0 && s.ptr[0] == '/');
    MUST(s.len == 1 || (s.ptr[1] != '/' && s.ptr[1] != '\\'));
    for (size_t i = 0; i < s.len; i++)
        MUST((unsigned char)s.ptr[i] > 0x20 && s.ptr[i] != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gate_str s = fuzz_input(data, size);
    url u;

    if (url_read(s, &u)) {
        check_parts(&u, s);
        if (!u.has_fragment)
            check_adding(&u, s);
        MUST(!url_is_local(s));
    }
    if (url_is_local(s))
        check_local(s);
    if (url_authority_is_good(s))
        MUST(str_is_visible_ascii(s) && s.len <= 255);
    return 0;
}
