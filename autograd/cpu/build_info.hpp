// How the library was built.
#pragma once
#include <iosfwd>
#include <string>

namespace unspool::core {

/// What a report of a bug should say: `std::cout << build_info();`
struct BuildInfo {
    std::string version;       // of Unspool
    std::string compiler;      ///< its name and version
    std::string instructions;  // of loops: what the library, and all that links it, was compiled for
    std::string products;      // the library that multiplies matrices, and the instructions that it found
};

BuildInfo build_info();                                     ///< of the library that is linked
std::ostream& operator<<(std::ostream&, BuildInfo const&);  ///< one line each

}  // namespace unspool::core

namespace unspool {

using core::BuildInfo, core::build_info;

}  // namespace unspool
