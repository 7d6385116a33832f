// A cell that no one has written: of its seed, some equations with operations drawn from those that there are.
#pragma once
#include <array>
#include <unspool.hpp>
#include <vector>

namespace deploy {

using namespace unspool;

/// x within the domain that an operation is checked in, and the result within [-1, 1], so that a state stays bounded.
template <class Op> Var within_domain(Var x) {
    constexpr double middle = (Op::domain.low + Op::domain.high) / 2, half = (Op::domain.high - Op::domain.low) / 2;
    return tanh(apply<Op>(middle + half * tanh(x)));
}
template <class Op> Var within_domain(Var x, Var y) {
    constexpr double middle = (Op::domain.low + Op::domain.high) / 2, half = (Op::domain.high - Op::domain.low) / 2;
    return tanh(apply<Op>(middle + half * tanh(x), middle + half * tanh(y)));
}
template <class Op> Var within_domain(Var x, Var y, Var z) {
    constexpr double middle = (Op::domain.low + Op::domain.high) / 2, half = (Op::domain.high - Op::domain.low) / 2;
    return tanh(apply<Op>(middle + half * tanh(x), middle + half * tanh(y), middle + half * tanh(z)));
}

class RandomCell {
public:
    struct State {
        Var h, c;
    };

    RandomCell(Params p, std::uint64_t seed)
        : seed_(seed)
        , in_(1 + static_cast<Index>(seed % 4))
        , hidden_(2 * (1 + static_cast<Index>(seed % 9)))
        , W_(p / "W", in_, hidden_)
        , U_(p / "U", hidden_, hidden_)
        , V_(p / "V", hidden_, 2 * hidden_)
        , b_(p.normal("b", {hidden_}, 0, 1)) {}

    Index in() const { return in_; }
    State zeros(Tape& tape, Index batch) const { return states::zeros<State>(tape, batch, {{hidden_}}); }
    State operator()(Var x, State s) const {
        Random random(seed_);
        std::vector<Var> values{W_(x), s.h, s.c};
        auto const one   = [&] { return values[static_cast<std::size_t>(random.below(values.size()))]; };
        int const number = 3 + static_cast<int>(random.below(7));
        for (int k = 0; k < number; ++k) values.push_back(equation(random, one));
        Var h = tanh(values.back() + U_(s.h) + one());
        Var c = 0.5 * s.c + 0.4 * tanh(one()) + 0.1 * h;
        return {h, c};
    }

private:
    template <class... Op> static auto unary(core::List<Op...>) {
        return std::array{+[](Var x) { return within_domain<Op>(x); }...};
    }
    template <class... Op> static auto binary(core::List<Op...>) {
        return std::array{+[](Var x, Var y) { return within_domain<Op>(x, y); }...};
    }
    template <class... Op> static auto ternary(core::List<Op...>) {
        return std::array{+[](Var x, Var y, Var z) { return within_domain<Op>(x, y, z); }...};
    }

    template <class One> Var equation(Random& random, One one) const {
        auto const pick = [&](auto const& all) { return all[static_cast<std::size_t>(random.below(all.size()))]; };
        switch (random.below(14)) {
            case 0:
            case 1: return pick(unary(core::UnaryOps{}))(one());
            case 2:
            case 3: return pick(binary(core::BinaryOps{}))(one(), one());
            case 4: return pick(ternary(core::TernaryOps{}))(one(), one(), one());
            case 5: return sigmoid(U_(one()) + b_);
            case 6: {
                auto [a, b] = split<2>(V_(one()));
                return a * tanh(b);
            }
            case 7: return softmax(one());
            case 8: return layer_norm(one() + b_);
            case 9: return one() - mean(one() * one(), -1, Reduced::keep);
            case 10: return one() * tanh(max(one(), -1, Reduced::keep));
            case 11: return U_(slice(concat({one(), one()}, -1), -1, 1, 1 + hidden_));
            case 12: return halves_exchanged(one());
            default: return one() + 0.1 * log_softmax(rms_norm(one()));
        }
    }
    Var halves_exchanged(Var x) const {
        Var const pairs = transpose(reshape(x, {x.size(0), 2, hidden_ / 2}), {0, 2, 1});
        return tanh(reshape(pairs, {x.size(0), hidden_}) * b_);
    }

    std::uint64_t seed_;
    Index in_, hidden_;
    nn::Linear W_, U_, V_;
    Param& b_;
};

}  // namespace deploy
