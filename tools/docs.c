/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tools/docs puts into its templates: the entries of options.def and refusals.def, as Markdown or as mdoc.
 *
 *     docs options ENGINE|PROVIDER|RULE        rows of a table
 *     docs directives ENGINE|PROVIDER|RULE     items of an mdoc list
 *     docs refusals                            one section each
 */
#include <stdio.h>
#include <string.h>

typedef struct option {
    const char *scope, *name, *type, *fallback, *bounds, *help;
} option;

typedef struct refusal {
    const char *id;
    int status;
    const char *oauth, *clause, *log, *say;
} refusal;

static const option OPTIONS[] = {
#define OPTION(scope, name, type, fallback, bounds, help) {#scope, #name, #type, fallback, bounds, help},
#include "../src/option/options.def"
#undef OPTION
};

static const refusal REFUSALS[] = {
#define REFUSAL(id, status, oauth, clause, log, say) {#id, status, oauth, clause, log, say},
#include "../src/option/refusals.def"
#undef REFUSAL
};

enum { OPTION_COUNT = sizeof OPTIONS / sizeof OPTIONS[0], REFUSAL_COUNT = sizeof REFUSALS / sizeof REFUSALS[0] };

static int is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* A text inside a cell of a Markdown table, and outside code. */
static void put_md(const char *s)
{
    for (; *s; s++) {
        if (strchr("|<>*_`[]\\", *s))
            putchar('\\');
        putchar(*s);
    }
}

static void put_mdoc_word(const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (word[i] == '\\')
            fputs("\\e", stdout);
        else if (word[i] == '"')
            fputs("\\(dq", stdout);
        else
            putchar(word[i]);
    }
}

/* Text of mdoc: short lines, each sentence on a new one, none that begins like a request. */
static void put_mdoc(const char *s)
{
    size_t column = 0;

    while (*s) {
        size_t length = strcspn(s, " ");
        if (column && (s[-2] == '.' || column + 1 + length > 74)) {
            putchar('\n');
            column = 0;
        }
        if (column)
            putchar(' ');
        else if (*s == '.' || *s == '\'')
            fputs("\\&", stdout);
        put_mdoc_word(s, length);
        column += length + 1;
        s += length + (s[length] == ' ');
    }
    putchar('\n');
}

/* How nginx spells an option; `provider` of a rule is the directive auth_oidc. */
static void put_directive(const option *o)
{
    if (is(o->scope, "RULE") && is(o->name, "provider"))
        fputs("auth_oidc", stdout);
    else
        printf("%s%s", is(o->scope, "ENGINE") ? "oidc_" : is(o->scope, "RULE") ? "auth_oidc_" : "", o->name);
}

/* Seconds in the largest unit that fits. */
static void put_time(const char *seconds, size_t length)
{
    static const struct {
        long size;
        char unit;
    } UNITS[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}};
    long n = 0;
    size_t i;

    for (i = 0; i < length; i++)
        n = 10 * n + (seconds[i] - '0');
    for (i = 0; n && i < 3; i++) {
        if (n % UNITS[i].size == 0) {
            printf("%ld%c", n / UNITS[i].size, UNITS[i].unit);
            return;
        }
    }
    printf("%ld%s", n, n ? "s" : "");
}

static void put_bounds(const option *o)
{
    const char *high = o->bounds ? strstr(o->bounds, "..") : NULL;

    if (!high)
        return;
    if (!is(o->type, "TIME")) {
        printf(", %.*s to %s", (int)(high - o->bounds), o->bounds, high + 2);
        return;
    }
    fputs(", ", stdout);
    put_time(o->bounds, (size_t)(high - o->bounds));
    fputs(" to ", stdout);
    put_time(high + 2, strlen(high + 2));
}

static void put_choices(const char *bounds, const char *before, const char *between, const char *after)
{
    for (;;) {
        size_t n = strcspn(bounds, "|");
        printf("%s%.*s%s", before, (int)n, bounds, after);
        if (!bounds[n])
            return;
        fputs(between, stdout);
        bounds += n + 1;
    }
}

static const char *kind_of(const option *o)
{
    static const char *const KINDS[][2] = {{"TEXT", "text"},        {"SECRET", "secret"}, {"URL", "URL"},
                                           {"FLAG", "`on`, `off`"}, {"TIME", "time"},     {"NUMBER", "number"},
                                           {"WORDS", "words"}};

    if (is(o->scope, "RULE") && is(o->name, "provider"))
        return "name, `off`";
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
        if (is(o->type, KINDS[i][0]))
            return KINDS[i][1];
    return NULL;
}

