// Does this processor know the instructions that the program was compiled for?  Asked before anything else runs, by code
// that uses none of them.
#pragma once
#include <cstddef>

namespace unspool::core {

// The macro that a compiler defines when it may use a set of instructions, and the name of the set.
#define UNSPOOL_INSTRUCTIONS(X)                                                                                        \
    X(__SSE4_2__, "sse4.2")                                                                                            \
    X(__AVX__, "avx")                                                                                                  \
    X(__AVX2__, "avx2")                                                                                                \
    X(__FMA__, "fma")                                                                                                  \
    X(__BMI2__, "bmi2")                                                                                                \
    X(__AVX512F__, "avx512f")                                                                                          \
    X(__AVX512BW__, "avx512bw")                                                                                        \
    X(__AVX512DQ__, "avx512dq")                                                                                        \
    X(__AVX512VL__, "avx512vl")

/// One flag for each set.
struct Instructions {
#define UNSPOOL_ONE(macro, name) +1
    static constexpr std::size_t count = 0 UNSPOOL_INSTRUCTIONS(UNSPOOL_ONE);
#undef UNSPOOL_ONE
    bool has[count];
};

extern Instructions const instructions_of_library;  ///< what it was compiled for; known without running code
Instructions instructions_here();                   ///< what this processor has

/// Writes "avx2 fma": the names of those of `wanted` that are not in `present`, and how many there are.
int list_missing(Instructions const& wanted, Instructions const& present, char* to, std::size_t size);

/// Does nothing; who refers to it has the check at the start of the program.
void check_processor();

}  // namespace unspool::core
