// Makes up what a cell is checked with.
#include <fmt/format.h>
#include <optional>
#include <unspool/nn/recurrence/gradcheck.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/views.hpp>

namespace unspool::core {

namespace {

xt::xarray<double> noise(Random& random, Shape const& shape) {
    auto out = xt::xarray<double>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
    for (double& x : out) x = 0.7 * random.normal();
    return out;
}

bool takes(ErasedCell const& cell, Index batch, Index in, std::optional<ShapeError>& why) {
    Tape tape(float64);
    Var const x = tape.constant(xt::zeros<double>({static_cast<std::size_t>(batch), static_cast<std::size_t>(in)}));
    try {
        cell.step(tape, x);
        return true;
    } catch (ShapeError const& e) {
        why = e;
        return false;
    }
}

/// The first number of features that the cell takes; 1 last, because that is broadcast.
Index features(ErasedCell const& cell, Index batch) {
    constexpr Index most = 256;
    std::optional<ShapeError> why;
    for (Index in = 2; in <= most; ++in)
        if (takes(cell, batch, in, why)) return in;
    if (takes(cell, batch, 1, why)) return 1;
    throw ShapeError(fmt::format(
        "gradcheck: the cell takes no input [{},n] with n up to {}: give CellcheckOptions::in, or the cell a member "
        "`Index in() const`.  The last attempt:\n{}",
        batch, most, why->what()));
}

/// All elements in one row.
Var end_to_end(std::vector<Var> const& all) {
    std::vector<Var> flat;
    for (Var const& x : all) flat.push_back(reshape(x, {-1}));
    return concat(flat);
}

}  // namespace

GradReport check_cell(ErasedCell const& cell, Params const* params, CellcheckOptions const& o) {
    Random random(o.gradcheck.seed + 1);
    Index const in = o.in > 0 ? o.in : features(cell, o.batch);
    std::vector<GradInput> inputs{{"xs", noise(random, {o.steps, o.batch, in})}};
    for (std::size_t k = 0; k < cell.names.size(); ++k)
        inputs.emplace_back(cell.names[k], noise(random, cell.shapes[k]));
    auto const f = [&](Tape&, std::span<Var const> x) { return end_to_end(cell.run(x[0], x.subspan(1))); };
    return params ? gradcheck(f, inputs, *params, o.gradcheck) : gradcheck(f, inputs, o.gradcheck);
}

}  // namespace unspool::core
