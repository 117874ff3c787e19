-- SendChannelMessage, each with a ClientRequestToken of its own.
-- channel, bearer, seed
local common = require "common"
local given, head, body_begin, body_end, length

function init(arguments)
  given = common.read_arguments(arguments)
  local path = "/channels/" .. common.encode_segment(given.channel) .. "/messages"
  head = common.head("POST", path, given.bearer) .. "Content-Type: application/json\r\n"
  body_begin = '{"Content": "A message as people send them: a sentence or two, with a '
    .. '\\"quotation\\", an accent (\\u00e9) and a link, https://example.com/path?query=1", '
    .. '"Type": "STANDARD", "Persistence": "PERSISTENT", "Metadata": "{\\"client\\": \\"bench\\"}"'
    .. ', "ClientRequestToken": "'
  body_end = '"}'
  length = #body_begin + 36 + #body_end
end

function request()
  local id = common.unique_id(given.seed)
  return head .. "amz-sdk-invocation-id: " .. id .. "\r\nContent-Length: " .. length .. "\r\n\r\n"
    .. body_begin .. id .. body_end
end

function done(summary, latency) common.print_result(summary, latency) end
