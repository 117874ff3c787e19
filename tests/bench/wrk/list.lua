-- ListChannelMessages, 50 of them. anywhere=0: the newest, as clients ask when they open a channel.
-- anywhere=1: those up to a time somewhere in the channel's life.
-- channel, bearer, messages, first, interval (of their times, in ms), anywhere, seed
local common = require "common"
local given, before, after
local rows = 50

function init(arguments)
  given = common.read_arguments(arguments)
  local path = "/channels/" .. common.encode_segment(given.channel) .. "/messages?max-results="
    .. rows
  local head = common.head("GET", path .. "\0", given.bearer)
  before, after = head:match("^(.-)%z(.*)$")
end

local function not_after()
  local number = math.random(rows, given.messages - 1)
  local seconds = (given.first + number * given.interval) / 1000
  return os.date("!&not-after=%Y-%m-%dT%H%%3A%M%%3A%SZ", seconds)
end

function request()
  local bounds = given.anywhere == 1 and not_after() or ""
  return before .. bounds .. after
    .. "amz-sdk-invocation-id: " .. common.unique_id(given.seed) .. "\r\n\r\n"
end

function done(summary, latency) common.print_result(summary, latency) end
