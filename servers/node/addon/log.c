/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's log lines are kept until the call is over: calling JavaScript from within a step could re-enter it. */
#include "functions.h"

#include <string.h>

void log_hook(void *context, void *host, gate_log_level level, gate_str line)
{
    log_lines *log = &((engine_box *)context)->log;

    (void)host;
    if (log->count == LOG_LINES || line.len > LOG_BYTES - log->used) {
        log->lost++;
        return;
    }
    memcpy(log->bytes + log->used, line.ptr, line.len);
    log->lines[log->count].level = level;
    log->lines[log->count].at = log->used;
    log->lines[log->count].len = line.len;
    log->used += line.len;
    log->count++;
}

void list_log(list *l, uint32_t at, log_lines *log)
{
    static const char lost[] = "more was logged than there was room for";
    uint32_t i = 0;
    list lines;

    if (!log->count && !log->lost)
        return;
    lines = list_begin(l->env, 0);
    for (; i < log->count; i++) {
        list_number(&lines, 2 * i, log->lines[i].level);
        list_text(&lines, 2 * i + 1, (gate_str){log->bytes + log->lines[i].at, log->lines[i].len});
    }
    if (log->lost) {
        list_number(&lines, 2 * i, GATE_LOG_WARN);
        list_text(&lines, 2 * i + 1, (gate_str){lost, sizeof lost - 1});
    }
    log->count = log->used = log->lost = 0;
    if (lines.failed)
        l->failed = true;
    else
        list_value(l, at, lines.array);
}
