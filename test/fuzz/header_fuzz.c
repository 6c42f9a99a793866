/* SPDX-License-Identifier: Apache-2.0 */
/* Header lines "Name: value", as many as there are. */
#include "base/header.h"
#include "fuzz.h"

static size_t split(gate_str s, gate_header headers[HEADERS_MAX])
{
    gate_str line;
    size_t n = 0, colon;

    while (n < HEADERS_MAX && str_cut(&s, '\n', &line)) {
        if (!str_find(line, ':', &colon))
            continue;
        headers[n].name = str_part(line, 0, colon);
        headers[n++].value = str_trim(str_from(line, colon + 1));
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gate_str s = fuzz_input(data, size), value;
    gate_header headers[HEADERS_MAX];
    header_list list = {0};
    size_t n = split(s, headers);
    int64_t fresh = header_fresh_for(headers, n, 77);

    MUST(fresh >= 0 && fresh <= INT32_MAX);
    for (size_t i = 0; i < n; i++) {
        MUST(header_find(headers, n, headers[i].name, &value) && fuzz_is_inside(value, s));
        header_add(&list, headers[i].name, headers[i].value);
        if (header_is_type(headers[i].value, STR("application/json")))
            MUST(headers[i].value.len >= 16);
        if (header_has_word(headers[i].value, STR("no-store")))
            MUST(headers[i].value.len >= 8);
    }
    MUST(list.failed == (list.count < n));
    for (size_t i = 0; i < list.count; i++)
        for (size_t k = 0; k < list.items[i].value.len; k++)
            MUST(list.items[i].value.ptr[k] != '\r' && list.items[i].value.ptr[k] != '\n' &&
                 list.items[i].value.ptr[k] != '\0');
    return 0;
}
