// Pages of lists whose rows are in the order of an id, as the List operations make them.
// Runs on the thread that owns the transaction.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/domain/paging.h"
#include "api/result.h"
#include "store/rows.h"

namespace carillon::api {

template <typename Row>
struct Page {
  std::vector<Row> rows;
  std::optional<std::string> next_token;  // absent on the last page
};

// `in` has MaxResults and NextToken. `fetch(after, limit)` reads the rows whose `id` is above
// `after`, in that order. BadRequest for a token that is not of this `scope`.
template <typename Row, typename In, typename Fetch>
Result<Page<Row>> fetch_page(const domain::PageScope& scope, const In& in, store::RowId Row::*id,
                             Fetch fetch) {
  TRY_ASSIGN(const auto cursor, domain::read_next_token(scope, in.next_token));
  const int limit = domain::page_rows(in.max_results);
  Page<Row> page;
  page.rows = fetch(cursor ? cursor->first : store::RowId{0}, limit + 1);
  if (domain::cut_page(page.rows, limit)) {
    page.next_token = domain::make_next_token(scope, {page.rows.back().*id, 0});
  }
  return page;
}

}  // namespace carillon::api
