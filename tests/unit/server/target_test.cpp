// Endpoint URLs, name forms and the path of the Invoke request.
#include "server/processors/target.h"

#include <gtest/gtest.h>

namespace carillon::server {
namespace {

TEST(EndpointUrl, TakesHostPortAndPrefix) {
  const auto url = parse_endpoint_url("http://lambda.test:3001/some/prefix/");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->host, "lambda.test");
  EXPECT_EQ(url->port, 3001);
  EXPECT_EQ(url->prefix, "/some/prefix");
  EXPECT_EQ(url->authority, "lambda.test:3001");
  EXPECT_EQ(url->text(), "http://lambda.test:3001/some/prefix");
}

TEST(EndpointUrl, HasPort80WhenNoneIsGiven) {
  const auto url = parse_endpoint_url("HTTP://lambda");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->port, 80);
  EXPECT_EQ(url->prefix, "");
}

TEST(EndpointUrl, TakesIpv6InBrackets) {
  const auto url = parse_endpoint_url("http://[::1]:9000");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 9000);
  EXPECT_EQ(url->authority, "[::1]:9000");
}

TEST(EndpointUrl, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "does not start with http://"},
      {"localhost:3001", "does not start with http://"},
      {"https://localhost:3001", "https URL"},
      {"http://", "has no host"},
      {"http://:3001", "has no host"},
      {"http://host:0", "port"},
      {"http://host:65536", "port"},
      {"http://host:", "port"},
      {"http://host:3001x", "port"},
      {"http://user@host", "user name"},
      {"http://ho st", "blank"},
      {"http://ho%st", "neither a name nor an address"},
      {"http://[::1", "IPv6"},
      {"http://[::g]:1", "IPv6"},
      {"http://[::1]x", "no : between"},
      {"http://host?query", "query"},
      {"http://host/2015-03-31/functions/f/invocations", "Invoke operation"},
  };
  for (const auto& [text, reason] : cases) {
    const auto url = parse_endpoint_url(text);
    ASSERT_FALSE(url.has_value()) << text;
    EXPECT_NE(url.error().reason.find(reason), std::string::npos)
        << text << ": " << url.error().reason;
  }
}

TEST(FunctionName, IsThePartAfterFunctionWithoutTheAlias) {
  EXPECT_EQ(function_name("arn:aws:lambda:us-east-1:111122223333:function:mask"), "mask");
  EXPECT_EQ(function_name("arn:aws:lambda:us-east-1:111122223333:function:mask:live"), "mask");
  EXPECT_EQ(function_name("mask"), "mask");
}

TEST(InvokePath, NamesTheFunctionAsTheEndpointKnowsIt) {
  constexpr std::string_view kArn = "arn:aws:lambda:us-east-1:111122223333:function:mask:live";
  ProcessorTarget target;
  target.url = *parse_endpoint_url("http://h/p");
  EXPECT_EQ(invoke_path(target, kArn), "/p/2015-03-31/functions/mask/invocations");
  target.name_form = *parse_name_form("arn");
  EXPECT_EQ(invoke_path(target, kArn),
            "/p/2015-03-31/functions/"
            "arn%3Aaws%3Alambda%3Aus-east-1%3A111122223333%3Afunction%3Amask%3Alive/invocations");
  target.name_form = *parse_name_form("fixed:function");
  EXPECT_EQ(invoke_path(target, kArn), "/p/2015-03-31/functions/function/invocations");
}

TEST(NameForm, IsOneOfThree) {
  EXPECT_FALSE(parse_name_form("").has_value());
  EXPECT_FALSE(parse_name_form("fixed:").has_value());
  EXPECT_FALSE(parse_name_form("Bare").has_value());
  EXPECT_EQ(parse_name_form("fixed:f")->text(), "fixed:f");
}

TEST(ProcessorKey, IsALambdaArnOrAFunctionName) {
  EXPECT_FALSE(why_no_processor_key("mask"));
  EXPECT_FALSE(why_no_processor_key("arn:aws:lambda:us-east-1:111122223333:function:mask"));
  EXPECT_TRUE(why_no_processor_key(""));
  EXPECT_TRUE(why_no_processor_key("a/b"));
  EXPECT_TRUE(why_no_processor_key("arn:aws:chime:us-east-1:111122223333:app-instance/a"));
  EXPECT_TRUE(why_no_processor_key(std::string(3'000, 'a')));
  for (const char* odd : {"\xff", " ", "\r\n", "\x7f", "\xc3\xa9"}) {
    EXPECT_TRUE(why_no_processor_key("arn:aws:lambda:us-east-1:111122223333:function:mask" +
                                     std::string(odd)));
  }
}

}  // namespace
}  // namespace carillon::server
