-- One contender under wrk; ends with a line of JSON.
-- usage: wrk ... -s wrk.lua URL [-- KIND [FILE]]
--   one [TOKENS]    URL/ID for a thousand IDs in turn; signed in with these access tokens
--   get TOKENS      URL, signed in
--   visit TOKENS    the same, each client with a pause of 0 to 10 ms after an answer
--   login PEOPLE    a log-in of each in turn; a line is the JSON to send
--   order TOKENS    a ticket of each of a thousand events in turn, signed in with the first of these
--   refresh TOKENS  a session for each thread, renewed again and again; as many connections as threads
local threads = 0

function setup(thread)
	threads = threads + 1
	thread:set("number", threads)
end

local function lines(name)
	local list = {}
	for line in io.lines(name) do
		list[#list + 1] = line
	end
	return list
end

-- Only when request is defined does wrk ask it each time.
local function in_turn(requests)
	local turn = number * 37
	function request()
		turn = turn % #requests + 1
		return requests[turn]
	end
end

local function bearer(token)
	return token and { Authorization = "Bearer " .. token }
end

local function post(body)
	return wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, body)
end

local kinds = {}

function kinds.one(file)
	local requests, tokens = {}, file and lines(file) or {}
	for i = 1, 1000 do
		requests[i] = wrk.format("GET", string.format("%s/00000000-0000-7000-8000-%012x", wrk.path, i * 97),
			bearer(tokens[i % #tokens + 1]))
	end
	in_turn(requests)
end

function kinds.get(file)
	local requests = {}
	for i, token in ipairs(lines(file)) do
		requests[i] = wrk.format("GET", nil, bearer(token))
	end
	in_turn(requests)
end

function kinds.visit(file)
	kinds.get(file)
	function delay()
		return math.random(0, 10)
	end
end

function kinds.login(file)
	local requests = {}
	for i, body in ipairs(lines(file)) do
		requests[i] = post(body)
	end
	in_turn(requests)
end

function kinds.order(file)
	local requests, headers = {}, bearer(lines(file)[1])
	headers["Content-Type"] = "application/json"
	for i = 1, 1000 do
		requests[i] = wrk.format("POST", nil, headers,
			string.format('{"event_id":"00000000-0000-7000-8000-%012x","quantity":1}', i))
	end
	in_turn(requests)
end

function kinds.refresh(file)
	local token = lines(file)[number]
	function request()
		return post('{"refresh_token":"' .. token .. '"}')
	end
	function response(status, _, body)
		token = body:match('"refresh_token":"([^"]+)"') or token
	end
end

function init(args)
	if kinds[args[1]] then
		kinds[args[1]](args[2])
	end
end

function done(summary, latency)
	local e = summary.errors
	io.write(string.format('{"requests":%d,"seconds":%.6f,"bytes":%d,"p50_ms":%.3f,"p99_ms":%.3f,"failed":%d}\n',
		summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1000,
		latency:percentile(99) / 1000, e.connect + e.read + e.write + e.status + e.timeout))
end
