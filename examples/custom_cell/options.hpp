// What is asked for on the command line.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <unspool/autograd/array/shape.hpp>

namespace custom_cell {

using unspool::Index;

struct Options {
    std::optional<std::string> text;  // a file; without one, the project's own text
    std::string folder = "build/demo";
    std::string cell   = "mgu";
    Index hidden       = 256;
    std::optional<Index> steps;
    double minutes     = 0.5;
    std::uint64_t seed = 1;
    Index threads      = 1;
    double rate        = 4e-3;
    double temperature = 0.7;

    /// Updates to make, unless time runs out before.  Never a matter of the clock, so that a run can be repeated.
    Index updates() const;
};

/// What main() returns when nothing is left to do: the help was printed.
struct Done {
    int exit_status;
};

/// Throws Done after --help, and ValueError, in one line, where an option is not understood.
Options parse(int argc, char const* const* argv);

}  // namespace custom_cell
