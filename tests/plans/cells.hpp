// The cells that plans, streams and C files are tried on: the shipped ones, those of examples/cells, and random ones.
#pragma once
#include <functional>
#include <string>
#include <unspool.hpp>
#include <unspool/nn/examination/examined_cell.hpp>
#include <vector>

namespace plans {

using namespace unspool;

/// A cell without its type, so that what is tried on all of them is compiled once.
struct NamedCell {
    std::string name;
    std::function<core::PlannableCell(Index batch)> plannable;
    std::vector<Shape> inputs;
    std::function<core::SteppedCell()> stepped;
    std::function<core::ExaminedCell()> examined;  ///< which must not outlive this
};

std::vector<NamedCell> shipped_cells(Params const&);  ///< and their variants
std::vector<NamedCell> example_cells(Params const&);
NamedCell random_cell(std::uint64_t seed);
NamedCell cell_of(std::string name, Index in, std::function<Var(Var)>);  ///< of its input alone

}  // namespace plans
