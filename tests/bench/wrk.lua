-- One contender under wrk; ends with a line of JSON.
-- usage: wrk ... -s wrk.lua URL [-- one]   with "one", URL/ID for a thousand IDs in turn
function init(args)
	if args[1] ~= "one" then
		return
	end
	local requests, turn = {}, 0
	for i = 1, 1000 do
		requests[i] = wrk.format("GET", string.format("%s/00000000-0000-7000-8000-%012x", wrk.path, i * 97))
	end
	-- Only when it is defined does wrk ask it each time.
	function request()
		turn = turn % 1000 + 1
		return requests[turn]
	end
end

function done(summary, latency)
	local e = summary.errors
	io.write(string.format('{"requests":%d,"seconds":%.6f,"bytes":%d,"p50_ms":%.3f,"p99_ms":%.3f,"failed":%d}\n',
		summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1000,
		latency:percentile(99) / 1000, e.connect + e.read + e.write + e.status + e.timeout))
end
