/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper.h"

enum { COOKIES_MAX = 64 * 1024 };

static item *find_any(keeper *k, gate_str name)
{
    for (item *each = k->first; each; each = each->next)
        if (str_equal(each->name, name))
            return each;
    return NULL;
}

item *keeper_find(keeper *k, gate_str name, int64_t now)
{
    item *found = find_any(k, name);

    return found && found->value.ptr && now < found->expires ? found : NULL;
}

void keeper_set(keeper *k, gate_str name, gate_str value, int64_t expires)
{
    item *found = find_any(k, name);

    if (!found) {
        item **end = &k->first;
        while (*end)
            end = &(*end)->next;
        found = *end = ARENA_NEW(k->arena, item);
        found->name = arena_copy(k->arena, name);
    }
    found->value = arena_copy(k->arena, value);
    found->expires = expires;
}

void keeper_remove(keeper *k, gate_str name)
{
    item *found = find_any(k, name);

    if (found)
        found->value = STR_NONE;
}

void keeper_take_cookie(keeper *k, gate_str set_cookie, int64_t now)
{
    gate_str pair, part, name;
    int64_t expires = INT64_MAX, age;
    size_t at;

    str_cut(&set_cookie, ';', &pair);
    if (!str_find(pair, '=', &at))
        return;
    name = str_part(pair, 0, at);
    while (str_cut(&set_cookie, ';', &part)) {
        part = str_trim(part);
        if (str_has_prefix(part, STR("Max-Age=")) && str_number(str_from(part, 8), INT32_MAX, &age))
            expires = now + age;
    }
    if (expires > now)
        keeper_set(k, name, str_from(pair, at + 1), expires);
    else
        keeper_remove(k, name);
}

gate_str keeper_cookies(keeper *k, int64_t now)
{
    text t = text_begin(k->arena, COOKIES_MAX);
    gate_str all;

    for (item *each = k->first; each; each = each->next) {
        if (!keeper_find(k, each->name, now))
            continue;
        if (t.len)
            text_add(&t, STR("; "));
        text_add(&t, each->name);
        text_add_char(&t, '=');
        text_add(&t, each->value);
    }
    return text_end(&t, &all) ? all : STR("");
}

static void answer_get(keeper *k, const gate_store_need *need, int64_t now, gate_reply *reply)
{
    for (size_t i = 0; i < need->key_count; i++) {
        item *found = keeper_find(k, need->keys[i], now);
        reply->values[i] = found ? found->value : STR_NONE;
    }
}

void keeper_answer(keeper *k, const gate_store_need *need, int64_t now, gate_reply *reply)
{
    item *found = keeper_find(k, need->keys[0], now);

    *reply = (gate_reply){.outcome = GATE_OK};
    switch (need->op) {
    case GATE_GET:
        answer_get(k, need, now, reply);
        break;
    case GATE_TAKE:
        answer_get(k, need, now, reply);
        keeper_remove(k, need->keys[0]);
        break;
    case GATE_ADD:
        reply->outcome = found ? GATE_EXISTS : GATE_OK;
        if (!found)
            keeper_set(k, need->keys[0], need->value, need->expires);
        break;
    case GATE_PUT:
        reply->outcome = found ? GATE_OK : GATE_ABSENT;
        if (found)
            keeper_set(k, need->keys[0], need->value, need->expires);
        break;
    case GATE_DROP:
        for (size_t i = 0; i < need->key_count; i++)
            keeper_remove(k, need->keys[i]);
        break;
    }
}
