// Registers, by xsimd; and a check that a program and the library have those of one width.  Loops that a compiler makes in a user's
// file read and write whole registers, and the library leaves room for its own behind each row.
#pragma once
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

}  // namespace unspool::core
