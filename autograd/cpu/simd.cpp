// By itself, so that a linker that looks for the width finds nothing else.
#include <unspool/autograd/cpu/simd.hpp>

namespace unspool::core {

template <int> void library_is_not_compiled_for_registers_of_so_many_bytes_give_both_one_march_see_docs_install() {}

template void library_is_not_compiled_for_registers_of_so_many_bytes_give_both_one_march_see_docs_install<int{
    sizeof(xsimd::batch<float>)}>();

}  // namespace unspool::core
