# SPDX-License-Identifier: Apache-2.0
# Reads bench/run's windows: case, what was served, requests, microseconds, p50, p99, errors, nanoseconds of CPU.
#
# A ratio compares CPU for each request, for that is how many requests one core serves, with the bare page of the same turns. It is
# taken twice: as the median of all pairs of windows; and from the least of all windows, since whatever else runs on the machine only
# adds. The aims are judged by the latter.
#
# Before the windows comes what bench/tokens.c measured, and libcrypto's own command: "turn", "verify", "cached" and "speed" lines.
# Distinct tokens are held against a core that would do nothing but serve the page and verify: bare and raw, divided by what was used,
# where raw is what libcrypto took in the same turns.

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
    for (i = 1; i <= rounds[name]; i++) value[name, "ratio", i] = value[name, "bare", i] / value[name, "cpu", i]
    return median(name, "ratio")
}

# Of distinct tokens, to a core that only serves and verifies.
function verified_median(    i) {
    for (i = 1; i <= rounds["distinct"]; i++)
        value["distinct", "verified", i] = (value["distinct", "bare", i] + value["raw", "cpu", i]) / value["distinct", "cpu", i]
    return median("distinct", "verified")
}

function verified_least() { return (least("distinct", "bare") + least("raw", "cpu")) / least("distinct", "cpu") }

function least_ratio(name) { return least(name, "bare") / least(name, "cpu") }
function added(name) { return least(name, "cpu") - least(name, "bare") }

$1 == "turn" { value["raw", "cpu", ++rounds["raw"]] = $2; next }
$1 == "verify" { algs[++alg_count] = $2; raw[$2] = $3; full[$2] = $4; to_raw[$2] = $5; next }
$1 == "speed" { speed[$2] = $3; next }
$1 == "cached" { cached[$2] = $3; next }

function cpu() { return $8 / 1000 / $3 }

function keep(name, n) {
    value[name, "rate", n] = $3 / $4 * 1e6
    value[name, "p50", n] = $5
    value[name, "p99", n] = $6
    value[name, "cpu", n] = cpu()
}

{ errors += $7 }

# The bare page is a row of its own, of the windows of all cases.
$2 == "bare" {
    n = ++rounds["bare"]
    keep("bare", n)
    value["bare", "bare", n] = cpu()
    value[$1, "bare", ++bares[$1]] = cpu()
    next
}

{
    n = ++rounds[$1]
    keep($1, n)
    if (n == 1) order[++count] = $1
}

END {
    what["bare"] = "bare page"
    what["lmdb"] = "session in LMDB"
    what["cookie"] = "session in a cookie"
    what["claims"] = "LMDB, claims asked"
    what["sent"] = "bare page, token sent"
    what["bearer"] = "bearer token, known"
    what["distinct"] = "bearer tokens, new"
    order[0] = "bare"
    split(engine, e)
    set_aims()
    if (json) show_json(); else show()
    if (errors) { print "bench: " errors " requests failed" > "/dev/stderr"; exit 1 }
}

function aim(name, is, wants, good) {
    aims[++aim_count] = name
    is_[name] = is
    wants_[name] = wants
    good_[name] = good
}

function at_least(name, is, wants) { aim(name, is, sprintf("at least %.2f", wants), is >= wants) }
function at_most(name, is, wants) { aim(name, is, sprintf("at most %.2f", wants), is <= wants) }

function set_aims() {
    at_least("session in LMDB, ratio", least_ratio("lmdb"), goal)
    at_most("RS256, full to raw", to_raw["RS256"], 1.12)
    at_most("ES256, full to raw", to_raw["ES256"], 1.05)
    at_most("EdDSA, full to raw", to_raw["EdDSA"], 1.03)
    at_most("known token, us", cached["request"], 0.6)
    at_least("bearer token, known, ratio", least_ratio("bearer"), 0.9)
    at_least("bearer tokens, new, to bare and raw", verified_least(), 0.85)
}

