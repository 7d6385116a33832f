// How the library was built.
#include <ostream>
#include <string_view>
#include <unspool/autograd/cpu/backend.hpp>
#include <unspool/autograd/cpu/build_info.hpp>
#include <unspool/autograd/cpu/processor.hpp>
#include <unspool/autograd/cpu/simd.hpp>

namespace unspool::core {

// A macro that is defined expands to 1; one that is not, to its own name.
#define UNSPOOL_TEXT(x) #x
#define UNSPOOL_COMPILED_FOR(macro, name) std::string_view(UNSPOOL_TEXT(macro)) == "1",
constinit Instructions const instructions_of_library = {{UNSPOOL_INSTRUCTIONS(UNSPOOL_COMPILED_FOR)}};
#undef UNSPOOL_COMPILED_FOR
#undef UNSPOOL_TEXT

BuildInfo build_info() {
    check_processor();
    return {UNSPOOL_VERSION, __VERSION__, std::string(UNSPOOL_ARCH) + ": " + xsimd::default_arch::name(),
            backend::name()};
}

std::ostream& operator<<(std::ostream& out, BuildInfo const& b) {
    return out << "version       " << b.version << "\ncompiler      " << b.compiler << "\ninstructions  "
               << b.instructions << "\nproducts      " << b.products << "\n";
}

}  // namespace unspool::core
