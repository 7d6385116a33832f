// Scan: any graph, step by step.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/nn/onnx/run.hpp>
#include <unspool/ops/arrays/joins.hpp>

namespace unspool::nn::onnx {

namespace {

using Values = std::vector<Value>;

class ScanRun {
public:
    explicit ScanRun(Call const& c) : c_(c) {
        auto const* body = c.node.find<std::shared_ptr<Graph const>>("body");
        Index const n    = c.attribute("num_scan_inputs", Index{0});
        if (!body || c.run.opset < 9 || n < 1 || n > std::ssize(c.in))
            c.refuse("it has no body, or no sequences that are known");
        body_ = body->get(), states_ = c.in.size() - static_cast<std::size_t>(n);
        if (body_->inputs.size() != c.in.size() || body_->outputs.size() < states_)
            c.refuse("its body has other inputs or outputs");
        for (char const* name : {"scan_input_axes", "scan_output_axes"})
            for (Index a : c.attribute(name, std::vector<Index>()))
                if (a != 0) c.refuse("it scans along the first axis only");
        in_  = directions("scan_input_directions", static_cast<std::size_t>(n));
        out_ = directions("scan_output_directions", body_->outputs.size() - states_);
    }

    Values run() {
        std::vector<Value> state(c_.in.begin(), c_.in.begin() + static_cast<Index>(states_));
        for (auto const& s : state)
            if (!s.is_real()) c_.refuse("a state is missing, or of whole numbers");
        Index const steps = this->steps();
        std::vector<std::vector<Var>> ys(out_.size());
        Index elements = 0;
        for (Index t = 0; t < steps; ++t) {
            Scope const scope = step(state, t, steps);
            for (std::size_t k = 0; k < states_; ++k) state[k] = output(scope, k);
            for (std::size_t k = 0; k < ys.size(); ++k) {
                ys[k].push_back(output(scope, states_ + k).real(c_.where()));
                elements += count(ys[k].back().shape());
                c_.require_size(std::array{elements});
            }
        }
        for (std::size_t k = 0; k < ys.size(); ++k) {
            if (ys[k].empty()) c_.refuse("there are no steps");
            if (out_[k]) std::reverse(ys[k].begin(), ys[k].end());
            state.emplace_back(stack(ys[k], 0, c_.where()));
        }
        return state;
    }

private:
    std::vector<bool> directions(char const* name, std::size_t n) const {
        auto const all = c_.attribute(name, std::vector<Index>(n, 0));
        if (all.size() != n) c_.refuse(fmt::format("{} has {} numbers, expected {}", name, all.size(), n));
        std::vector<bool> out;
        for (Index d : all) out.push_back(d != 0);
        return out;
    }
    Index steps() const {
        Index out = -1;
        for (std::size_t k = states_; k < c_.in.size(); ++k) {
            Shape const s = c_.real(k).shape();
            if (s.empty() || (out >= 0 && s[0] != out)) c_.refuse("its sequences differ in length");
            out = s[0];
        }
        return out;
    }
    Scope step(std::vector<Value> const& state, Index t, Index steps) const {
        Scope scope{&c_.scope, {}};
        for (std::size_t k = 0; k < states_; ++k) scope.values.emplace(body_->inputs[k].name, state[k]);
        for (std::size_t k = states_; k < c_.in.size(); ++k) {
            Index const at = in_[k - states_] ? steps - 1 - t : t;
            scope.values.emplace(body_->inputs[k].name, c_.real(k)[At(at, c_.where())]);
        }
        c_.run(*body_, scope);
        return scope;
    }
    Value output(Scope const& scope, std::size_t k) const {
        Value const* const v = scope.find(body_->outputs[k].name);
        if (!v || !v->is_real()) c_.refuse("its body gives whole numbers");
        return *v;
    }

    Call const& c_;
    Graph const* body_;
    std::size_t states_;
    std::vector<bool> in_, out_;  // is it reversed?
};

}  // namespace

std::vector<Value> scanned(Call const& c) { return ScanRun(c).run(); }

}  // namespace unspool::nn::onnx
