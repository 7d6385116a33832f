// Every elementwise operation in C at the edges of its numbers.
#pragma once
#include <string>
#include <vector>

namespace plans {

/// Lines that say where C gives another number than the tape: at zeros of both signs, infinities, NaN, and what overflows.
std::vector<std::string> wrong_at_edges(std::string const& compiler);

}  // namespace plans
