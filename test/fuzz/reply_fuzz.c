/* SPDX-License-Identifier: Apache-2.0
 * The whole engine. The bytes choose a configuration, requests, and what is answered to each need. Nobody is ever signed in unless the
 * provider's own key signed exactly the ID Token that was due, and every request comes to a verdict in few steps.
 */
#include "fuzz_world.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS_MAX = 24, REQUESTS_MAX = 8 };

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static bool stays(gate_str location)
{
    if (location.len && location.ptr[0] == '/')
        return location.len == 1 || (location.ptr[1] != '/' && location.ptr[1] != '\\');
    return str_has_prefix(location, STR("https://op.example/"));
}

static void check_done(const world *w, const gate_done *done)
{
    demand(!done->signed_in || (w->legitimate && done->verdict == GATE_PASS));
    demand(done->verdict == GATE_PASS || (done->status >= 200 && done->status < 600));
    demand(!done->refusal.len || done->status >= 400);
    for (size_t i = 0; i < done->header_count; i++) {
        demand(header_is_safe(done->headers[i].value));
        demand(!str_equal(done->headers[i].name, STR("Location")) || stays(done->headers[i].value));
    }
    for (size_t i = 0; i < done->identity_count; i++)
        demand(header_is_safe(done->identity[i].value));
}

static void run(world *w, gate_tx *tx)
{
    const gate_need *need = gate_step(tx, NULL, w->now);
    gate_str value;
    int steps = 0;

    while (need->kind != GATE_DONE) {
        gate_reply reply;
        demand(++steps <= STEPS_MAX);
        if (world_byte(w) == 0xee) {
            gate_end(tx);
            return;
        }
        reply = world_reply(w, need);
        need = gate_step(tx, &reply, w->now);
    }
    check_done(w, &need->done);
    world_remember(w, &need->done);
    gate_claim(tx, STR("sub"), &value);
    gate_end(tx);
}

static void request(world *w)
{
    gate_request r;
    gate_tx *tx;

    world_request(w, &r);
    if (gate_site_answers(w->engine, r.site, r.path))
        r.rule = GATE_NO_RULE;
    tx = gate_begin(w->engine, &r);
    if (tx)
        run(w, tx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gate_tx *upkeep;
    world w;

    if (!world_begin(&w, data, size, WORLD_GUARDS))
        return 0;
    for (int i = 0; i < REQUESTS_MAX && w.at < w.size; i++) {
        request(&w);
        w.now += world_byte(&w) % 8 == 7 ? 100 * world_byte(&w) : 1;
    }
    upkeep = gate_upkeep(w.engine, w.now);
    if (upkeep)
        run(&w, upkeep);
    world_end(&w);
    return 0;
}
