// Registers, by xsimd; and a check that a program and the library have those of one width.  Loops that a compiler makes in a user's
// file read and write whole registers, and the library leaves room for its own behind each row.
#pragma once
#include <concepts>
#include <xsimd/xsimd.hpp>

// Version 8 lacks what is called here where nothing is optimised: intrinsics are macros then, which take no class for a register.
#if defined __AVX512BW__ && !defined __OPTIMIZE__ && XSIMD_VERSION_MAJOR < 9
namespace xsimd::kernel {

template <>
inline batch<int32_t, avx512bw> select(batch_bool<int32_t, avx512bw> const& which, batch<int32_t, avx512bw> const& yes,
                                       batch<int32_t, avx512bw> const& no, requires_arch<avx512bw>) noexcept {
    return _mm512_mask_blend_epi32(which, no, yes);
}
template <>
inline batch<int64_t, avx512bw> select(batch_bool<int64_t, avx512bw> const& which, batch<int64_t, avx512bw> const& yes,
                                       batch<int64_t, avx512bw> const& no, requires_arch<avx512bw>) noexcept {
    return _mm512_mask_blend_epi64(which, no, yes);
}

}  // namespace xsimd::kernel
#endif

namespace unspool::core {

/// Declared for registers of any width and defined for those that the library was compiled for: where a program has others, the
/// linker says this name.
template <int> void library_is_not_compiled_for_registers_of_so_many_bytes_give_both_one_march_see_docs_install();

namespace {

[[gnu::used]] constexpr void (*same_width)() =
    library_is_not_compiled_for_registers_of_so_many_bytes_give_both_one_march_see_docs_install<int{
        sizeof(xsimd::batch<float>)}>;

}  // namespace

// What xsimd 8 and later versions call by different names, or with different arguments.

/// The sum of a register's numbers.
template <class V> [[gnu::always_inline]] inline auto sum_of_lanes(V const& v) {
    if constexpr (requires { reduce_add(v); }) return reduce_add(v);
    else return hadd(v);
}

/// The same bits as numbers of another type.
template <class To, class V> [[gnu::always_inline]] inline To same_bits(V const& v) {
    using N = typename To::value_type;
    if constexpr (requires {
                      { bitwise_cast<N>(v) } -> std::same_as<To>;
                  })
        return bitwise_cast<N>(v);
    else return bitwise_cast<To>(v);
}

}  // namespace unspool::core
