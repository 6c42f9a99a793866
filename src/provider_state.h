/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by provider.c and provider_config.c only. */
#ifndef GATE_PROVIDER_STATE_H
#define GATE_PROVIDER_STATE_H

#include "provider.h"

provider_state *provider_state_open(arena *a); /* NULL when memory is short */

#endif
