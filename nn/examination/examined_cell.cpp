// What is put into a cell that is examined.
#include <fmt/format.h>
#include <unspool/nn/examination/examined_cell.hpp>

namespace unspool::core {

std::vector<Shape> shapes_of_inputs(ExaminedCell const& cell, std::vector<Shape> const& given, Where where) {
    if (given.empty() && cell.stepped.inputs == 1)
        return {{features(cell.erased(1), 1, "examine", "ExamineOptions::inputs", where)}};
    if (given.size() == cell.stepped.inputs) return given;
    throw ShapeError(fmt::format("{}: examine: the cell takes {} inputs a step, and ExamineOptions::inputs has the "
                                 "shapes of {}",
                                 text(where), cell.stepped.inputs, given.size()));
}

xt::xarray<double> noise_behind(std::initializer_list<Index> axes, Shape const& shape, Random& random) {
    std::vector<std::size_t> all(axes.begin(), axes.end());
    all.insert(all.end(), shape.begin(), shape.end());
    auto out = xt::xarray<double>::from_shape(all);
    for (double& x : out) x = random.normal();
    return out;
}

Index features_of(ExaminedCell const& cell) {
    Tape tape(float64);
    Index n = 0;
    for (Var const& part : cell.stepped.start(tape, 1)) n += count(part.shape());
    return n;
}

}  // namespace unspool::core
