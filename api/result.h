// Expected failures as values: Result<T> is either what an operation answers or the Error that the
// client gets. Exceptions are left for bugs and dead disks.
#pragma once

#include <utility>

#include <boost/system/result.hpp>

#include "api/error.h"

namespace carillon::api {

// Boost's, with a warning for whoever drops one unseen.
template <typename T>
class [[nodiscard]] Result : public boost::system::result<T, Error> {
 public:
  using boost::system::result<T, Error>::result;
};

struct Nothing {};  // the answer of operations that answer nothing

}  // namespace carillon::api

#define CARILLON_CONCAT_(a, b) a##b
#define CARILLON_CONCAT(a, b) CARILLON_CONCAT_(a, b)

// TRY_ASSIGN(auto channel, find_channel(...)): the value, or return the error from this function.
#define TRY_ASSIGN_(temporary, declaration, expression)            \
  auto temporary = (expression);                                   \
  if (!temporary.has_value()) return std::move(temporary).error(); \
  declaration = std::move(*temporary)
#define TRY_ASSIGN(declaration, expression) \
  TRY_ASSIGN_(CARILLON_CONCAT(try_result_, __LINE__), declaration, expression)

// TRY(check_...(...)): go on, or return the error from this function.
#define TRY(expression)                                                \
  do {                                                                 \
    auto try_result = (expression);                                    \
    if (!try_result.has_value()) return std::move(try_result).error(); \
  } while (false)
