/* SPDX-License-Identifier: Apache-2.0 */
#include "fault.h"

#include "template.h"
#include <string.h>

#define NOTHING                   \
    {                             \
        ISSUER, NO_OP, NULL, NULL \
    }
#define DROP(site, name)          \
    {                             \
        site, OP_DROP, name, NULL \
    }
#define PUT(site, name, value)    \
    {                             \
        site, OP_PUT, name, value \
    }
#define ADD(site, name, value)    \
    {                             \
        site, OP_ADD, name, value \
    }
#define FIRST(site, name, value)    \
    {                               \
        site, OP_FIRST, name, value \
    }
#define TEXT(site, value)          \
    {                              \
        site, OP_TEXT, NULL, value \
    }
#define UTF16(site)                \
    {                              \
        site, OP_UTF16, NULL, NULL \
    }
#define STATUS(site, status)            \
    {                                   \
        site, OP_HTTP, "status", status \
    }
#define TYPE(site, type)            \
    {                               \
        site, OP_HTTP, "type", type \
    }
#define REDIRECT(site, status)            \
    {                                     \
        site, OP_HTTP, "redirect", status \
    }
#define GZIP_BOMB(site)           \
    {                             \
        site, OP_HTTP, "gzip", "" \
    }
#define SLOW(site)                \
    {                             \
        site, OP_HTTP, "slow", "" \
    }
#define HTML(site) \
    TYPE(site, "text/html; charset=utf-8"), TEXT(site, "<!doctype html><title>Maintenance</title><p>Back soon.")
#define WORD(site, name, value)    \
    {                              \
        site, OP_WORD, name, value \
    }
#define ALG(alg) WORD(ISSUER, "alg", alg)
#define SIGN(site, how) WORD(site, "sign", how)
#define BREAK(site, how) WORD(site, "break", how)
#define KEY_OF(role) WORD(KEY, "key", role)
#define SINGLE_KEY WORD(KEYSET, "single", "")
#define FAIL(error) WORD(ANSWER, "fail", error)
#define SIGNED_INFO WORD(USERINFO, "signed", "")
#define ENCRYPT(how) WORD(ISSUER, "encrypt", how)
#define ENCRYPT_INFO(how) WORD(ISSUER, "encrypt_info", how)
#define REALLY(site, how) WORD(site, "really", how)
#define ROTATE(when) WORD(ISSUER, "rotate", when)

static const fault FAULTS[] = {
#define FAULT(id, kind, expect, what, ...) {id, #kind, expect, what, {__VA_ARGS__}},
#include "faults.def"
#include "faults_gw.def"
#undef FAULT
};

enum { FAULTS_COUNT = sizeof FAULTS / sizeof FAULTS[0] };

const fault *fault_find(const char *id, size_t length)
{
    for (size_t i = 0; i < FAULTS_COUNT; i++) {
        if (strlen(FAULTS[i].id) == length && strncmp(FAULTS[i].id, id, length) == 0)
            return &FAULTS[i];
    }
    return NULL;
}

const char *fault_word(const fault *f, fault_site site, const char *name)
{
    for (size_t i = 0; i < FAULT_EDITS; i++) {
        const fault_edit *e = &f->edits[i];
        if (e->op == OP_WORD && e->site == site && strcmp(e->name, name) == 0)
            return e->value;
    }
    return NULL;
}

bool fault_mentions(const fault *f, const char *part)
{
    for (size_t i = 0; i < FAULT_EDITS; i++) {
        if (f->edits[i].value != NULL && strstr(f->edits[i].value, part) != NULL)
            return true;
    }
    return false;
}

static void edit_members(const fault_edit *e, members *m, const members *known, time_t now)
{
    if (e->op == OP_DROP) {
        members_drop(m, e->name);
        return;
    }
    text value = text_open(m->home);
    template_write(&value, e->value, known, now);
    if (e->op == OP_PUT)
        members_set(m, e->name, value.data, value.length);
    else if (e->op == OP_ADD)
        members_add(m, e->name, value.data, value.length);
    else
        members_add_first(m, e->name, value.data, value.length);
}

void fault_edit_members(const fault *f, fault_site site, members *m, const members *known, time_t now)
{
    for (size_t i = 0; i < FAULT_EDITS; i++) {
        const fault_edit *e = &f->edits[i];
        if (e->site == site && (e->op == OP_DROP || e->op == OP_PUT || e->op == OP_ADD || e->op == OP_FIRST))
            edit_members(e, m, known, now);
    }
}

void fault_edit_text(const fault *f, fault_site site, text *t, const members *known, time_t now)
{
    for (size_t i = 0; i < FAULT_EDITS; i++) {
        const fault_edit *e = &f->edits[i];
        if (e->site == site && e->op == OP_UTF16)
            text_to_utf16(t);
        if (e->site != site || e->op != OP_TEXT)
            continue;
        members more = members_open(t->home);
        for (const member *k = known->first; k != NULL; k = k->next)
            members_add_first(&more, k->name, k->value, k->length);
        members_add_first(&more, "json", t->data, t->length);
        text changed = text_open(t->home);
        template_write(&changed, e->value, &more, now);
        *t = changed;
    }
}

void fault_write_json(const fault *f, fault_site site, members *m, const members *known, time_t now, text *out)
{
    fault_edit_members(f, site, m, known, now);
    text json = text_open(m->home);
    members_write_json(m, &json);
    fault_edit_text(f, site, &json, known, now);
    text_add(out, json.data, json.length);
}

const fault_edit *fault_http(const fault *f, fault_site site, size_t n)
{
    for (size_t i = 0; i < FAULT_EDITS; i++) {
        const fault_edit *e = &f->edits[i];
        if (e->op == OP_HTTP && e->site == site && n-- == 0)
            return e;
    }
    return NULL;
}

static void put_word(members *row, const fault *f, const char *name)
{
    const char *value = fault_word(f, ISSUER, name);
    if (value != NULL)
        members_put_string(row, name, value);
}

static void write_row(const fault *f, text *out)
{
    static const char *const EXPECT[] = {[ACCEPT] = "accept", [REFUSE] = "refuse", [EITHER] = "either"};
    const char *alg = fault_word(f, ISSUER, "alg");
    members row = members_open(out->home);
    members_put_string(&row, "id", f->id);
    members_put_string(&row, "kind", f->kind);
    members_put_string(&row, "expect", EXPECT[f->expect]);
    members_put_string(&row, "alg", alg != NULL ? alg : "RS256");
    put_word(&row, f, "encrypt");
    put_word(&row, f, "encrypt_info");
    members_put_string(&row, "what", f->what);
    members_write_json(&row, out);
}

void fault_write_list(text *out)
{
    text_put(out, "[\n");
    for (size_t i = 0; i < FAULTS_COUNT; i++) {
        write_row(&FAULTS[i], out);
        text_put(out, i + 1 < FAULTS_COUNT ? ",\n" : "\n");
    }
    text_put(out, "]\n");
}
