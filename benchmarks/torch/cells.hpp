// Cells written from libtorch's operations: the same equations, with the same parameters, as in ../cells.hpp.
#pragma once
#include <torch/torch.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace bench::libtorch {

using torch::Tensor;

struct Linear {
    Tensor weight, bias;  // bias undefined where there is none

    Tensor operator()(Tensor const& x) const { return torch::linear(x, weight, bias); }
};

struct LayerNorm {
    Tensor gain, bias;

    Tensor operator()(Tensor const& x) const { return torch::layer_norm(x, {x.size(-1)}, gain, bias, 1e-5); }
};

/// Parameters by path.
class Weights {
public:
    void add(std::string const& path, Tensor const& value) { values_[path] = value; }
    Tensor operator[](std::string const& path) const { return values_.at(path); }
    Tensor optional(std::string const& path) const { return values_.contains(path) ? values_.at(path) : Tensor(); }

    Linear linear(std::string const& path) const { return {values_.at(path + ".weight"), optional(path + ".bias")}; }
    LayerNorm layer_norm(std::string const& path) const {
        return {values_.at(path + ".gain"), values_.at(path + ".bias")};
    }

    std::vector<Tensor> all() const {
        std::vector<Tensor> out;
        for (auto const& [path, value] : values_) out.push_back(value);
        return out;
    }
    Weights below(std::string const& prefix) const {
        Weights out;
        for (auto const& [path, value] : values_)
            if (path.starts_with(prefix)) out.add(path.substr(prefix.size()), value);
        return out;
    }

private:
    std::map<std::string, Tensor> values_;
};

/// c is undefined where a cell has none.
struct State {
    Tensor h, c;
};
using Step = std::function<State(Tensor const& x, State const&)>;

struct Scanned {
    Tensor outputs;
    State state;
};

inline Scanned scan(Step const& step, Tensor const& xs, State state) {
    std::vector<Tensor> hs;
    for (Tensor const& x : xs.unbind(0)) {
        state = step(x, state);
        hs.push_back(state.h);
    }
    return {torch::stack(hs), state};
}

inline Step lstm(Weights const& w) {
    Linear const W{w["weight_ih_l0"], w["bias_ih_l0"]}, U{w["weight_hh_l0"], w["bias_hh_l0"]};
    return [=](Tensor const& x, State const& s) -> State {
        auto const z   = (W(x) + U(s.h)).chunk(4, -1);
        Tensor const c = sigmoid(z[1]) * s.c + sigmoid(z[0]) * tanh(z[2]);
        return {sigmoid(z[3]) * tanh(c), c};
    };
}

inline Step mgu(Weights const& w) {
    Linear const Wf = w.linear("Wf"), Uf = w.linear("Uf"), Wn = w.linear("Wn"), Un = w.linear("Un");
    Tensor const bf = w["bf"], bn = w["bn"];
    return [=](Tensor const& x, State const& s) -> State {
        Tensor const f = sigmoid(Wf(x) + Uf(s.h) + bf);
        Tensor const n = tanh(Wn(x) + Un(f * s.h) + bn);
        return {(1 - f) * s.h + f * n, {}};
    };
}

inline Step peephole_lstm(Weights const& w) {
    Linear const Wi = w.linear("Wi"), Ui = w.linear("Ui"), Wf = w.linear("Wf"), Uf = w.linear("Uf");
    Linear const Wg = w.linear("Wg"), Ug = w.linear("Ug"), Wo = w.linear("Wo"), Uo = w.linear("Uo");
    Tensor const pi = w["pi"], pf = w["pf"], po = w["po"];
    return [=](Tensor const& x, State const& s) -> State {
        Tensor const i = sigmoid(Wi(x) + Ui(s.h) + pi * s.c);
        Tensor const f = sigmoid(Wf(x) + Uf(s.h) + pf * s.c);
        Tensor const c = f * s.c + i * tanh(Wg(x) + Ug(s.h));
        Tensor const o = sigmoid(Wo(x) + Uo(s.h) + po * c);
        return {o * tanh(c), c};
    };
}

inline Step layer_norm_lstm(Weights const& w) {
    Linear const W = w.linear("W"), U = w.linear("U");
    LayerNorm const norm_x = w.layer_norm("norm_x"), norm_h = w.layer_norm("norm_h"), norm_c = w.layer_norm("norm_c");
    return [=](Tensor const& x, State const& s) -> State {
        auto const z   = (norm_x(W(x)) + norm_h(U(s.h))).chunk(4, -1);
        Tensor const c = sigmoid(z[1]) * s.c + sigmoid(z[0]) * tanh(z[2]);
        return {sigmoid(z[3]) * tanh(norm_c(c)), c};
    };
}

inline Step ugrnn(Weights const& w) {
    Linear const Wg = w.linear("Wg"), Ug = w.linear("Ug"), Wc = w.linear("Wc"), Uc = w.linear("Uc");
    return [=](Tensor const& x, State const& s) -> State {
        Tensor const g = sigmoid(Wg(x) + Ug(s.h));
        return {g * s.h + (1 - g) * tanh(Wc(x) + Uc(s.h)), {}};
    };
}

inline std::map<std::string, Step (*)(Weights const&)> const cells{{"LSTM", lstm},
                                                                   {"MGU", mgu},
                                                                   {"Peephole LSTM", peephole_lstm},
                                                                   {"Layer-norm LSTM", layer_norm_lstm},
                                                                   {"UGRNN", ugrnn}};

}  // namespace bench::libtorch
