// Arrays of integers that an operation takes beside its operands: row numbers, classes.
#pragma once
#include <concepts>
#include <iterator>
#include <span>
#include <unspool/autograd/tape/tape.hpp>
#include <xtensor/xexpression.hpp>

namespace unspool::core {

/// Integers in a tape's memory.
struct Indices {
    std::span<Index const> numbers;  // row-major
    Shape shape;                     ///< that the numbers have
    Presence const* tape = nullptr;  // whose memory it is
    std::uint32_t epoch  = 0;        // of the tape then
};

/// TapeError unless the numbers are in this tape's memory, and have not been taken back since.
void require_alive(Indices const&, Tape const&, std::string_view op, Where);

template <class R> concept IntegerReference = std::integral<std::remove_cvref_t<R>>;

/// An xtensor array of integers, or a range of them, which counts as an array with one axis.
template <class X> concept IntegerArray = (xt::is_xexpression<X>::value && std::integral<typename X::value_type>) ||
                                          (!xt::is_xexpression<X>::value && requires(X const& x) {
                                              std::ranges::size(x);
                                              { *std::ranges::begin(x) } -> IntegerReference;
                                          });

/// Integers of any shape, copied to the memory of a tape: what `gather`, `embedding` and losses take.
template <IntegerArray X> Indices indices(Tape& tape, X const& x) {
    auto const make = [&](Shape const& shape, auto from) {
        auto const n = static_cast<std::size_t>(count(shape));
        auto* to     = static_cast<Index*>(tape.arena().allocate(n * sizeof(Index), alignof(Index)));
        for (std::size_t i = 0; i < n; ++i, ++from) to[i] = static_cast<Index>(*from);
        return Indices{{to, n}, shape, &tape.presence(), tape.epoch()};
    };
    if constexpr (xt::is_xexpression<X>::value)
        return make(Shape::of(x.shape()), x.template begin<xt::layout_type::row_major>());
    else return make({static_cast<Index>(std::ranges::size(x))}, std::ranges::begin(x));
}

}  // namespace unspool::core

namespace unspool {

using core::indices, core::IntegerArray, core::Indices;

}  // namespace unspool
