// What those who step through time ask of a cell, and make of its state.
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/recurrence/stepped_cell.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/views.hpp>

namespace unspool::core {

void require_vars_alone(SteppedCell const& cell, char const* who, Where where) {
    if (!cell.vars_alone)
        throw TypeError(
            fmt::format("{}: {}: the state has members that are no Vars, which it cannot carry on; it has {} "
                        "that are",
                        text(where), who, cell.names.size()));
}

Var rows_end_to_end(std::vector<Var> const& parts, Index rows) {
    std::vector<Var> flat;
    for (Var const& part : parts) flat.push_back(reshape(part, {rows, -1}));
    return flat.size() == 1 ? flat[0] : concat(flat, -1);
}

Var end_to_end(std::vector<Var> const& parts) {
    std::vector<Var> flat;
    for (Var const& part : parts) flat.push_back(reshape(part, {-1}));
    return flat.size() == 1 ? flat[0] : concat(flat, -1);
}

}  // namespace unspool::core
