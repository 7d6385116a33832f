// What must be the same, however a program is run.
#pragma once
#include <programs/program.hpp>
#include <string>

namespace programs {

/// "" if all runs of the program agree, and with differences; else which do not, and by how much.
std::string disagreement(Program const&);

std::string source_of(Program const&);
extern std::string running;  ///< as far as its first run has come

}  // namespace programs
