-- The same request again and again.
-- method, target, bearer, body (may be empty), seed
local common = require "common"
local given, head, tail

function init(arguments)
  given = common.read_arguments(arguments)
  head = common.head(given.method, given.target, given.bearer)
  tail = "\r\n\r\n"
  if given.body ~= "" then
    head = head .. "Content-Type: application/json\r\nContent-Length: " .. #given.body .. "\r\n"
    tail = tail .. given.body
  end
end

function request()
  return head .. "amz-sdk-invocation-id: " .. common.unique_id(given.seed) .. tail
end

function done(summary, latency) common.print_result(summary, latency) end
