# SPDX-License-Identifier: Apache-2.0
# Reads bench/run's rounds: case, requests, microseconds, p50, p99, errors, nanoseconds of CPU. Shows medians.

function median(name, what,    i, j, n, t, v) {
    n = rounds[name]
    for (i = 1; i <= n; i++) v[i] = value[name, what, i]
    for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j - 1] > v[j]; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
    return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

# A case against the bare page of the same round: what disturbs a round disturbs both.
function ratio(name, what,    i) {
    for (i = 1; i <= rounds[name]; i++) {
        value[name, "rate ratio", i] = value[name, "rate", i] / value["bare", "rate", i]
        value[name, "cpu ratio", i] = value["bare", "cpu", i] / value[name, "cpu", i]
    }
    return median(name, what)
}

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
    met = ratio("lmdb", "cpu ratio") >= goal
    if (!json) {
        printf "%-20s %7s %8s %9s %11s %8s %8s\n", "", "ratio", "CPU us", "added us", "requests/s", "p50 us", "p99 us"
        for (i = 1; i <= count; i++) {
            c = order[i]
            printf "%-20s %7.3f %8.2f %9.2f %11d %8d %8d\n", what[c], ratio(c, "cpu ratio"), median(c, "cpu"),
                median(c, "cpu") - median("bare", "cpu"), median(c, "rate"), median(c, "p50"), median(c, "p99")
        }
        print "ratio: CPU of the bare page to CPU of the case, which is how many requests one core serves, on a quiet machine or not"
        printf "%d rounds; the sealed cookie has %d bytes; the worker holds %.1f MiB\n", rounds["bare"], cookie_bytes, resident / 1024
        printf "engine alone, one allowed request: %.2f us, %.1f allocations of its own, %.1f writes to the store\n", e[1], e[2], e[3]
        printf "the aim, a ratio of at least %.2f with the LMDB store: %s\n", goal, met ? "met" : "NOT met"
    } else {
        printf "{\"rounds\":%d,\"goal\":%.2f,\"met\":%s,\"rss_kib\":%d,\"cookie_bytes\":%d,", rounds["bare"], goal, met ? "true" : "false", resident, cookie_bytes
        printf "\"engine\":{\"us\":%.3f,\"allocations\":%.3f,\"store_writes\":%.3f},\"cases\":{", e[1], e[2], e[3]
        for (i = 1; i <= count; i++) {
            c = order[i]
            printf "%s\"%s\":{\"ratio\":%.4f,\"requests_per_second\":%.1f,\"rate_ratio\":%.4f,\"cpu_us\":%.3f,\"added_us\":%.3f,\"p50_us\":%d,\"p99_us\":%d}",
                (i > 1 ? "," : ""), c, ratio(c, "cpu ratio"), median(c, "rate"), ratio(c, "rate ratio"), median(c, "cpu"),
                median(c, "cpu") - median("bare", "cpu"),
                median(c, "p50"), median(c, "p99")
        }
        print "}}"
    }
    if (errors) { print "bench: " errors " requests failed" > "/dev/stderr"; exit 1 }
}
