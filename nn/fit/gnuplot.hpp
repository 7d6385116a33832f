// Another program's work: gnuplot.
#pragma once
#include <string>

namespace unspool {

/// What gnuplot writes for a program, in so many seconds.  FileError where it is not installed, fails, takes longer or writes
/// nothing; with what it said.
std::string gnuplot(std::string const& program, double seconds);

}  // namespace unspool
