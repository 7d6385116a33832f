// Registers: xsimd, and what its version 8 lacks where a program is compiled without optimisation for AVX-512BW: intrinsics
// are macros then, which take no class for a register.
#pragma once
#include <xsimd/xsimd.hpp>

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
