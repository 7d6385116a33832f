// The stacked weights of the shipped cells.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/label.hpp>
#include <unspool/nn/cells/gates.hpp>
#include <unspool/nn/require.hpp>
#include <vector>
#include <xtensor/xbuilder.hpp>

namespace unspool {

struct Gates::Parameters {  // made in PyTorch's order
    Param &w, &u, *b = nullptr, *c = nullptr;
    Parameters(Index n, Params p, Index in, Index hidden, Bias bias, double a)
        : w(p.uniform("weight_ih_l0", {n * hidden, in}, -a, a)), u(p.uniform("weight_hh_l0", {n * hidden, hidden}, -a, a)) {
        if (bias == Bias::without) return;
        b = &p.uniform("bias_ih_l0", {n * hidden}, -a, a);
        c = &p.uniform("bias_hh_l0", {n * hidden}, -a, a);
    }
};

namespace {

double bound(std::string_view cell, Params const& p, Index in, Index hidden, Where where) {
    require_size(cell, p, "in", in, where);
    require_size(cell, p, "hidden", hidden, where);
    return 1 / std::sqrt(static_cast<double>(hidden));
}

}  // namespace

Gates::Gates(std::string_view cell, Index n, Params p, Index in, Index hidden, Bias bias, Where where)
    : Gates(Parameters(n, p, in, hidden, bias, bound(cell, p, in, hidden, where))) {}
Gates::Gates(Parameters const& p) : W(p.w, p.b), U(p.u, p.c) {}

bool Gates::fits(Shape const& x, Shape const& s) const {
    return x.rank() == s.rank() && !x.empty() && std::equal(x.begin(), x.end() - 1, s.begin()) && x.back() == in() && s.back() == hidden();
}

void Gates::explain(std::string_view cell, Var const& x, std::initializer_list<Role> state, Where where) const {
    std::string        expected = fmt::format("x [...,{}]", in());
    std::vector<Shown> shown{{label(x), x.shape()}};
    for (auto& s : state) {
        expected += fmt::format("  {} [...,{}]", s.name, hidden());
        shown.push_back({label(s.value), s.value.shape()});
    }
    throw ShapeError(describe(where, cell, "the input and the state do not fit", expected, shown));
}

Var Gates::zeros(Tape& tape, Index batch) const {
    return tape.constant(xt::zeros<float>({static_cast<std::size_t>(batch), static_cast<std::size_t>(hidden())}));
}

}  // namespace unspool
