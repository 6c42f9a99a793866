/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cookie.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gate_str header = fuzz_input(data, size), rest = header, name, value, first;
    size_t count = 0, at;

    while (cookie_next(&rest, &name, &value)) {
        MUST(++count <= size);
        MUST(fuzz_is_inside(name, header) && fuzz_is_inside(value, header));
        MUST(!str_find(name, ';', &at) && !str_find(value, ';', &at) && !str_find(name, '=', &at));
        MUST(cookie_find(header, name, &first));
        if (count == 1)
            MUST(first.ptr == value.ptr && first.len == value.len);
        if (count > 64)
            break; /* the check above is quadratic */
    }
    MUST(count > 0 || !cookie_find(header, STR("a"), &value));
    return 0;
}
