/* SPDX-License-Identifier: Apache-2.0 */
/* gatewright: tokens, keys and providers, looked at with the engine's own eyes. */
#include "report.h"

#include <stdio.h>

enum { MEMORY_MAX = 64 * 1024 * 1024, REPORT_MAX = 8 * 1024 * 1024 };

typedef struct command {
    const char *group, *name; /* name NULL: the group is the command */
    tool_exit (*run)(tool *t);
    size_t words;
    const char *flags;
    const char *usage;
} command;

static const command COMMANDS[] = {
    {"token", "decode", token_decode, 1, "key= key-alg=", "[FILE] [--key FILE [--key-alg ALG]]"},
    {"token", "verify", token_verify, 1,
     "jwks= issuer= secret= audience= any-audience alg= type= nonce= skew= at= signature-only key= key-alg= ca-file=",
     "[FILE] --jwks FILE | --issuer URL | --secret FILE  --audience NAME [--alg \"ALG ...\"] [--type TYPE] [--nonce TEXT] "
     "[--key FILE [--key-alg ALG]]"},
    {"token", "sign", token_sign, 1, "key= alg= typ= encrypt-to= encrypt-alg= enc=",
     "[FILE] --key FILE [--alg ALG] [--typ TYPE] [--encrypt-to FILE [--encrypt-alg ALG] [--enc ENC]]"},
    {"keys", "make", keys_make, 1,
     "enc= crv= bits= kid= out=", "ALG | --enc ALG  [--crv CURVE] [--bits N] [--kid NAME] [--out FILE]"},
    {"keys", "show", keys_show, 1, "", "[FILE]"},
    {"keys", "public", keys_public, 1, "alg=", "[FILE] [--alg ALG]"},
    {"discover", NULL, discover, 1, "ca-file=", "ISSUER [--ca-file FILE]"},
};

enum { COMMAND_COUNT = sizeof COMMANDS / sizeof COMMANDS[0] };

static void show_usage(FILE *out)
{
    fputs("usage:\n", out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  gatewright %s%s%s %s\n", COMMANDS[i].group, COMMANDS[i].name ? " " : "",
                COMMANDS[i].name ? COMMANDS[i].name : "", COMMANDS[i].usage);
    fputs("Each also takes --json. Tokens and keys come from a file or from standard input, never as an argument.\n"
          "Exit: 0 good, 1 refused, 2 usage, 3 input or output. See gatewright(1).\n",
          out);
}

tool_exit tool_usage(const char *what)
{
    fprintf(stderr, "gatewright: %s; try gatewright --help\n", what);
    return TOOL_USAGE;
}

tool_exit tool_fail(const char *what, const char *which)
{
    fprintf(stderr, "gatewright: %s%s%s\n", which ? which : "", which ? ": " : "", what);
    return TOOL_IO;
}

tool_exit tool_refuse(tool *t, refusal why)
{
    const refusal_entry *entry = refusal_find(why == REFUSAL_none ? REFUSAL_internal : why);
    text inner = text_begin(&t->memory, 4096);
    gate_str s;

    json_begin(&inner);
    json_add_string(&inner, STR("id"), entry->id);
    json_add_string(&inner, STR("clause"), entry->clause);
    json_add_string(&inner, STR("log"), entry->log);
    json_end(&inner);
    json_add_flag(&t->report, STR("good"), false);
    if (text_end(&inner, &s))
        json_add_raw(&t->report, STR("refusal"), s);
    return TOOL_REFUSED;
}

static tool_exit run(const command *c, int count, char **list)
{
    char flags[256];
    tool_exit status;
    tool t = {0};

    snprintf(flags, sizeof flags, "%s json", c->flags);
    if (!args_read(&t.args, count, list, flags, c->words))
        return tool_usage(t.args.wrong);
    arena_open(&t.memory, MEMORY_MAX);
    t.report = text_begin(&t.memory, REPORT_MAX);
    json_begin(&t.report);
    status = c->run(&t);
    json_end(&t.report);
    if (status <= TOOL_REFUSED && !report_print(&t))
        status = tool_fail("cannot write the answer", NULL);
    arena_close(&t.memory);
    return status;
}

int main(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[argc - 1], "--help") == 0) {
        show_usage(stdout);
        return TOOL_GOOD;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("gatewright %s\n", gate_version());
        return TOOL_GOOD;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        int words = COMMANDS[i].name ? 2 : 1;
        if (argc > words && strcmp(argv[1], COMMANDS[i].group) == 0 &&
            (words == 1 || strcmp(argv[2], COMMANDS[i].name) == 0))
            return (int)run(&COMMANDS[i], argc - 1 - words, argv + 1 + words);
    }
    show_usage(stderr);
    return TOOL_USAGE;
}