static void put_value_md(const option *o)
{
    if (is(o->type, "CHOICE")) {
        put_choices(o->bounds, "`", ", ", "`");
        return;
    }
    fputs(kind_of(o), stdout);
    put_bounds(o);
    if (is(o->type, "SECRET")) {
        fputs("; or `", stdout);
        put_directive(o);
        fputs("_file`, `", stdout);
        put_directive(o);
        fputs("_env`", stdout);
    }
}

static void put_default(const option *o, const char *around)
{
    fputs(around, stdout);
    if (is(o->type, "TIME") && !o->fallback[strspn(o->fallback, "0123456789")])
        put_time(o->fallback, strlen(o->fallback));
    else
        fputs(o->fallback, stdout);
    fputs(around, stdout);
}

static void put_row(const option *o)
{
    fputs("| `", stdout);
    put_directive(o);
    fputs("` | ", stdout);
    put_value_md(o);
    fputs(" | ", stdout);
    if (o->fallback)
        put_default(o, "`");
    fputs(" | ", stdout);
    put_md(o->help);
    puts(" |");
}

static const char *argument_of(const option *o)
{
    static const char *const NAMES[][2] = {{"TEXT", "text"}, {"SECRET", "secret"}, {"URL", "url"},
                                           {"TIME", "time"}, {"NUMBER", "number"}, {"WORDS", "word ..."}};

    if (is(o->scope, "RULE") && is(o->name, "header"))
        return "header claim";
    if (is(o->scope, "RULE") && is(o->name, "require"))
        return "expression";
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        if (is(o->type, NAMES[i][0]))
            return NAMES[i][1];
    return "value";
}

static void put_item_head(const option *o, const char *suffix)
{
    fputs(".It Ic ", stdout);
    put_directive(o);
    fputs(suffix, stdout);
    if (suffix[0])
        printf(" Ar %s", is(suffix, "_env") ? "variable" : "file");
    else if (is(o->scope, "RULE") && is(o->name, "provider"))
        fputs(" Ar name | Cm off", stdout);
    else if (is(o->type, "FLAG"))
        fputs(" Cm on | off", stdout);
    else if (is(o->type, "CHOICE")) {
        fputs(" Cm ", stdout);
        put_choices(o->bounds, "", " | ", "");
    } else
        printf(" Ar %s", argument_of(o));
    puts("");
}

static void put_item(const option *o)
{
    put_item_head(o, "");
    if (is(o->type, "SECRET")) {
        put_item_head(o, "_file");
        put_item_head(o, "_env");
    }
    put_mdoc(o->help);
    if (o->fallback) {
        fputs("Default: ", stdout);
        put_default(o, "");
        puts(".");
    }
    if (o->bounds && !is(o->type, "CHOICE")) {
        fputs("Bounds", stdout);
        put_bounds(o);
        puts(".");
    }
}

static void put_refusal(const refusal *r)
{
    printf("\n## %s\n\n| | |\n| --- | --- |\n| Status | %d", r->id, r->status);
    if (r->oauth[0])
        printf(", error `%s`", r->oauth);
    if (!is(r->clause, "-")) {
        fputs(" |\n| Demanded by | ", stdout);
        put_md(r->clause);
    }
    fputs(" |\n| The log says | ", stdout);
    put_md(r->log);
    fputs(" |\n| The person sees | ", stdout);
    put_md(r->say);
    puts(" |");
}

int main(int argc, char **argv)
{
    int shown = 0;
    const char *what = argc > 1 ? argv[1] : "", *scope = argc > 2 ? argv[2] : "";

    for (int i = 0; i < OPTION_COUNT; i++) {
        if (!is(OPTIONS[i].scope, scope) || !(is(what, "options") || is(what, "directives")))
            continue;
        if (is(what, "options"))
            put_row(&OPTIONS[i]);
        else
            put_item(&OPTIONS[i]);
        shown++;
    }
    for (int i = 0; i < REFUSAL_COUNT && is(what, "refusals"); i++, shown++)
        put_refusal(&REFUSALS[i]);
    if (!shown)
        fprintf(stderr, "docs: nothing to show for: %s %s\n", what, scope);
    return shown ? 0 : 1;
}
