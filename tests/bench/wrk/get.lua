-- GetChannelMessage: any of the channel's messages, each as likely as the next.
-- channel, bearer, messages, first, interval (of their times, in ms), seed
local common = require "common"
local given, before, after

function init(arguments)
  given = common.read_arguments(arguments)
  local path = "/channels/" .. common.encode_segment(given.channel) .. "/messages/"
  local head = common.head("GET", path .. "\0", given.bearer)
  before, after = head:match("^(.-)%z(.*)$")
end

function request()
  local number = math.random(0, given.messages - 1)
  local id = string.format("%012x%052x", given.first + number * given.interval, number)
  return before .. id .. after
    .. "amz-sdk-invocation-id: " .. common.unique_id(given.seed) .. "\r\n\r\n"
end

function done(summary, latency) common.print_result(summary, latency) end
