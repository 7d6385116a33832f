// A cell's C file, compiled by the system's compiler and run.
#pragma once
#include <unspool/nn/deploy/c_file.hpp>
#include <xtensor/xarray.hpp>

namespace unspool::core {

/// What the cell's C gives for so many steps, one after the other: `xs` has an array [T,…] for each input.  In a folder of its own, which goes.
/// FileError where the system has no compiler, "no compiler here", or it refuses the file, or takes longer than so many seconds; else as c_files().
std::vector<double> run_in_c(PlannableCell const&, CFileOptions, std::vector<xt::xarray<double>> const& xs,
                             double seconds, Where);

}  // namespace unspool::core
