/* SPDX-License-Identifier: Apache-2.0 */
/* What decode and verify share: the token from its source, and out of its envelope. */
#ifndef TOOL_TOKEN_OPEN_H
#define TOOL_TOKEN_OPEN_H

#include "oidc/encryption.h"
#include "tool.h"

/* Reads the token named by the command line. */
bool token_open_source(tool *t, gate_str *token);

/* An encrypted token is decrypted with --key (and --key-alg) and *token becomes what was in it; its header goes into the report as
 * "encryption". With `nested` that must be a signed token, as the module demands. TOOL_GOOD; TOOL_REFUSED with *why; TOOL_USAGE without
 * --key; TOOL_IO. A token that is not encrypted stays. */
tool_exit token_open_envelope(tool *t, bool nested, gate_str *token, refusal *why);

/* Adds JSON text as it is, or, where it is none, its bytes as base64url. */
void token_open_add(tool *t, gate_str name, gate_str bytes);

#endif
