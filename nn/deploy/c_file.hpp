// A cell as C99 that needs nothing but <math.h>: one header, one source, and a test of it with recorded numbers.
#pragma once
#include <concepts>
#include <string>
#include <unspool/nn/deploy/step_plan.hpp>

namespace unspool::core {

/// What is written as C.
struct CFileOptions {
    std::string name             = {};  ///< what all that the header declares begins with; "": the name of the file
    std::vector<Shape> inputs    = {};  ///< as those of a plan
    std::function<Var(Var)> head = {};  ///< y of the cell's output; none: the output itself
    Dtype dtype                  = float32;  ///< float, or double
    Index batch                  = 1;        ///< sequences that a step is for
    bool loaded = false;  ///< weights are those of a struct that is given to each step, and not constants
    bool int8   = false;  ///< weights of products are stored as 8 bits with a scale a row, and multiplied in `dtype`
    bool jacobian =
        false;  ///< a step also gives d(the next state) and d(the output) by each input and each part of the state
    int test_steps = 16;  ///< that the test has recorded
};

/// What is in the three files.
struct CFiles {
    std::string header, source, test;
};
CFiles c_files(PlannableCell const&, CFileOptions const&, Where);
void write_c_files(PlannableCell const&, std::string const& path, CFileOptions, Where);

/// Writes "mgu.c", "mgu.h" and "mgu_test.c", which ends with 0 where the step gives what was recorded:
///
///     write_c("mgu.c", cell, {.name = "mgu"});
///
/// The header declares `mgu_state`, `mgu_reset(&s)` and `mgu_step(&s, x, y)`.  No heap, no global that changes, no recursion; the stack is that of
/// one step's values.  Each is there whole, or, after an error, as it was.  TypeError, which names the operation and its line, where C
/// cannot say one; other errors are those of step_plan().  FileError where a file cannot be written.
template <std::convertible_to<std::string> Path, Plannable C>
void write_c(Path const& path, C const& cell, CFileOptions const& options = {}, Where where = Where::here()) {
    write_c_files(plannable(cell, options.batch, where), path, options, where);
}

}  // namespace unspool::core

namespace unspool {

using core::CFileOptions, core::write_c;

}  // namespace unspool
