// A cell that no one has written: of its seed, some equations with operations drawn from those that there are.
#pragma once
#include <array>
#include <unspool.hpp>
#include <vector>

namespace plans {

using namespace unspool;

/// An elementwise operation.
struct Elementwise {
    char const* name;
    Index arity;
    double low, high;  // the domain that it is checked in
    Var (*f)(std::span<Var const>);
};
std::vector<Elementwise> const& elementwise();  ///< all that there are

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
        switch (random.below(6)) {  // the other part: a delay, or parts that lie elsewhere
            case 0: return {h, s.h};
            case 1: return {s.c, h};
            case 2: return {h, flip(h, -1)};
            case 3: return {flip(s.c, -1), tanh(one() + h)};
            default: {
                Var c = 0.5 * s.c + 0.4 * tanh(one()) + 0.1 * h;
                return {h, c};
            }
        }
    }

private:
    /// Of numbers within its domain; what comes out is within [-1, 1], so that a state stays bounded.
    template <class One> static Var of_operation(Elementwise const& op, One one) {
        double const middle = (op.low + op.high) / 2, half = (op.high - op.low) / 2;
        std::vector<Var> xs;
        for (Index k = 0; k < op.arity; ++k) xs.push_back(middle + half * tanh(one()));
        return tanh(op.f(xs));
    }
    template <class One> static Var cube(One one) {
        Var const x = one();
        return tanh(x * x * x - exp(-x * x) + sqrt(1 + abs(one())) / 2);
    }

    template <class One> Var equation(Random& random, One one) const {
        auto const& ops = elementwise();
        switch (random.below(28)) {
            case 0:
            case 1:
            case 2:
            case 3: return of_operation(ops[static_cast<std::size_t>(random.below(ops.size()))], one);
            case 4: return cube(one);
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
            case 13: return one() + 0.1 * log_softmax(rms_norm(one()));
            case 14: return one().detach() * one();
            case 15: return slice(concat({one(), one()}, -1), -1, 0, 2 * hidden_, 2).detach();
            case 16: return flip(one(), -1) + b_;
            case 17: return slice(pad(one(), -1, 1, 2, 0.25), -1, 2, 2 + hidden_);
            case 18: return sum(stack({one(), one(), one()}, 1), 1) / 3;
            case 19: return one() / (1 + norm2(one(), -1, Reduced::keep));
            case 20: return one() - tanh(logsumexp(one(), -1, Reduced::keep) + min(one(), -1, Reduced::keep));
            case 21: return one() * prod(tanh(one()), -1, Reduced::keep);
            case 22: return where(one() > one(), one(), b_ - one());
            case 23: return recurrence_of_halves(one(), one());
            case 24: return product_of_halves(one(), one());
            case 25: return broadcast_to(mean(one(), -1, Reduced::keep), {batch_of(one()), hidden_});
            case 26: return tanh(one() + embedding(one().tape(), U_.weight, std::array{hidden_ - 1})[0]);
            default: return one() * one().tape().constant(0.1 * static_cast<double>(seed_ % 7));
        }
    }
    static Index batch_of(Var x) { return x.size(0); }
    /// [B,2,H/2]
    Var halves(Var x) const { return reshape(x, {batch_of(x), 2, hidden_ / 2}); }
    Var recurrence_of_halves(Var a, Var b) const {
        Var const as = transpose(halves(tanh(a)), {1, 0, 2}), bs = transpose(halves(b), {1, 0, 2});
        return tanh(reshape(transpose(linear_recurrence(as, bs), {1, 0, 2}), {batch_of(a), hidden_}));
    }
    Var product_of_halves(Var a, Var b) const {
        Var const x = halves(tanh(a)), y = halves(tanh(b));
        return tanh(reshape(matmul(matmul(x, transpose(y, {0, 2, 1})), y), {batch_of(a), hidden_}));
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

}  // namespace plans
