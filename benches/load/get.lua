-- Requests the paths in FILE (one per line) repeatedly. TOKEN is read from the environment.
local lines, n, thread = {}, 0, 0
function setup(t) t:set("id", thread); thread = thread + 1 end
function init()
  for line in io.lines(os.getenv("FILE")) do lines[#lines + 1] = line end
  n = id * 37
  headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN") }
end
function request()
  n = n % #lines + 1
  return wrk.format("GET", lines[n], headers)
end
