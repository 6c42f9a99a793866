/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a rule's expression by recursive descent. */
#include "rule_node.h"

typedef struct reader {
    arena *arena;
    gate_str all;
    size_t at;
    size_t nodes;
    size_t depth;
    const char *wrong;
} reader;

static rule_node *read_or(reader *r);

static void *fail(reader *r, const char *wrong)
{
    if (!r->wrong)
        r->wrong = wrong;
    return NULL;
}

static void skip_space(reader *r)
{
    while (r->at < r->all.len && (r->all.ptr[r->at] == ' ' || r->all.ptr[r->at] == '\t'))
        r->at++;
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == ':' || c == '/';
}

static gate_str peek_word(reader *r)
{
    size_t end;

    skip_space(r);
    for (end = r->at; end < r->all.len && is_name_char(r->all.ptr[end]);)
        end++;
    return str_part(r->all, r->at, end - r->at);
}

static bool take_word(reader *r, gate_str word)
{
    if (!str_equal(peek_word(r), word))
        return false;
    r->at += word.len;
    return true;
}

static bool take(reader *r, gate_str sign)
{
    skip_space(r);
    if (!str_has_prefix(str_from(r->all, r->at), sign))
        return false;
    r->at += sign.len;
    return true;
}

static bool read_quoted(reader *r, gate_str *value)
{
    size_t end;

    if (!str_find(str_from(r->all, r->at), '"', &end))
        return false;
    *value = str_part(r->all, r->at, end);
    r->at += end + 1;
    return true;
}

static bool read_name(reader *r, gate_str *name, bool *quoted)
{
    *quoted = take(r, STR("\""));
    if (*quoted)
        return read_quoted(r, name) || fail(r, "a double quote is not closed");
    *name = peek_word(r);
    r->at += name->len;
    return name->len || fail(r, "a name or value is missing");
}

static rule_name *read_path(reader *r)
{
    rule_name *first = NULL, **link = &first;
    bool quoted;

    do {
        rule_name *step = ARENA_NEW(r->arena, rule_name);
        if (!step)
            return fail(r, "memory is short");
        if (!read_name(r, &step->name, &quoted))
            return NULL;
        *link = step;
        link = &step->next;
    } while (r->at < r->all.len && r->all.ptr[r->at] == '.' && ++r->at);
    return first;
}

static bool is_whole(gate_str s)
{
    int64_t n;

    return str_number(s.len && s.ptr[0] == '-' ? str_from(s, 1) : s, INT64_MAX, &n);
}

static rule_value *read_value(reader *r)
{
    rule_value *value = ARENA_NEW(r->arena, rule_value);
    bool quoted;

    if (!value)
        return fail(r, "memory is short");
    if (!read_name(r, &value->text, &quoted))
        return NULL;
    value->type = quoted                                 ? JSON_STRING
                  : str_equal(value->text, STR("true"))  ? JSON_TRUE
                  : str_equal(value->text, STR("false")) ? JSON_FALSE
                  : is_whole(value->text)                ? JSON_NUMBER
                                                         : JSON_STRING;
    return value;
}

static rule_value *read_values(reader *r)
{
    rule_value *first = NULL, **link = &first;

    if (!take(r, STR("(")))
        return fail(r, "'in' wants a list in parentheses");
    do {
        *link = read_value(r);
        if (!*link)
            return NULL;
        link = &(*link)->next;
    } while (take(r, STR(",")));
    return take(r, STR(")")) ? first : fail(r, "the list after 'in' is not closed");
}

static bool read_operator(reader *r, rule_op *op)
{
    /* Longer signs before their own beginnings. */
    static const struct {
        gate_str sign;
        rule_op op;
    } signs[] = {
        {STR_INIT("!="), RULE_NOT_EQUAL}, {STR_INIT("<="), RULE_AT_MOST}, {STR_INIT(">="), RULE_AT_LEAST},
        {STR_INIT("="), RULE_EQUAL},      {STR_INIT("<"), RULE_LESS},     {STR_INIT(">"), RULE_MORE},
    };

    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (take(r, signs[i].sign)) {
            *op = signs[i].op;
            return true;
        }
    }
    *op = take_word(r, STR("has")) ? RULE_HAS : take_word(r, STR("in")) ? RULE_IN : RULE_PRESENT;
    return *op != RULE_PRESENT || take_word(r, STR("present")) ||
           fail(r, "after a claim comes = != < <= > >= has, in or present");
}

static rule_node *node_new(reader *r, rule_op op)
{
    rule_node *node = r->nodes++ < RULE_NODES_MAX ? ARENA_NEW(r->arena, rule_node) : NULL;

    if (!node)
        return fail(r, "the expression is too long");
    node->op = op;
    return node;
}

static rule_node *read_test(reader *r)
{
    rule_node *node = node_new(r, RULE_PRESENT);
    size_t start;
    bool ordered;

    skip_space(r);
    start = r->at;
    if (!node)
        return NULL;
    node->path = read_path(r);
    if (!node->path || !read_operator(r, &node->op))
        return NULL;
    if (node->op != RULE_PRESENT)
        node->values = node->op == RULE_IN ? read_values(r) : read_value(r);
    if (r->wrong)
        return NULL;
    ordered = node->op == RULE_LESS || node->op == RULE_AT_MOST || node->op == RULE_MORE || node->op == RULE_AT_LEAST;
    if (ordered && node->values->type != JSON_NUMBER)
        return fail(r, "only whole numbers are ordered");
    node->source = str_part(r->all, start, r->at - start);
    return node;
}

static rule_node *read_not(reader *r)
{
    rule_node *node;
    size_t start;

    skip_space(r);
    start = r->at;
    if (r->depth >= RULE_DEPTH_MAX)
        return fail(r, "the expression is nested too deeply");
    r->depth++;
    if (take(r, STR("("))) {
        node = read_or(r);
        if (node && !take(r, STR(")")))
            node = fail(r, "a parenthesis is not closed");
    } else if (take_word(r, STR("not"))) {
        node = node_new(r, RULE_NOT);
        if (node && !(node->left = read_not(r)))
            node = NULL;
        if (node)
            node->source = str_part(r->all, start, r->at - start);
    } else {
        node = read_test(r);
    }
    r->depth--;
    return node;
}

static rule_node *read_chain(reader *r, rule_op op, gate_str word, rule_node *(*next)(reader *))
{
    rule_node *left = next(r);

    while (left && take_word(r, word)) {
        rule_node *both = node_new(r, op);
        if (!both)
            return NULL;
        both->left = left;
        both->right = next(r);
        left = both->right ? both : NULL;
    }
    return left;
}

static rule_node *read_and(reader *r)
{
    return read_chain(r, RULE_AND, STR("and"), read_not);
}

static rule_node *read_or(reader *r)
{
    return read_chain(r, RULE_OR, STR("or"), read_and);
}

const rule_node *rule_read(arena *a, gate_str expression, const char **wrong, size_t *at)
{
    reader r = {.arena = a, .all = arena_copy(a, expression)};
    const rule_node *root = NULL;

    if (!r.all.ptr)
        r.wrong = "memory is short";
    else
        root = read_or(&r);
    skip_space(&r);
    if (root && r.at < r.all.len)
        root = fail(&r, "something stands behind the end");
    *wrong = r.wrong;
    *at = r.at;
    return root;
}
