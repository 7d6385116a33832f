// A cell of any type, as all instruments together meet it.
#pragma once
#include <functional>
#include <unspool/nn/onnx/write.hpp>
#include <unspool/nn/recurrence/plannable_cell.hpp>
#include <unspool/nn/recurrence/stepped_cell.hpp>
#include <vector>
#include <xtensor/xarray.hpp>

namespace unspool::core {

/// The cell must outlive it.
struct ExaminedCell {
    std::function<ErasedCell(Index batch)> erased;
    SteppedCell stepped;
    std::function<PlannableCell(Index batch)> plannable;  // TypeError where no plan can follow the cell
    std::function<nn::ModelDescription()> description;
};

template <CellWithZeros C>
requires Erasable<C> ExaminedCell examined_cell(C const& cell) {
    return {[&cell](Index batch) { return erased(cell, batch); }, stepped_cell(cell),
            [&cell](Index batch) { return plannable(cell, batch); },
            [&cell] { return nn::onnx::description_of(cell); }};
}

/// Of each input, without the batch: those that are given, or what the cell takes.  ShapeError for another number of them.
std::vector<Shape> shapes_of_inputs(ExaminedCell const&, std::vector<Shape> const& given, Where);

/// Noise, of this shape behind some axes: the time, the batch.
xt::xarray<double> noise_behind(std::initializer_list<Index> axes, Shape const& shape, Random&);

/// How many numbers the state of one sequence has.
Index features_of(ExaminedCell const&);

}  // namespace unspool::core
