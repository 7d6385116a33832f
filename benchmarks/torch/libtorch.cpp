// Layers, chains of statements and training by libtorch.
#include "libtorch.hpp"

#include <torch/torch.h>

#include <map>
#include <memory>

#include "cells.hpp"

extern "C" void openblas_set_num_threads(int);  // of the OpenBLAS that libtorch's products and ours come from

namespace bench::libtorch {

namespace {

/// While it lives, libtorch and its products run on so many threads; at other times OpenBLAS runs on one.
class Threads {
public:
    explicit Threads(int n) { at::set_num_threads(n), openblas_set_num_threads(n); }
    ~Threads() { openblas_set_num_threads(1); }
    Threads(Threads const&)            = delete;
    Threads& operator=(Threads const&) = delete;
};

template <class T> Tensor tensor(Array<T> const& a) { return torch::tensor(a.elements).reshape(a.shape); }

Weights weights_of(Parameters const& parameters) {
    Weights out;
    for (Parameter const& p : parameters) out.add(p.path, tensor(p.value).requires_grad_());
    return out;
}

std::vector<float> elements(Tensor const& x) {
    Tensor const flat = x.detach().contiguous();
    return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

/// Gives the outputs of all steps.
using Sequence = std::function<Tensor(Tensor const& xs, Tensor const& h)>;

template <class Module> Module module(Weights const& weights, Layer const& l) {
    torch::NoGradGuard const no_grad;
    Module out(l.xs.shape[2], l.h.shape[1]);
    for (auto& p : out->named_parameters()) p.value().copy_(weights[p.key()]);
    return out;
}

template <class Module> Sequence simple_module(Weights const& weights, Layer const& l) {
    return [m = module<Module>(weights, l)](Tensor const& xs, Tensor const& h) mutable {
        return std::get<0>(m->forward(xs, h.unsqueeze(0)));
    };
}

Sequence lstm_module(Weights const& weights, Layer const& l) {
    return [m = module<torch::nn::LSTM>(weights, l)](Tensor const& xs, Tensor const& h) mutable {
        return std::get<0>(m->forward(xs, {{h.unsqueeze(0), h.unsqueeze(0)}}));
    };
}

Sequence from_operations(Step (*cell)(Weights const&), Weights const& weights) {
    return [step = cell(weights)](Tensor const& xs, Tensor const& h) { return scan(step, xs, {h, h}).outputs; };
}

Sequence sequence(Layer const& l, Weights const& w) {
    if (l.cell == "nn::LSTM") return lstm_module(w, l);
    if (l.cell == "nn::GRU") return simple_module<torch::nn::GRU>(w, l);
    if (l.cell == "nn::RNN") return simple_module<torch::nn::RNN>(w, l);
    return from_operations(cells.at(l.cell), w);
}

struct RunningChain {
    Chain chain;
    Tensor a = input(chain.a), x = input(chain.x), b = input(chain.b), y = {}, da = {};

    Tensor input(float value) const { return torch::full({chain.elements}, value).requires_grad_(); }
    void forward() {
        y = x;
        for (int i = 0; i < chain.length; ++i) y = chain.has_tanh ? torch::tanh(a * y + b) : a * y + b;
    }
    void backward() { da = torch::autograd::grad({y}, {a, x, b}, {torch::ones_like(y)}, true)[0]; }
};

class Trainer {
public:
    explicit Trainer(Training const& t)
        : training_(t), weights_(weights_of(t.parameters)), step_(cells.at("MGU")(weights_.below("mgu."))) {}

    /// Returns the loss before the update.
    float update() {
        Threads const threads(training_.threads);
        optimiser_.zero_grad();
        Tensor const loss = this->loss(training_.next());
        loss.backward();
        torch::nn::utils::clip_grad_norm_(weights_.all(), training_.max_norm);
        static_cast<torch::optim::AdamOptions&>(optimiser_.param_groups()[0].options()).lr(training_.rate_at(done_++));
        optimiser_.step();
        return loss.item<float>();
    }

private:
    Tensor loss(Training::Segment const& s) {
        Tensor const xs = torch::embedding(weights_["embedding.weight"], tensor(s.inputs));
        if (!h_.defined()) h_ = torch::zeros({xs.size(1), weights_["mgu.bf"].size(0)});
        auto const [hs, state] = scan(step_, xs, {h_, {}});
        h_                     = state.h.detach();
        Tensor const logits    = weights_.linear("out")(hs);
        return torch::cross_entropy_loss(logits.flatten(0, 1), tensor(s.targets).flatten());
    }

    Training training_;
    Weights weights_;
    Step step_;
    torch::optim::Adam optimiser_{weights_.all()};
    Tensor h_;
    int done_ = 0;
};

}  // namespace

Ready forward_backward(Layer const& l) {
    auto const weights = weights_of(l.parameters);
    Tensor const xs = tensor(l.xs).requires_grad_(), h = tensor(l.h).requires_grad_();
    auto const y = std::make_shared<Tensor>();
    return {[=, layer = sequence(l, weights), threads = l.threads] {
                Threads const guard(threads);
                Tensor const outputs = layer(xs, h);
                outputs.mean().backward();
                *y = outputs.detach();
            },
            [=] { return elements(*y); }};
}

Ready chain(Chain const& c) {
    auto const it = std::make_shared<RunningChain>(RunningChain{c});
    if (!c.backward) return {[=] { it->forward(); }, [=] { return elements(it->y); }};
    it->forward();
    return {[=] { it->backward(); }, [=] { return elements(it->da); }};
}

Ready train(Training const& t) {
    auto const it = std::make_shared<Trainer>(t);
    return {[=] { it->update(); }, [=] { return std::vector{it->update(), it->update(), it->update()}; }};
}

}  // namespace bench::libtorch
