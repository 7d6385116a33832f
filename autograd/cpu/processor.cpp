// Compiled for the plainest processor, and without inline functions of the standard library, of which the linker might take
// another file's version.
#include <cstdio>
#include <cstdlib>
#include <unspool/autograd/cpu/processor.hpp>

namespace unspool::core {

Instructions instructions_here() {
#if defined(__x86_64__)
    __builtin_cpu_init();
#define UNSPOOL_HERE(macro, name) __builtin_cpu_supports(name) != 0,
    return {{UNSPOOL_INSTRUCTIONS(UNSPOOL_HERE)}};
#undef UNSPOOL_HERE
#else
    return {};
#endif
}

int list_missing(Instructions const& wanted, Instructions const& present, char* to, std::size_t size) {
#define UNSPOOL_NAME(macro, name) name,
    static char const* const names[] = {UNSPOOL_INSTRUCTIONS(UNSPOOL_NAME)};
#undef UNSPOOL_NAME
    int missing      = 0;
    std::size_t used = 0;
    to[0]            = 0;
    for (std::size_t i = 0; i < Instructions::count; ++i) {
        if (!wanted.has[i] || present.has[i]) continue;
        int const n = std::snprintf(to + used, size - used, missing ? " %s" : "%s", names[i]);
        used        = used + static_cast<std::size_t>(n) < size ? used + static_cast<std::size_t>(n) : size - 1;
        ++missing;
    }
    return missing;
}

void check_processor() {}

namespace {

// Before all other constructors, the first of which may use what is missing.
__attribute__((constructor(101))) void refuse_other_processors() {
    char names[128];
    if (list_missing(instructions_of_library, instructions_here(), names, sizeof names) == 0) return;
    std::fprintf(stderr,
                 "This program was built with Unspool for another processor, which has %s; this one has not. Build it "
                 "here, or with "
                 "UNSPOOL_ARCH=x86-64.\n",
                 names);
    std::_Exit(3);
}

}  // namespace

}  // namespace unspool::core
