/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into wrk: it asks for events again and again instead of sleeping until there are some.
 *
 * A client that sleeps must be woken by whoever answers it: on a virtual machine that is an exit to the hypervisor, a tenth of the
 * server's time. The quicker the server, the less often does its only client find the time to sleep, so that the bare page would not
 * pay what a slower one does. Real clients are not on the server's machine; here none of the cases wakes one.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

typedef int (*waiter)(int epoll, struct epoll_event *events, int most, int timeout);

static int64_t milliseconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static waiter find_real(void)
{
    waiter real;

    *(void **)&real = dlsym(RTLD_NEXT, "epoll_wait");
    if (!real)
        abort();
    return real;
}

int epoll_wait(int epoll, struct epoll_event *events, int most, int timeout)
{
    static waiter real;
    int64_t end = milliseconds() + timeout;
    int got;

    if (!real)
        real = find_real();
    do
        got = real(epoll, events, most, 0);
    while (got == 0 && (timeout < 0 || milliseconds() < end));
    return got;
}
