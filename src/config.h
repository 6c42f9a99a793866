/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration being built, as the host gives it. */
#ifndef GATE_CONFIG_H
#define GATE_CONFIG_H

#include "option/option.h"

typedef struct config_entry {
    gate_str name; /* providers */
    int site;      /* rules */
    option_set options;
    struct config_entry *next;
} config_entry;

typedef struct config_list {
    int count;
    config_entry *first;
    config_entry *last;
} config_list;

struct gate_config {
    arena arena;
    option_set engine;
    config_list providers;
    config_list rules;
    int sites;
};

#endif
