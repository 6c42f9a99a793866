/* SPDX-License-Identifier: Apache-2.0 */
#include "option.h"

enum { REMEDY_MAX = 128 };

#define ENTRY(scope_, name_, type_, fallback_, bounds_, help_)                   \
    {                                                                            \
        GATE_SCOPE_##scope_, name_, GATE_TYPE_##type_, fallback_, bounds_, help_ \
    }

static const gate_option TABLE[OPTION_count] = {
#define OPTION(scope, name, type, fallback, bounds, help) ENTRY(scope, #name, type, fallback, bounds, help),
#include "options.def"
#undef OPTION
};

GATE_API const gate_option *gate_option_at(size_t i)
{
    return i < OPTION_count ? &TABLE[i] : NULL;
}

bool option_find(gate_scope scope, gate_str name, option_id *id)
{
    for (int i = 0; i < OPTION_count; i++) {
        if (TABLE[i].scope == scope && str_equal(str_of(TABLE[i].name), name)) {
            *id = (option_id)i;
            return true;
        }
    }
    return false;
}

bool option_repeats(option_id id)
{
    return id == OPTION_cookie_secret || id == OPTION_signing_key || id == OPTION_decryption_key ||
           id == OPTION_require || id == OPTION_header;
}

bool option_fail(gate_error *error, gate_str place, gate_str option, const char *wrong, const char *remedy)
{
    text t = text_begin_at(error->text, sizeof error->text - 1);

    if (place.len) {
        text_add(&t, place);
        text_add(&t, STR(": "));
    }
    text_add(&t, option);
    text_add(&t, STR(": "));
    text_add(&t, str_of(wrong));
    if (remedy) {
        text_add(&t, STR("; "));
        text_add(&t, str_of(remedy));
    }
    error->text[t.len] = '\0';
    return false;
}

bool option_fail_at(gate_error *error, const option_set *set, option_id id, const char *wrong, const char *remedy)
{
    return option_fail(error, set->values[id].place, str_of(TABLE[id].name), wrong, remedy);
}

static bool read_flag(gate_str s, int64_t *number)
{
    *number = str_equal(s, STR("on"));
    return *number || str_equal(s, STR("off"));
}

static bool read_time(gate_str s, int64_t *seconds)
{
    static const char units[] = "smhd";
    static const int64_t factors[] = {1, 60, 3600, 86400};
    const char *unit = s.len ? strchr(units, s.ptr[s.len - 1]) : NULL;

    if (!unit || !*unit)
        return str_number(s, INT32_MAX, seconds);
    if (!str_number(str_part(s, 0, s.len - 1), INT32_MAX / factors[unit - units], seconds))
        return false;
    *seconds *= factors[unit - units];
    return true;
}

/* "min..max" */
static bool within(const char *bounds, int64_t number)
{
    gate_str rest = str_of(bounds), low, high;
    int64_t min = 0, max = INT64_MAX;

    if (!bounds)
        return true;
    str_cut(&rest, '.', &low);
    high = str_from(rest, 1);
    return str_number(low, INT64_MAX, &min) && str_number(high, INT64_MAX, &max) && number >= min && number <= max;
}

static bool is_choice(const char *bounds, gate_str value)
{
    gate_str rest = str_of(bounds), each;

    while (str_cut(&rest, '|', &each))
        if (str_equal(each, value))
            return true;
    return false;
}

/* What the value should have been, with its bounds. */
static const char *say_bounds(const gate_option *option, const char *what, char remedy[REMEDY_MAX])
{
    text t = text_begin_at(remedy, REMEDY_MAX - 1);

    text_add(&t, str_of(what));
    if (option->bounds) {
        text_add(&t, STR(", within "));
        text_add(&t, str_of(option->bounds));
        if (option->type == GATE_TYPE_TIME)
            text_add(&t, STR(" seconds"));
    }
    remedy[t.len] = '\0';
    return remedy;
}

/* What the value should have been, or NULL when it is right. */
static const char *read_value(const gate_option *option, gate_str value, int64_t *number, char remedy[REMEDY_MAX])
{
    switch (option->type) {
    case GATE_TYPE_FLAG:
        return read_flag(value, number) ? NULL : "say on or off";
    case GATE_TYPE_TIME:
        if (read_time(value, number) && within(option->bounds, *number))
            return NULL;
        return say_bounds(option, "say a time such as 30s, 10m, 8h, 7d", remedy);
    case GATE_TYPE_NUMBER:
        if (str_number(value, INT64_MAX, number) && within(option->bounds, *number))
            return NULL;
        return say_bounds(option, "say a whole number", remedy);
    case GATE_TYPE_CHOICE:
        return is_choice(option->bounds, value) ? NULL : option->bounds;
    default:
        return value.len ? NULL : "say a value";
    }
}

static bool keep(arena *a, option_value *slot, gate_str value, int64_t number, gate_str place)
{
    gate_str copy = arena_copy(a, value), where = arena_copy(a, place);

    if (!copy.ptr || !where.ptr)
        return false;
    slot->given = true;
    slot->text = copy;
    slot->number = number;
    slot->place = where;
    return true;
}

static option_value *slot_for(arena *a, option_set *set, option_id id)
{
    option_value *slot = &set->values[id];

    if (!slot->given)
        return slot;
    while (slot->next)
        slot = slot->next;
    return slot->next = ARENA_NEW(a, option_value);
}

bool option_set_value(arena *a, option_set *set, option_id id, gate_str value, gate_str place, gate_error *error)
{
    const gate_option *option = &TABLE[id];
    gate_str name = str_of(option->name);
    option_value *slot;
    int64_t number = 0;
    char remedy[REMEDY_MAX];
    const char *wrong;

    if (set->values[id].given && !option_repeats(id))
        return option_fail(error, place, name, "is given twice", "remove one");
    wrong = read_value(option, value, &number, remedy);
    if (wrong)
        return option_fail(error, place, name, "has a value that it cannot have", wrong);
    slot = slot_for(a, set, id);
    if (!slot || !keep(a, slot, value, number, place))
        return option_fail(error, place, name, "does not fit into memory", NULL);
    return true;
}

bool option_set_begin(arena *a, option_set *set)
{
    gate_error error;

    *set = (option_set){0};
    for (int i = 0; i < OPTION_count; i++) {
        if (!TABLE[i].fallback)
            continue;
        if (!option_set_value(a, set, (option_id)i, str_of(TABLE[i].fallback), STR_NONE, &error))
            return false;
        set->values[i].given = false;
    }
    return true;
}

gate_str option_text(const option_set *set, option_id id)
{
    return set->values[id].text;
}

int64_t option_number(const option_set *set, option_id id)
{
    return set->values[id].number;
}

bool option_given(const option_set *set, option_id id)
{
    return set->values[id].given;
}
