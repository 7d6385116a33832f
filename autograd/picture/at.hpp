// Boxes, frames and links of pictures are numbered by int, of which -1 is none; vectors want another type.
#pragma once

#include <cstddef>

namespace unspool::core {

inline std::size_t at(int i) { return static_cast<std::size_t>(i); }

}  // namespace unspool::core
