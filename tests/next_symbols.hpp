// Sequences from which a small model learns something: of each symbol the next one.
#pragma once
#include <unspool/autograd/array/random.hpp>
#include <unspool/nn/data/sequence.hpp>

/// 40 sequences of 3 to 8 symbols of four; a third of the targets do not count, if `some_ignored`.
inline unspool::Sequences<unspool::Symbols, unspool::Symbols> next_symbols(bool some_ignored = false) {
    using namespace unspool;
    Sequences<Symbols, Symbols> data;
    Random random(4);
    for (int k = 0; k < 40; ++k) {
        Symbols xs(3 + random.below(6)), ys;
        for (auto& x : xs) x = static_cast<Index>(random.below(4));
        for (auto x : xs) ys.push_back(some_ignored && random.below(3) == 0 ? -100 : (x + 1) % 4);
        data.inputs.push_back(xs), data.targets.push_back(ys);
    }
    return data;
}
