/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

typedef struct printer {
    FILE *out;
    bool colour;
} printer;

static void put_colour(const printer *p, const char *code)
{
    if (p->colour)
        fprintf(p->out, "\033[%sm", code);
}

/* Bytes at the front that are not for a terminal: control characters, of which UTF-8 has some of two bytes, and what could turn the
 * direction of the text. 0: the next is good. The text is valid UTF-8. */
static size_t count_hidden(gate_str s)
{
    unsigned char c = (unsigned char)s.ptr[0], next = s.len > 1 ? (unsigned char)s.ptr[1] : 0;

    if (c < 0x20 || c == 0x7f)
        return 1;
    if (c == 0xc2 && next < 0xa0)
        return 2;
    return c == 0xe2 && (next == 0x80 || next == 0x81) && s.len > 2 ? 3 : 0;
}

/* Claims come from outside: what a terminal would obey is shown rather than done. */
static void put_text(const printer *p, gate_str s)
{
    while (s.len) {
        size_t hidden = count_hidden(s);
        for (size_t i = 0; i < hidden; i++)
            fprintf(p->out, "\\x%02x", (unsigned char)s.ptr[i]);
        if (!hidden)
            putc(s.ptr[0], p->out);
        s = str_from(s, hidden ? hidden : 1);
    }
}

static bool is_time(gate_str name)
{
    static const char *const names[] = {"exp", "iat", "nbf", "auth_time", "updated_at"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_equal(name, str_of(names[i])))
            return true;
    return false;
}

static void put_date(const printer *p, const json *node)
{
    char date[32];
    int64_t seconds;
    time_t when;
    struct tm parts;

    if (!is_time(node->key) || !json_number_floor(node, &seconds))
        return;
    when = (time_t)seconds;
    if (gmtime_r(&when, &parts) && strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S UTC", &parts)) {
        put_colour(p, "2");
        fprintf(p->out, "  %s", date);
        put_colour(p, "0");
    }
}

static void put_value(const printer *p, const json *node)
{
    const char *code = node->type == JSON_TRUE ? "32" : node->type == JSON_FALSE ? "31" : NULL;

    if (code)
        put_colour(p, code);
    put_text(p, node->type == JSON_TRUE ? STR("yes") : node->type == JSON_FALSE ? STR("no") : node->text);
    if (code)
        put_colour(p, "0");
    if (node->type == JSON_NUMBER)
        put_date(p, node);
    putc('\n', p->out);
}

/* An array of plain values stands on one line. */
static bool put_row(const printer *p, const json *node)
{
    if (node->type != JSON_ARRAY)
        return false;
    for (const json *each = node->child; each; each = each->next)
        if (each->type == JSON_ARRAY || each->type == JSON_OBJECT)
            return false;
    for (const json *each = node->child; each; each = each->next) {
        put_text(p, each->text);
        fputs(each->next ? ", " : "", p->out);
    }
    putc('\n', p->out);
    return true;
}

enum { INDENT = 2, NAME_WIDTH = 12 };

/* The reader's depth is bounded (JSON_DEPTH_MAX), and so is this. */
static void put_members(const printer *p, const json *parent, int depth)
{
    for (const json *node = parent->child; node; node = node->next) {
        bool nested = node->type == JSON_OBJECT || node->type == JSON_ARRAY;
        fprintf(p->out, "%*s", depth * INDENT, "");
        put_colour(p, "1");
        if (node->key.ptr)
            put_text(p, node->key);
        else
            putc('-', p->out);
        put_colour(p, "0");
        fprintf(p->out, "%*s", node->key.len < NAME_WIDTH ? (int)(NAME_WIDTH - node->key.len) : 1, "");
        if (!nested) {
            put_value(p, node);
        } else if (!put_row(p, node)) {
            putc('\n', p->out);
            put_members(p, node, depth + 1);
        }
    }
}

static void print_for_people(tool *t, gate_str report)
{
    const json *root = json_read_object(&t->memory, report);
    const char *terminal = getenv("TERM");
    printer p = {.out = stdout,
                 .colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && terminal && strcmp(terminal, "dumb") != 0};

    if (root)
        put_members(&p, root, 0);
}

bool report_print(tool *t)
{
    gate_str report;

    if (!text_end(&t->report, &report))
        return false;
    if (t->token.ptr && !args_has(&t->args, "json"))
        report = t->token;
    else if (!args_has(&t->args, "json") && isatty(STDOUT_FILENO)) {
        print_for_people(t, report);
        return fflush(stdout) == 0;
    }
    fwrite(report.ptr, 1, report.len, stdout);
    putchar('\n');
    return fflush(stdout) == 0 && !ferror(stdout);
}
