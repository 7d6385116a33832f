// Sequences side by side in one array, the shorter ones filled up.
#pragma once
#include <span>
#include <unspool/nn/data/sequence.hpp>

namespace unspool::core {

/// What sequences of a type, or targets of a type, are in a batch.
template <class X> struct PaddedAs;
template <Real T> struct PaddedAs<Features<T>> { using Type = xt::xtensor<T, 3>; };
template <> struct PaddedAs<Symbols> { using Type = xt::xtensor<Index, 2>; };
template <Real T> struct PaddedAs<Outcomes<T>> { using Type = xt::xtensor<T, 2>; };
template <> struct PaddedAs<Index> { using Type = std::vector<Index>; };
template <> struct PaddedAs<NoTarget> { using Type = NoTarget; };
/// Sequences, or targets, of a type side by side: Features<T> as [T,B,F], Symbols as [T,B], Outcomes<T> as [B,K], Index as a
/// vector.
template <class X> using Padded = typename PaddedAs<X>::Type;

template <Real T> Index length_of(Features<T> const& x) { return static_cast<Index>(x.shape(0)); }
inline Index length_of(Symbols const& x) { return static_cast<Index>(x.size()); }

/// A target for each step, or one for all?
template <class Y> inline constexpr bool by_step             = !std::same_as<Y, Index> && !std::same_as<Y, NoTarget>;
template <Real T> inline constexpr bool by_step<Outcomes<T>> = false;

/// Sequences, as long as the longest of them.  Features are filled up with zeros.
template <Real T> xt::xtensor<T, 3> padded(std::span<Features<T> const* const>, Index padding, bool batch_first);
xt::xtensor<Index, 2> padded(std::span<Symbols const* const>, Index padding, bool batch_first);
/// Of as many numbers each: [B,numbers].
template <Real T> xt::xtensor<T, 2> padded(std::span<Outcomes<T> const* const>, Index, bool batch_first);
std::vector<Index> padded(std::span<Index const* const>, Index, bool batch_first);
/// There are no targets.
inline NoTarget padded(std::span<NoTarget const* const>, Index, bool) { return {}; }

/// Sequences `begin` to `end` of those.
template <Real T> xt::xtensor<T, 3> part_of(xt::xtensor<T, 3> const&, Index begin, Index end, bool batch_first);
xt::xtensor<Index, 2> part_of(xt::xtensor<Index, 2> const&, Index begin, Index end, bool batch_first);
template <Real T> xt::xtensor<T, 2> part_of(xt::xtensor<T, 2> const&, Index begin, Index end, bool batch_first);
inline NoTarget part_of(NoTarget, Index, Index, bool) { return {}; }
std::vector<Index> part_of(std::vector<Index> const&, Index begin, Index end, bool batch_first = false);

/// 1 at the steps that there are, 0 at those that were filled up: [T,B] or [B,T].
xt::xtensor<float, 2> mask_of(std::vector<Index> const& lengths, Index steps, bool batch_first);

}  // namespace unspool::core

namespace unspool {

using core::Padded, core::padded;

}  // namespace unspool
