-- Searches for similar feedback, by the texts in FILE (made by benches/load/data.py). TOKEN is read from the environment.
local lines, n, thread = {}, 0, 0
function setup(t) t:set("id", thread); thread = thread + 1 end
function init()
  for line in io.lines(os.getenv("FILE")) do
    lines[#lines + 1] = '{"text": ' .. line:match('"text": (".-")') .. '}'
  end
  n = id * 101
  headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN"), ["Content-Type"] = "application/json" }
end
function request()
  n = n % #lines + 1
  return wrk.format("POST", "/v1/similar", headers, lines[n])
end
