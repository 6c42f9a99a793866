/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by provider.c, provider_config.c and provider_encryption.c only. */
#ifndef GATE_PROVIDER_STATE_H
#define GATE_PROVIDER_STATE_H

#include "provider.h"

provider_state *provider_state_open(arena *a); /* NULL when memory is short */

/* The options of encrypted tokens, read and checked (provider_encryption.c). Needs the client's secret. */
bool provider_encryption_read(arena *a, const option_set *options, provider *p, gate_error *error);
void provider_encryption_drop(provider *p); /* allowed on zeroed memory */

#endif
