// Layers one after another.
#pragma once
#include <functional>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/layers/layer.hpp>
#include <unspool/nn/modules/namespace.hpp>
#include <unspool/ops/arrays/noise.hpp>
#include <vector>

namespace unspool::nn {

/// Dropout as a layer.  It drops where it is given something to draw from, and is the identity without: there is no mode to forget.
struct Dropout {
    double p = 0.5;

    Var operator()(Var x, Random* random = nullptr, Where where = Where::here()) const {
        return random && p > 0 ? dropout(x, p, *random, where) : x;
    }
};

/// `nn::Sequential net{Linear(p / "0", 8, 16), [](Var x) -> Var { return relu(x); }, nn::Dropout{0.2}, nn::LSTM(p / "3", 16, 32)};`
/// takes what the first one takes, and gives what the last one gives: of recurrent layers the outputs, from a state of zeros.
class Sequential {
public:
    template <class... Layers> explicit Sequential(Layers const&... layers) : layers_{step(layers)...} {}

    /// In training, dropout draws from `random`.
    Var operator()(Var x, Random* random = nullptr, Where where = Where::here()) const {
        for (auto const& layer : layers_) x = layer(x, random, where);
        return x;
    }

private:
    using Step = std::function<Var(Var, Random*, Where)>;

    template <class L> static Step step(L const& layer) {
        return [layer](Var x, Random* random, Where where) -> Var {
            if constexpr (std::invocable<L const&, Var, Random*, Where>) return layer(x, random, where);
            else if constexpr (requires { typename L::State; })
                return layer(x, Given<typename L::State>{.random = random}, where).outputs;
            else if constexpr (std::invocable<L const&, Var, Where>) return layer(x, where);
            else return layer(x);
        };
    }

    std::vector<Step> layers_;
};

}  // namespace unspool::nn
