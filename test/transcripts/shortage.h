/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs short at will: the n-th allocation made while the engine runs fails, be it of the system or within an arena. */
#ifndef GATE_TEST_SHORTAGE_H
#define GATE_TEST_SHORTAGE_H

#include <stdbool.h>

void shortage_set(long nth);      /* 0: never */
void shortage_watch(bool inside); /* only what the engine allocates is counted */
bool shortage_struck(void);       /* the n-th has failed */

#endif
