// Operations on lists of numbers along axes, losses, noise and operations of one's own.
#include <fmt/ranges.h>
#include <programs/forms.hpp>

namespace programs {

namespace {

/// What an operation along an axis is called, and does.
struct Along {
    char const* name;
    Var (*f)(Var, Index axis);
    bool kinked = false;
};
Along const along[] = {
    {"softmax", [](Var x, Index a) { return softmax(x, a); }},
    {"log_softmax", [](Var x, Index a) { return log_softmax(x, a); }},
    {"logsumexp", [](Var x, Index a) { return logsumexp(x, a); }},
    {"cumsum", [](Var x, Index a) { return cumsum(x, a); }},
    {"logcumsumexp", [](Var x, Index a) { return logcumsumexp(x, a); }},
    {"cumprod", [](Var x, Index a) -> Var { return cumprod(tanh(x), a); }},
    {"layer_norm", [](Var x, Index a) { return layer_norm(x, a, 0.1); }},
    {"rms_norm", [](Var x, Index a) { return rms_norm(x, a, 0.1); }},
    {"prod", [](Var x, Index a) -> Var { return prod(tanh(x), a); }},
    {"var", [](Var x, Index a) { return var(x, a, Reduced::drop, 0); }},
    {"max", [](Var x, Index a) { return max(x, a); }, true},
};

void along_an_axis(Session& s, Choices& c) {
    Value const* const x = s.some(c, [](Value const& v) { return v.rank() > 0; });
    if (!x) return;
    Along const& op  = along[c(std::size(along))];
    Index const axis = c(x->rank());
    s.kinked |= op.kinked;
    s.put(op.f(x->var, axis), fmt::format("{}({}, {})", op.name, x->name, axis), {x});
}

void rolled(Session& s, Choices& c) {
    Value const* const x = s.some(c, [](Value const& v) { return v.rank() > 0; });
    if (!x) return;
    Index const shift = c(9) - 4, axis = c(x->rank());
    s.put(roll(x->var, shift, axis), fmt::format("roll({}, {}, {})", x->name, shift, axis), {x});
}

/// By decays of every step, or the same at all of them.
void recurred(Session& s, Choices& c) {
    Value const* const x = s.some(c, [](Value const& v) { return v.rank() > 0; });
    if (!x) return;
    Shape step = x->shape();
    step.erase(0);
    auto const fits = [&](Value const& v) { return v.shape() == x->shape() || v.shape() == step; };
    Value const *a = s.some(c, fits), *h = s.some(c, [&](Value const&v) { return v.shape() == step; });
    if (h)
        s.put(linear_recurrence(tanh(a->var), x->var, h->var),
              fmt::format("linear_recurrence(tanh({}), {}, {})", a->name, x->name, h->name), {a, x, h});
    else
        s.put(linear_recurrence(tanh(a->var), x->var), fmt::format("linear_recurrence(tanh({}), {})", a->name, x->name),
              {a, x});
}

void dropped(Session& s, Choices& c) {
    Value const& x           = s.any(c);
    std::uint64_t const seed = static_cast<std::uint64_t>(c(50));
    s.put(dropout(x.var, 0.25, seed), fmt::format("dropout({}, 0.25, {})", x.name, seed), {&x});
}

void classified(Session& s, Choices& c) {
    Value const* const x = s.some(c, [](Value const& v) { return v.rank() == 2 && v.shape()[1] > 0; });
    if (!x) return;
    std::vector<Index> targets;
    for (Index b = 0; b < x->shape()[0]; ++b)
        targets.push_back((b + c(4)) % 4 == 3 ? -100 : (b * 5 + 1) % x->shape()[1]);
    targets[0] = 0;
    s.put(cross_entropy(x->var, targets),
          fmt::format("cross_entropy({}, std::vector<Index>{{{}}})", x->name, fmt::join(targets, ", ")), {x});
}
void squared_error(Session& s, Choices& c) {
    Value const& x       = s.any(c);
    Value const* const y = s.some(c, [&](Value const& v) { return v.shape() == x.shape(); });
    if (y) s.put(mse(x.var, y->var), fmt::format("mse({}, {})", x.name, y->name), {&x, y});
}
void divergence(Session& s, Choices& c) {
    Value const& x   = s.any(c);
    auto const alike = [&](Value const& v) { return v.shape() == x.shape(); };
    Value const &y = *s.some(c, alike), &z = *s.some(c, alike);
    if (c.yes())
        s.put(gaussian_kl(x.var, tanh(y.var)), fmt::format("gaussian_kl({}, tanh({}))", x.name, y.name), {&x, &y});
    else
        s.put(gaussian_kl(x.var, tanh(y.var), y.var, sigmoid(z.var), Over::sum),
              fmt::format("gaussian_kl({0}, tanh({1}), {1}, sigmoid({2}), Over::sum)", x.name, y.name, z.name),
              {&x, &y, &z});
}

struct Snake {
    static constexpr auto name           = "snake";
    static constexpr Signature signature = "[...] [...] -> [...]";
    auto forward(auto const& x, auto const& a) const { return x + xt::sin(a * x) * a; }
    auto adjoints(auto const& g, auto const&, auto const& x, auto const& a) const {
        return std::tuple(g * (1 + xt::cos(a * x) * a * a), g * (xt::sin(a * x) + xt::cos(a * x) * a * x));
    }
    Var gradient(std::size_t k, Var g, Var, std::span<Var const> xs) const {
        Var const x = xs[0], a = xs[1];
        return k == 0 ? Var(g * (1 + cos(a * x) * a * a)) : Var(g * (sin(a * x) + cos(a * x) * a * x));
    }
};
void by_an_operation_of_ones_own(Session& s, Choices& c) {
    Value const& x       = s.any(c);
    Value const* const y = s.some(c, [&](Value const& v) { return v.shape() == x.shape(); });
    if (y) s.put(custom(Snake{}, x.var, y->var), fmt::format("custom(Snake{{}}, {}, {})", x.name, y->name), {&x, y});
}

}  // namespace

std::vector<Form> list_forms() {
    return {along_an_axis,
            along_an_axis,
            along_an_axis,
            rolled,
            recurred,
            recurred,
            dropped,
            classified,
            squared_error,
            divergence,
            by_an_operation_of_ones_own};
}

}  // namespace programs
