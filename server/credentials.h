// The secrets that signatures are checked with: from flags, and from a file as the AWS CLI keeps
// it. Read once, by main, before anything runs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/protocol/sigv4.h"
#include "server/processors/target.h"

namespace carillon::server {

// "ID=SECRET" into `credentials`; what is wrong with it, or nothing. Never repeats the secret.
std::optional<std::string> add_credential(api::protocol::Credentials& credentials,
                                          std::string_view text);

// The text of a file of this form:
//   [profile]
//   aws_access_key_id = ID
//   aws_secret_access_key = SECRET
//   aws_session_token = TOKEN        (may be left out: then any token will do)
Parsed<api::protocol::Credentials> parse_credentials(std::string_view text);

// The same from a file, into `credentials`.
std::optional<std::string> add_credentials_file(api::protocol::Credentials& credentials,
                                                const std::string& path);

}  // namespace carillon::server
