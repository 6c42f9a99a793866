/* SPDX-License-Identifier: Apache-2.0 */
/* Where strings of one call are read into. One block is kept from call to call; what does not fit gets blocks of its own. */
#ifndef NODE_SCRATCH_H
#define NODE_SCRATCH_H

#include "gate.h"

#include <node_api.h>

enum { SCRATCH_KEPT = 32 * 1024, SCRATCH_MAX = 4 * 1024 * 1024 };

typedef struct scratch_block {
    struct scratch_block *next;
    char bytes[];
} scratch_block;

typedef struct scratch {
    scratch_block *kept;
    size_t used; /* of the kept block */
    scratch_block *more;
    size_t total; /* of a call */
} scratch;

bool scratch_open(scratch *s);
void scratch_close(scratch *s);

/* Forgets what was read; `secret`: wipes it too. */
void scratch_reset(scratch *s);
void scratch_wipe(scratch *s);

/* BYTES: each character is a byte, as in the header strings of Node. TEXT: UTF-8. */
typedef enum { SCRATCH_BYTES, SCRATCH_TEXT } scratch_kind;

/* Reads a JavaScript string. False with an exception pending: no string, a character that is no byte, too large. */
bool scratch_read(scratch *s, napi_env env, napi_value value, scratch_kind kind, gate_str *out);

/* Room that lasts for the call; NULL with an exception pending. */
void *scratch_room(scratch *s, napi_env env, size_t n);

bool scratch_is_ascii(gate_str s);

#endif
