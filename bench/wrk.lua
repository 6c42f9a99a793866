-- SPDX-License-Identifier: Apache-2.0
-- One line for bench/run: requests, microseconds, p50 and p99 in microseconds, responses that were errors.
function done(summary, latency)
  local e = summary.errors
  print(string.format("bench %d %d %d %d %d", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.status + e.connect + e.read + e.write + e.timeout))
end
