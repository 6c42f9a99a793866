/* SPDX-License-Identifier: Apache-2.0 */
#include "template.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *write_now(text *out, const char *at, time_t now)
{
    char *end = (char *)at;
    long offset = (*at == '+' || *at == '-') ? strtol(at, &end, 10) : 0;
    text_print(out, "%lld", (long long)now + offset);
    return end;
}

static const char *write_fill(text *out, const char *at)
{
    char *end;
    unsigned long times = strtoul(at + 1, &end, 10);
    text_fill(out, end[1], times);
    return end + 3;
}

static const char *write_members(text *out, const char *at)
{
    char *end;
    unsigned long times = strtoul(at + 1, &end, 10);
    for (unsigned long i = 0; i < times; i++)
        text_print(out, "%s\"m%lu\":0", i > 0 ? "," : "", i);
    return end + 1;
}

/* 2048 bits, odd, and never signing anything. */
static const char *write_keys(text *out, const char *at)
{
    char *end;
    unsigned long times = strtoul(at + 1, &end, 10);
    for (unsigned long i = 0; i < times; i++) {
        text_print(out,
                   "%s{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"junk-%lu\",\"e\":\"AQAB\",\"n\":\"",
                   i > 0 ? "," : "", i);
        text_print(out, "u%08lx", i);
        text_fill(out, 'Q', 332);
        text_put(out, "w\"}");
    }
    return end + 1;
}

static const char *write_word(text *out, const char *at, const members *known, time_t now)
{
    size_t n = 0;
    while (isalnum((unsigned char)at[n]) || at[n] == '_')
        n++;
    char *name = arena_copy(out->home, at, n);
    at += n;
    if (strcmp(name, "now") == 0)
        return write_now(out, at, now);
    if (strcmp(name, "fill") == 0)
        return write_fill(out, at);
    if (strcmp(name, "members") == 0)
        return write_members(out, at);
    if (strcmp(name, "keys") == 0)
        return write_keys(out, at);
    if (strcmp(name, "nul") == 0) {
        text_fill(out, '\0', 1);
        return at;
    }
    if (strcmp(name, "bom") == 0) {
        text_put(out, "\xef\xbb\xbf");
        return at;
    }
    const member *found = members_find_member(known, name);
    if (found == NULL) {
        fprintf(stderr, "practice-op: faults.def: no such word here: $%s\n", name);
        exit(1);
    }
    text_add(out, found->value, found->length);
    return at;
}

void template_write(text *out, const char *pattern, const members *known, time_t now)
{
    while (*pattern != '\0') {
        size_t plain = strcspn(pattern, "$");
        text_add(out, pattern, plain);
        pattern += plain;
        if (*pattern != '$')
            return;
        pattern++;
        if (*pattern == '.')
            pattern++;
        else
            pattern = write_word(out, pattern, known, now);
    }
}
