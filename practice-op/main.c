/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"
#include "issuer.h"
#include "keys.h"
#include "options.h"
#include "route.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

static int list_faults(void)
{
    arena *home = arena_open();
    text list = text_open(home);
    fault_write_list(&list);
    fputs(text_end(&list), stdout);
    arena_close(home);
    options_close();
    return 0;
}

/* Only the main thread takes the signals that end the process: every other one inherits the mask. */
static sigset_t hold_signals(void)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    return ends;
}

int main(int argc, char **argv)
{
    int signal_number;
    if (!options_read(argc, argv))
        return 2;
    if (options_get()->list_faults)
        return list_faults();
    sigset_t ends = hold_signals();
    route_hold();
    unsigned port = http_open(options_get()->port, route_answer);
    if (port == 0)
        return 1;
    options_set_base(port);
    route_release();
    printf("practice-op http://127.0.0.1:%u\n", port);
    fflush(stdout);
    sigwait(&ends, &signal_number);
    http_close();
    issuer_close_all();
    keys_close();
    options_close();
    return 0;
}
