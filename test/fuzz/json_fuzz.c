/* SPDX-License-Identifier: Apache-2.0 */
/* Our reader of JSON against jansson. */
#include "../unit/jansson_view.h"
#include "fuzz.h"

/* Every accessor on every node, and every string written and read again. */
static void check_node(arena *a, const json *node)
{
    gate_str s;
    int64_t n;

    if (json_number_floor(node, &n))
        MUST(n >= 0 && n <= INT64_C(1) << 53 && node->type == JSON_NUMBER);
    MUST(!json_has_string(node, STR("a")) || node->type == JSON_STRING || json_is_strings(node));
    if (node->type == JSON_STRING) {
        text t = text_begin(a, node->text.len * 12 + 100);
        const json *again;
        json_begin(&t);
        json_add_string(&t, node->text, node->text);
        json_end(&t);
        MUST(text_end(&t, &s));
        again = json_read_object(a, s);
        MUST(again != NULL && json_is_string(json_find(again, node->text), node->text));
    }
    for (const json *child = node->child; child != NULL; child = child->next) {
        MUST(node->type != JSON_OBJECT || json_find(node, child->key) == child);
        check_node(a, child);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gate_str input = fuzz_input(data, size);
    jansson_view theirs = jansson_read(input.ptr, input.len);
    const json *ours;
    arena a;

    arena_open(&a, FUZZ_ARENA_MAX);
    ours = json_read_object(&a, input);
    if (!jansson_differs_on_purpose(&theirs, ours, input)) {
        MUST((ours != NULL) == theirs.good);
        MUST(ours == NULL || jansson_same(ours, json_read_object(&a, str_of(theirs.text))));
    }
    if (ours != NULL)
        check_node(&a, ours);
    free(theirs.text);
    arena_close(&a);
    return 0;
}
