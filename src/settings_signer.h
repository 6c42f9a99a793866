/* SPDX-License-Identifier: Apache-2.0 */
/* The signing keys of our own: shared by settings.c and settings_signer.c only. */
#ifndef GATE_SETTINGS_SIGNER_H
#define GATE_SETTINGS_SIGNER_H

#include "settings.h"

bool signer_open(arena *a, const option_set *engine, signer *s, gate_error *error);
void signer_close(signer *s);

#endif
