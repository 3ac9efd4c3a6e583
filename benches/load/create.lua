-- Files single feedback items. TOKEN from the environment, lines from benches/load/data.py in FILE.
local lines, n, thread = {}, 0, 0
function setup(t) t:set("id", thread); thread = thread + 1 end
function init()
  for line in io.lines(os.getenv("FILE")) do lines[#lines + 1] = line end
  n = id * math.floor(#lines / 8)
  headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN"), ["Content-Type"] = "application/json" }
end
function request()
  n = n % #lines + 1
  return wrk.format("POST", "/v1/feedback", headers, lines[n])
end
