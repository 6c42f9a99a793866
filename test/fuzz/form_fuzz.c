/* SPDX-License-Identifier: Apache-2.0 */
#include "base/form.h"
#include "fuzz.h"

/* What was read is written, and read again it is the same. */
static void check_writing(arena *a, const form *f, size_t size)
{
    text t = text_begin(a, size * 4 + 100);
    gate_str s, value;
    size_t at;
    form again;

    for (size_t i = 0; i < f->count; i++) {
        MUST(!str_find(f->fields[i].name, '\0', &at) && !str_find(f->fields[i].value, '\0', &at));
        form_add(&t, f->fields[i].name, f->fields[i].value);
    }
    MUST(text_end(&t, &s) && form_read(a, s, &again) && again.count == f->count);
    for (size_t i = 0; i < f->count; i++) {
        MUST(str_equal(f->fields[i].name, again.fields[i].name) &&
             str_equal(f->fields[i].value, again.fields[i].value));
        MUST(form_get(f, f->fields[i].name, &value) != FORM_ABSENT);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena a;
    form f;

    arena_open(&a, FUZZ_ARENA_MAX);
    if (form_read(&a, fuzz_input(data, size), &f))
        check_writing(&a, &f, size);
    arena_close(&a);
    return 0;
}
