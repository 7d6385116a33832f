// Finds out what a cell takes.
#include <fmt/format.h>
#include <optional>
#include <unspool/nn/recurrence/erased_cell.hpp>

namespace unspool::core {

namespace {

bool takes(ErasedCell const& cell, Index batch, Index in, std::optional<ShapeError>& why) {
    Tape tape(float64);
    Var const x = tape.zeros({batch, in});
    std::vector<Var> state;
    for (auto const& part : cell.zeros) state.push_back(tape.constant(part));
    try {
        cell.step(std::array{x}, state);
        return true;
    } catch (ShapeError const& e) {
        why = e;
        return false;
    }
}

}  // namespace

void require_one_input(ErasedCell const& cell, char const* who, Where where) {
    if (cell.inputs != 1)
        throw ShapeError(fmt::format("{}: {}: the cell takes {} inputs a step, and this looks at cells of one",
                                     text(where), who, cell.inputs));
}

Index features(ErasedCell const& cell, Index batch, char const* who, char const* option, Where where) {
    constexpr Index most = 256;
    std::optional<ShapeError> why;
    require_one_input(cell, who, where);
    if (cell.in > 0) return cell.in;
    for (Index in = 2; in <= most; ++in)
        if (takes(cell, batch, in, why)) return in;
    if (takes(cell, batch, 1, why)) return 1;
    throw ShapeError(fmt::format("{}: {}: the cell takes no input [{},n] with n up to {}: give {}, or the cell a "
                                 "member `Index in() const`.  The last attempt:\n{}",
                                 text(where), who, batch, most, option, why->what()));
}

}  // namespace unspool::core
