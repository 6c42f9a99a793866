-- SPDX-License-Identifier: Apache-2.0
-- One line for bench/run: requests, microseconds, p50 and p99 in microseconds, responses that were errors.
-- An argument names a file of bearer tokens, which the requests carry in turn.
local requests, at = {}, 0

function init(args)
  if not args[1] then return end
  for token in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format(nil, nil, { ["Host"] = wrk.headers["Host"], ["Authorization"] = "Bearer " .. token })
  end
  request = function()
    at = at % #requests + 1
    return requests[at]
  end
end

function done(summary, latency)
  local e = summary.errors
  print(string.format("bench %d %d %d %d %d", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.status + e.connect + e.read + e.write + e.timeout))
end