function show_tokens(    i, a) {
    printf "\n%-22s %7s %8s %8s %9s %14s\n", "a whole token", "ratio", "full us", "raw us", "added us", "openssl speed"
    for (i = 1; i <= alg_count; i++) {
        a = algs[i]
        printf "%-22s %7.3f %8.2f %8.2f %9.2f %14s\n", a, to_raw[a], full[a], raw[a], full[a] - raw[a],
            (a in speed ? sprintf("%.2f us", speed[a]) : "")
    }
    printf "a known token: %.2f us; with a scope, a rule and a header %.2f us; the look into the cache alone %.2f us\n",
        cached["request"], cached["claims"], cached["lookup"]
}

function show_aims(    i, a) {
    print ""
    for (i = 1; i <= aim_count; i++) {
        a = aims[i]
        printf "aim: %-36s %-14s is %6.3f: %s\n", a, wants_[a], is_[a], good_[a] ? "met" : "NOT met"
    }
}

function show(    i, c) {
    printf "%-22s %7s %7s %8s %8s %9s %11s %7s %7s\n", "", "ratio", "median", "bare us", "CPU us", "added us", "requests/s", "p50 us", "p99 us"
    for (i = 0; i <= count; i++) {
        c = order[i]
        printf "%-22s %7.3f %7.3f %8.2f %8.2f %9.2f %11d %7d %7d\n", what[c], least_ratio(c), ratio(c), least(c, "bare"), least(c, "cpu"),
            added(c), median(c, "rate"), median(c, "p50"), median(c, "p99")
    }
    printf "%d rounds; the bare page took %.1f to %.1f us of CPU", rounds["distinct"], least("bare", "cpu"), median("bare", "cpu")
    print (median("bare", "cpu") > 1.15 * least("bare", "cpu") ? ": the machine was busy" : "")
    printf "the sealed cookie has %d bytes, the token %d; the worker holds %.1f MiB\n", cookie_bytes, token_bytes, resident / 1024
    printf "engine alone, one allowed request: %.2f us, %.1f allocations of its own, %.1f writes to the store\n", e[1], e[2], e[3]
    printf "new tokens to bare and raw: %.3f, median %.3f; raw took %.2f to %.2f us in the same rounds\n", verified_least(),
        verified_median(), least("raw", "cpu"), median("raw", "cpu")
    show_tokens()
    show_aims()
}

function show_aims_json(    i, a) {
    printf "\"aims\":["
    for (i = 1; i <= aim_count; i++) {
        a = aims[i]
        printf "%s{\"name\":\"%s\",\"wants\":\"%s\",\"is\":%.4f,\"met\":%s}", (i > 1 ? "," : ""), a, wants_[a], is_[a],
            good_[a] ? "true" : "false"
    }
    printf "],"
}

function show_tokens_json(    i, a) {
    printf "\"verify\":{"
    for (i = 1; i <= alg_count; i++) {
        a = algs[i]
        printf "%s\"%s\":{\"full_us\":%.3f,\"raw_us\":%.3f,\"ratio\":%.4f}", (i > 1 ? "," : ""), a, full[a], raw[a], to_raw[a]
    }
    printf "},\"cached\":{\"request_us\":%.3f,\"claims_us\":%.3f,\"lookup_us\":%.3f},", cached["request"], cached["claims"],
        cached["lookup"]
}

function show_json(    i, c) {
    printf "{\"rounds\":%d,\"rss_kib\":%d,\"cookie_bytes\":%d,\"token_bytes\":%d,", rounds["distinct"], resident, cookie_bytes,
        token_bytes
    show_aims_json()
    show_tokens_json()
    printf "\"engine\":{\"us\":%.3f,\"allocations\":%.3f,\"store_writes\":%.3f},\"cases\":{", e[1], e[2], e[3]
    for (i = 0; i <= count; i++) {
        c = order[i]
        printf "%s\"%s\":{\"ratio\":%.4f,\"ratio_median\":%.4f,\"bare_us\":%.3f,\"cpu_us\":%.3f,\"cpu_us_median\":%.3f,\"added_us\":%.3f,",
            (i > 0 ? "," : ""), c, least_ratio(c), ratio(c), least(c, "bare"), least(c, "cpu"), median(c, "cpu"), added(c)
        printf "\"requests_per_second\":%.1f,\"p50_us\":%d,\"p99_us\":%d}", median(c, "rate"), median(c, "p50"), median(c, "p99")
    }
    print "}}"
}
