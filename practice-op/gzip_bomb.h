/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRACTICE_GZIP_BOMB_H
#define PRACTICE_GZIP_BOMB_H

#include "text.h"

/* Replaces a text (under 64 KiB) by its gzip form with 64 MiB of spaces behind: valid JSON, for whoever inflates it. */
void gzip_bomb_write(text *t);

#endif
