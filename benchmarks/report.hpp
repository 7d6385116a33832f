// The results of contests as a table and as JSON.
#pragma once
#include <string>

#include "contest.hpp"

namespace bench {

void print_heading();
void print(Result const&);  ///< a line of the table

/// Writes to a file, which may hold the results of an earlier run that are to be kept.  Throws std::runtime_error if it cannot.
void write_json(std::vector<Result> const&, std::string const& file, bool keep_what_is_there);

}  // namespace bench
