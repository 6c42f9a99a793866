/* SPDX-License-Identifier: Apache-2.0 */
/* The provider of reply_fuzz and ask_fuzz: good answers, and ID Tokens good and forged. */
#ifndef GATE_FUZZ_OP_H
#define GATE_FUZZ_OP_H

#include "fuzz_world.h"

#define OP_ISSUER "https://op.example"

/* Answers what is asked at this URL. Sets w->legitimate when the ID Token that is due is given out. */
void op_answer(world *w, gate_str url, gate_reply *reply);

#endif
