-- STS GetCallerIdentity, for moto. seed is not used.
local common = require "common"

function request()
  return wrk.format("POST", "/", {
    ["Content-Type"] = "application/x-www-form-urlencoded",
    ["X-Amz-Date"] = "20261122T144829Z",
    ["Authorization"] = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/sts/"
      .. "aws4_request, SignedHeaders=host;x-amz-date, Signature=00",
  }, "Action=GetCallerIdentity&Version=2011-06-15")
end

function done(summary, latency) common.print_result(summary, latency) end
