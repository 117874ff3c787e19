-- What the scripts for wrk share. bench.py passes NAME=VALUE pairs after "--"; the last line of
-- output is RESULT and a JSON object, which bench.py reads.
local common = {}

function common.read_arguments(arguments)
  local given = {}
  for _, argument in ipairs(arguments) do
    local name, value = argument:match("^(%w+)=(.*)$")
    given[name] = tonumber(value) or value
  end
  math.randomseed(given.seed)
  return given
end

function common.encode_segment(text)
  return (text:gsub("[^%w%-%._~]", function(c) return string.format("%%%02X", c:byte()) end))
end

-- The request up to where its own header fields begin, with what boto3 sends besides them.
function common.head(method, target, bearer)
  return method .. " " .. target .. " HTTP/1.1\r\n"
    .. "Host: " .. wrk.host .. ":" .. wrk.port .. "\r\n"
    .. "Accept-Encoding: identity\r\n"
    .. "x-amz-chime-bearer: " .. bearer .. "\r\n"
    .. "User-Agent: Boto3/1.43.11 md/Botocore#1.43.11 ua/2.1 os/linux#6.1 md/arch#x86_64 "
    .. "lang/python#3.11.7 md/pyimpl#CPython m/D,Z,e,N,b cfg/retry-mode#legacy Botocore/1.43.11\r\n"
    .. "X-Amz-Date: 20261122T144829Z\r\n"
    .. "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/chime/"
    .. "aws4_request, SignedHeaders=host;x-amz-chime-bearer;x-amz-date, "
    .. "Signature=6167e78dc958fdadf6871d4ce82ac08c968128017a17771da54ec41ea452fa87\r\n"
    .. "amz-sdk-request: attempt=1\r\n"
end

local calls = 0
-- Of the form of a UUID, and never the same twice: `seed` differs from run to run.
function common.unique_id(seed)
  calls = calls + 1
  return string.format("%08x-%04x-4000-8000-%012x", seed, calls % 65536, calls)
end

function common.print_result(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "microseconds": %d, "refused": %d, "broken": %d, '
    .. '"p50_us": %d, "p99_us": %d}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end

return common
