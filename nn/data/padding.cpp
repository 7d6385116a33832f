// Sequences side by side in one array.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/data/padding.hpp>

namespace unspool::core {

void require_number_of(Index example, Index examples, Where where) {
    if (example < 0 || example >= examples)
        throw IndexError(fmt::format("{}: example {} was asked for, but there are {}", text(where), example, examples));
}

namespace {

template <class X> std::size_t longest(std::span<X const* const> xs) {
    Index n = 0;
    for (X const* x : xs) n = std::max(n, length_of(*x));
    return static_cast<std::size_t>(n);
}

// Where step t of sequence b is, counted in steps.
struct Places {
    std::size_t steps, sequences;
    bool batch_first;

    std::size_t at(std::size_t t, std::size_t b) const { return batch_first ? b * steps + t : t * sequences + b; }
    std::array<std::size_t, 2> shape() const {
        return batch_first ? std::array{sequences, steps} : std::array{steps, sequences};
    }
};

// Copies steps of `width` elements each.
template <class T>
void place(T const* from, std::size_t steps, std::size_t width, std::size_t b, Places const& places, T* to) {
    for (std::size_t t = 0; t < steps; ++t) std::copy_n(from + t * width, width, to + places.at(t, b) * width);
}

// Blocks that are contiguous before and after the cut.
template <class T>
void cut(T const* from, T* to, std::size_t outer, std::size_t row, std::size_t begin, std::size_t count) {
    for (std::size_t i = 0; i < outer; ++i) to = std::copy_n(from + i * row + begin, count, to);
}

template <class A> A cut_axis(A const& x, std::size_t axis, Index begin, Index end) {
    auto shape          = x.shape();
    std::size_t const n = shape[axis], inner = x.size() / std::max<std::size_t>(1, n * (axis == 0 ? 1 : shape[0]));
    shape[axis] = static_cast<std::size_t>(end - begin);
    A out(shape);
    cut(x.data(), out.data(), axis == 0 ? 1 : shape[0], n * inner, static_cast<std::size_t>(begin) * inner,
        shape[axis] * inner);
    return out;
}

std::size_t batch_axis(bool batch_first) { return batch_first ? 0 : 1; }

}  // namespace

template <Real T> xt::xtensor<T, 3> padded(std::span<Features<T> const* const> xs, Index, bool batch_first) {
    Places const places{longest(xs), xs.size(), batch_first};
    std::size_t const width = xs.empty() ? 0 : xs.front()->shape(1);
    xt::xtensor<T, 3> out   = xt::xtensor<T, 3>::from_shape({places.shape()[0], places.shape()[1], width});
    std::fill(out.begin(), out.end(), T(0));
    for (std::size_t b = 0; b < xs.size(); ++b) place(xs[b]->data(), xs[b]->shape(0), width, b, places, out.data());
    return out;
}
template xt::xtensor<float, 3> padded(std::span<Features<float> const* const>, Index, bool batch_first);
template xt::xtensor<double, 3> padded(std::span<Features<double> const* const>, Index, bool batch_first);

xt::xtensor<Index, 2> padded(std::span<Symbols const* const> xs, Index padding, bool batch_first) {
    Places const places{longest(xs), xs.size(), batch_first};
    xt::xtensor<Index, 2> out(places.shape(), padding);
    for (std::size_t b = 0; b < xs.size(); ++b) place(xs[b]->data(), xs[b]->size(), 1, b, places, out.data());
    return out;
}

template <Real T> xt::xtensor<T, 2> padded(std::span<Outcomes<T> const* const> xs, Index, bool) {
    std::size_t const width = xs.empty() ? 0 : xs.front()->size();
    xt::xtensor<T, 2> out({xs.size(), width}, T(0));
    for (std::size_t b = 0; b < xs.size(); ++b) std::copy_n(xs[b]->data(), width, out.data() + b * width);
    return out;
}
template xt::xtensor<float, 2> padded(std::span<Outcomes<float> const* const>, Index, bool);
template xt::xtensor<double, 2> padded(std::span<Outcomes<double> const* const>, Index, bool);

std::vector<Index> padded(std::span<Index const* const> xs, Index, bool) {
    std::vector<Index> out;
    for (Index const* x : xs) out.push_back(*x);
    return out;
}

template <Real T> xt::xtensor<T, 3> part_of(xt::xtensor<T, 3> const& x, Index begin, Index end, bool batch_first) {
    return cut_axis(x, batch_axis(batch_first), begin, end);
}
template xt::xtensor<float, 3> part_of(xt::xtensor<float, 3> const&, Index, Index, bool batch_first);
template xt::xtensor<double, 3> part_of(xt::xtensor<double, 3> const&, Index, Index, bool batch_first);

template <Real T> xt::xtensor<T, 2> part_of(xt::xtensor<T, 2> const& x, Index begin, Index end, bool) {
    return cut_axis(x, 0, begin, end);
}
template xt::xtensor<float, 2> part_of(xt::xtensor<float, 2> const&, Index, Index, bool);
template xt::xtensor<double, 2> part_of(xt::xtensor<double, 2> const&, Index, Index, bool);

xt::xtensor<Index, 2> part_of(xt::xtensor<Index, 2> const& x, Index begin, Index end, bool batch_first) {
    return cut_axis(x, batch_axis(batch_first), begin, end);
}

std::vector<Index> part_of(std::vector<Index> const& x, Index begin, Index end, bool) {
    return x.empty() ? x : std::vector<Index>(x.begin() + begin, x.begin() + end);
}

xt::xtensor<float, 2> mask_of(std::vector<Index> const& lengths, Index steps, bool batch_first) {
    Places const places{static_cast<std::size_t>(steps), lengths.size(), batch_first};
    xt::xtensor<float, 2> out(places.shape(), 0);
    for (std::size_t b = 0; b < lengths.size(); ++b)
        for (std::size_t t = 0; t < static_cast<std::size_t>(lengths[b]); ++t) out.data()[places.at(t, b)] = 1;
    return out;
}

}  // namespace unspool::core
