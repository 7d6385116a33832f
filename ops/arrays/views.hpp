// Views: another reading of the same numbers, without a node and at no cost.  An axis may be negative: it counts from the last.
#pragma once
#include <array>
#include <span>
#include <tuple>
#include <unspool/autograd/call/about.hpp>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/call/example.hpp>
#include <unspool/autograd/statement/statement.hpp>
#include <vector>

namespace unspool::core {

struct Slice {
    static constexpr auto name = "slice";
    static constexpr About about{"part [begin, end) of an axis, or every n-th of it: a view", "g goes to the part",
                                 "Var y = slice(x, 1, 0, -1);",
                                 "negative ends count from the end of the axis; IndexError where it is not there"};
    static std::vector<Example> examples();
};
Var slice(Var x, Index axis, Index begin, Index end, Where = Where::here());
/// Every `step`-th from `begin` on: a view.  IndexError where [begin, end) is not within the axis, ValueError for a step
/// below 1.
Var slice(Var x, Index axis, Index begin, Index end, Index step, Where = Where::here());

struct AtIndex {
    static constexpr auto name = "index";
    static constexpr About about{"one index of an axis, which is dropped: a view", "g goes to the part",
                                 "Var y = x[-1];", "x[i] is index(x, 0, i); IndexError where it is not there"};
    static std::vector<Example> examples();
};
Var index(Var x, Index axis, Index i, Where = Where::here());

struct Split {
    static constexpr auto name = "split";
    static constexpr About about{"n equal pieces of an axis, the last one by default: views",
                                 "each g goes to its piece", "auto [i, f, g] = split<3>(x);",
                                 "ShapeError if n does not divide the size"};
    static std::vector<Example> examples();
};
/// Number `i` of the `n` pieces.
Var piece(Var x, Index i, Index n, Index axis = -1, Where = Where::here());
/// All of them.
void split_into(std::span<Var> pieces, Var const& x, Index axis, Where);
template <std::size_t N> std::array<Var, N> split(Var x, Index axis = -1, Where where = Where::here()) {
    std::array<Var, N> out;
    split_into(out, x, axis, where);
    return out;
}
std::vector<Var> split(Var x, Index n, Index axis = -1, Where = Where::here());

struct Chunk {
    static constexpr auto name = "chunk";
    static constexpr About about{"n pieces of an axis, of which the last may be smaller or missing: views",
                                 "each g goes to its piece", "std::vector<Var> ys = chunk(x, 2, 0);",
                                 "ValueError unless n is at least 1"};
    static std::vector<Example> examples();
};
std::vector<Var> chunk(Var x, Index n, Index axis = -1, Where = Where::here());

struct Reshape {
    static constexpr auto name = "reshape";
    static constexpr About about{
        "the same numbers in the same order in another shape: a view, or a copy if x is not contiguous",
        "g in the shape of x", "Var y = reshape(x, {1, -1});",
        "one size may be -1: it is found from the others; ShapeError if the numbers do not fit"};
    static std::vector<Example> examples();
};
Var reshape(Var x, Shape shape, Where = Where::here());

struct Transpose {
    static constexpr auto name = "transpose";
    static constexpr About about{"the axes in another order, or all reversed: a view", "g with its axes put back",
                                 "Var y = transpose(x);",
                                 "ShapeError unless each axis is named once; permute(x, axes) is the same"};
    static std::vector<Example> examples();
};
Var transpose(Var x, Where = Where::here());
Var transpose(Var x, Dims const& axes, Where = Where::here());
/// As `transpose`, by PyTorch's name.
inline Var permute(Var x, Dims const& axes, Where where = Where::here()) { return transpose(x, axes, where); }

struct Squeeze {
    static constexpr auto name = "squeeze";
    static constexpr About about{"without some axes of size 1, or without all of them: a view", "g with the axes",
                                 "Var y = squeeze(sum(x, 0, Reduced::keep), 0);",
                                 "ShapeError if one of the axes has another size"};
    static std::vector<Example> examples();
};
Var squeeze(Var x, Axes const& = {}, Where = Where::here());

struct Unsqueeze {
    static constexpr auto name = "unsqueeze";
    static constexpr About about{"with a new axis of size 1: a view", "g without the axis", "Var y = unsqueeze(x, 0);",
                                 "the axis is counted in the result"};
    static std::vector<Example> examples();
};
Var unsqueeze(Var x, Index axis, Where = Where::here());

struct Flip {
    static constexpr auto name = "flip";
    static constexpr About about{"an axis from its end to its beginning: a view", "g, flipped", "Var y = flip(x, 0);"};
    static std::vector<Example> examples();
};
Var flip(Var x, Index axis, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::chunk, core::flip, core::permute, core::reshape, core::slice, core::split, core::squeeze, core::transpose,
    core::unsqueeze;

}  // namespace unspool
