/* SPDX-License-Identifier: Apache-2.0 */
/* Plays one transcript, as it is written or with something going wrong in it. */
#ifndef GATE_TEST_PLAY_H
#define GATE_TEST_PLAY_H

#include "world.h"

typedef enum {
    PLAY_WHOLE, /* as written */
    PLAY_STOP,  /* the at-th need is never answered */
    PLAY_FAIL,  /* the at-th need is answered GATE_FAILED: a refusal, unless the transcript says `if-failed` */
    PLAY_SHORT  /* the at-th allocation fails: nobody is let in by it, and nobody's session is overlooked */
} play_mode;

typedef struct play {
    world world;
    play_mode mode;
    long at;
    long steps;  /* needs answered */
    bool over;   /* nothing more is to be played */
    bool struck; /* memory has run short */
    uint64_t random;

    gate_config *config;
    gate_engine *engine;
    int providers, sites, rules;

    block *here;
    gate_tx *tx;
    const gate_need *need;
    gate_str method;
    text log;
} play;

bool play_run(play *p, block *script, play_mode mode, long at);

/* The engine's configuration (engine.c). */
bool play_configure(play *p);   /* p->here is engine, provider, site or rule */
bool play_open_engine(play *p); /* with what was said, and defaults for the rest */
void play_close_engine(play *p);

/* The checks that stand under a need (need.c) or a verdict (verdict.c). */
bool play_check_need(play *p);
gate_reply play_reply(play *p); /* the reply that the block gives */
gate_reply play_own_reply(play *p,
                          gate_outcome fetch); /* where no block speaks: the store's own, `fetch` for all else */
bool play_check_verdict(play *p);
bool play_check_failed(play *p, const block *failed, const block *end);
bool play_check_short(play *p, const block *end);
void play_remember(play *p); /* cookies and the location's parameters */

#endif
