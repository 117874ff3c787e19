// The schema of the database and its history.
//
// Called by Database when it opens a file, before any other connection to it exists.
#pragma once

#include <string>

namespace carillon::store {

class Connection;

// "Cari": marks a file as ours, where SQLite reserves four bytes for it.
inline constexpr int kApplicationId = 0x43617269;

// The version of the schema that this program writes.
int known_schema_version();

// Throws StoreError, naming `path`, when the file is not a database of Carillon's, or one that a
// newer Carillon wrote. Changes nothing.
void check_schema(Connection& connection, const std::string& path);

// Brings the schema up to known_schema_version(), each step in a transaction of its own.
void migrate(Connection& connection);

// The same up to a version that is known: a file as an earlier Carillon left it, for the tests.
void migrate_to(Connection& connection, int last_version);

}  // namespace carillon::store
