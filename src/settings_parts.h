/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of settings.c that have files of their own. */
#ifndef GATE_SETTINGS_PARTS_H
#define GATE_SETTINGS_PARTS_H

#include "settings.h"

/* The signing keys of our own (settings_signer.c). */
bool signer_open(arena *a, const option_set *engine, signer *s, gate_error *error);
void signer_close(signer *s);

/* Nothing on a site can be mixed up: cookies and addresses of its providers are apart (settings_sites.c). */
bool sites_check(const settings *s, gate_error *error);

#endif
