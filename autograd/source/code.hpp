// A file of C++ as statements.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace unspool::core {

/// Places in a text.
struct CodeStatement {
    std::size_t begin, end;
};

/// The same text, with blanks in place of comments and of what literals contain.
std::string without_comments(std::string);
/// Of such a text.
std::vector<CodeStatement> statements_of(std::string const&);
/// A statement without the `else`, `for (…)` and their like with which it begins.
std::string_view without_control(std::string_view);

}  // namespace unspool::core
