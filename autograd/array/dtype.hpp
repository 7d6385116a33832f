// The two element types.  Which one a tape computes in is known at run time, so a cell is a plain function.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace unspool::core {

/// What the numbers of a tape or of a model are.
enum class Dtype : std::uint8_t { float32, float64 };
inline constexpr Dtype float32 = Dtype::float32;  ///< 4 bytes a number
inline constexpr Dtype float64 = Dtype::float64;  ///< 8 bytes a number

/// What the numbers of a tape can be in C++.
template <class T> concept Real = std::same_as<T, float> || std::same_as<T, double>;

/// The Dtype of `float` or `double`.
template <Real T> inline constexpr Dtype dtype_of = std::same_as<T, float> ? float32 : float64;

/// In bytes.
constexpr std::size_t size_of(Dtype d) { return d == float32 ? sizeof(float) : sizeof(double); }
/// Its name: "float32" or "float64".
constexpr std::string_view text(Dtype d) { return d == float32 ? "float32" : "float64"; }

/// Calls `f(T{})` with the type that `d` stands for.
template <class F> decltype(auto) dispatch(Dtype d, F&& f) { return d == float32 ? f(float{}) : f(double{}); }

}  // namespace unspool::core

namespace unspool {

using core::Dtype, core::Real, core::dtype_of, core::float32, core::float64, core::size_of, core::text, core::dispatch;

}  // namespace unspool
