# SPDX-License-Identifier: Apache-2.0
# Reads bench/run's rounds: case, requests, microseconds, p50, p99, errors, nanoseconds of CPU.
#
# A ratio compares CPU for each request, for that is how many requests one core serves. It is taken twice: as the median of
# the rounds, each against the bare page of the same round; and from the least of all rounds, since whatever else runs on the
# machine only adds. The aim is judged by the latter.

function sorted(name, what, v,    i, j, n, t) {
    n = rounds[name]
    for (i = 1; i <= n; i++) v[i] = value[name, what, i]
    for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j - 1] > v[j]; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
    return n
}

function median(name, what,    v, n) {
    n = sorted(name, what, v)
    return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

function least(name, what,    v) {
    sorted(name, what, v)
    return v[1]
}

function ratio(name,    i) {
    for (i = 1; i <= rounds[name]; i++) value[name, "ratio", i] = value["bare", "cpu", i] / value[name, "cpu", i]
    return median(name, "ratio")
}

function least_ratio(name) { return least("bare", "cpu") / least(name, "cpu") }
function added(name) { return least(name, "cpu") - least("bare", "cpu") }

{
    n = ++rounds[$1]
    value[$1, "rate", n] = $2 / $3 * 1e6
    value[$1, "p50", n] = $4
    value[$1, "p99", n] = $5
    value[$1, "cpu", n] = $7 / 1000 / $2
    errors += $6
    if (n == 1) order[++count] = $1
}

END {
    what["bare"] = "bare page"
    what["lmdb"] = "session in LMDB"
    what["cookie"] = "session in a cookie"
    what["claims"] = "LMDB, claims asked"
    split(engine, e)
    met = least_ratio("lmdb") >= goal
    if (json) show_json(); else show()
    if (errors) { print "bench: " errors " requests failed" > "/dev/stderr"; exit 1 }
}

function show(    i, c) {
    printf "%-20s %7s %7s %8s %9s %11s %7s %7s\n", "", "ratio", "median", "CPU us", "added us", "requests/s", "p50 us", "p99 us"
    for (i = 1; i <= count; i++) {
        c = order[i]
        printf "%-20s %7.3f %7.3f %8.2f %9.2f %11d %7d %7d\n", what[c], least_ratio(c), ratio(c), least(c, "cpu"), added(c),
            median(c, "rate"), median(c, "p50"), median(c, "p99")
    }
    printf "%d rounds; the bare page took %.1f to %.1f us of CPU", rounds["bare"], least("bare", "cpu"), median("bare", "cpu")
    print (median("bare", "cpu") > 1.15 * least("bare", "cpu") ? ": the machine was busy" : "")
    printf "the sealed cookie has %d bytes; the worker holds %.1f MiB\n", cookie_bytes, resident / 1024
    printf "engine alone, one allowed request: %.2f us, %.1f allocations of its own, %.1f writes to the store\n", e[1], e[2], e[3]
    printf "the aim, a ratio of at least %.2f with the LMDB store: %s\n", goal, met ? "met" : "NOT met"
}

function show_json(    i, c) {
    printf "{\"rounds\":%d,\"goal\":%.2f,\"met\":%s,\"rss_kib\":%d,\"cookie_bytes\":%d,", rounds["bare"], goal,
        met ? "true" : "false", resident, cookie_bytes
    printf "\"engine\":{\"us\":%.3f,\"allocations\":%.3f,\"store_writes\":%.3f},\"cases\":{", e[1], e[2], e[3]
    for (i = 1; i <= count; i++) {
        c = order[i]
        printf "%s\"%s\":{\"ratio\":%.4f,\"ratio_median\":%.4f,\"cpu_us\":%.3f,\"cpu_us_median\":%.3f,\"added_us\":%.3f,",
            (i > 1 ? "," : ""), c, least_ratio(c), ratio(c), least(c, "cpu"), median(c, "cpu"), added(c)
        printf "\"requests_per_second\":%.1f,\"p50_us\":%d,\"p99_us\":%d}", median(c, "rate"), median(c, "p50"), median(c, "p99")
    }
    print "}}"
}
