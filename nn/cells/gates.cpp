// The stacked weights of the shipped cells.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/nn/cells/gates.hpp>
#include <unspool/nn/modules/require.hpp>
#include <vector>

namespace unspool::nn {

double usual_bound(Index hidden) { return 1 / std::sqrt(static_cast<double>(hidden)); }

struct Gates::Parameters {  // made in PyTorch's order
    Param &w, &u, *b = nullptr, *c = nullptr;

    Parameters(Params p, GateSizes const& s, double a, Where where)
        : w(p.uniform(name("weight_ih", s), {s.gates * s.hidden, s.in}, -a, a, where))
        , u(p.uniform(name("weight_hh", s), {s.gates * s.hidden, s.state}, -a, a, where)) {
        if (s.bias == Bias::without) return;
        b = &p.uniform(name("bias_ih", s), {s.gates * s.hidden}, -a, a, where);
        c = &p.uniform(name("bias_hh", s), {s.gates * s.hidden}, -a, a, where);
    }
    static std::string name(std::string_view stem, GateSizes const& s) { return fmt::format("{}{}", stem, s.suffix); }
};

namespace {

constexpr char const* misfit = "the input and the state do not fit";

/// The axis before the features, if it is that.
std::string what_differs(std::vector<Shown> const& operands) {
    Shape const& x = *operands[0].shape;
    for (Shown const& o : operands)
        if (Shape const& s = *o.shape; x.rank() == 2 && s.rank() == 1)
            return fmt::format("{} lacks the axis of the batch, which is {} in {}", o.name, x[0], operands[0].name);
        else if (s.rank() == x.rank() && x.rank() == 2 && s[0] != x[0])
            return fmt::format("the batch is {} in {}, but {} in {}", s[0], o.name, x[0], operands[0].name);
    return misfit;
}

GateSizes const& checked(std::string_view cell, Params const& p, GateSizes const& s, Where where) {
    require_size(cell, p, "in", s.in, where);
    require_size(cell, p, "hidden", s.hidden, where);
    require_size(cell, p, "projection", s.state, where);
    return s;
}

}  // namespace

Gates::Gates(std::string_view cell, Params p, GateSizes const& s, Where where)
    : Gates(Parameters(p, checked(cell, p, s, where), usual_bound(s.hidden), where), s.hidden) {}
Gates::Gates(Parameters const& p, Index hidden) : W(p.w, p.b), U(p.u, p.c), hidden_(hidden) {}

bool Gates::fits(Shape const& x, Shape const& s, Index n) const {
    return x.rank() == s.rank() && !x.empty() && std::equal(x.begin(), x.end() - 1, s.begin()) && x.back() == in() &&
           s.back() == n;
}

void Gates::explain(std::string_view cell, Var const& x, std::initializer_list<Role> state, Where where) const {
    std::string expected = fmt::format("x [...,{}]", in());
    std::vector<Shown> shown{{label(x), x.shape()}};
    for (auto& s : state) {
        expected += fmt::format("  {} [...,{}]", s.name, &s == state.begin() ? U.in() : hidden_);
        shown.push_back({label(s.value), s.value.shape()});
    }
    throw ShapeError(describe(where, cell, what_differs(shown), expected, shown));
}

void require_step(std::string_view cell, Linear const& W, Linear const& U, Var const& x, Var const& h, Where where) {
    W.require_readable(where), U.require_readable(where);
    Shape const &a = x.shape(where), &b = h.shape(where);
    bool const features = !a.empty() && !b.empty() && a.back() == W.in() && b.back() == U.in();
    if (features) {
        Shape batch(std::span(a.begin(), a.end() - 1));
        if (broadcast(batch, Shape(std::span(b.begin(), b.end() - 1)))) return;
    }
    std::vector<Shown> const shown{{label(x), a}, {label(h), b}};
    throw ShapeError(describe(where, cell, features ? what_differs(shown) : misfit,
                              fmt::format("x [...,{}]  h [...,{}]", W.in(), U.in()), shown));
}

}  // namespace unspool::nn
