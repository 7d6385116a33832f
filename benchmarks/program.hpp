// What the benchmark programs have in common: the command line.
#pragma once
#include <vector>

#include "contest.hpp"

namespace bench {

/// Holds those of the contests that the command line asks for, and reports them.  Returns the exit status.
int run_program(int argc, char** argv, std::vector<Contest> contests);

}  // namespace bench
