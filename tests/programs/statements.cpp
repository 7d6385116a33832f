// Statements: terms of one to four operands that broadcast, and their sums and means.
#include <programs/forms.hpp>

namespace programs {

namespace {

struct Operands {
    Var x, y, z, w;
    Axes axes       = {};
    Reduced reduced = Reduced::drop;
};

/// A term of some operands, as code and as text.
struct Written {
    int operands;
    Var (*f)(Operands const&);
    char const* text;
};
// A macro, so that the text is that of the code.
#define WRITTEN(operands, ...)                                                                                         \
    Written {                                                                                                          \
        operands,                                                                                                      \
            [](Operands const& o) -> Var {                                                                             \
                [[maybe_unused]] auto const& [x, y, z, w, axes, reduced] = o;                                          \
                return __VA_ARGS__;                                                                                    \
            },                                                                                                         \
            #__VA_ARGS__                                                                                               \
    }

Written const statements[] = {
    WRITTEN(1, tanh(x)),
    WRITTEN(1, sigmoid(x) * x),
    WRITTEN(1, 0.5 * x * x - x),
    WRITTEN(1, 1 - x),
    WRITTEN(1, exp(-square(x))),
    WRITTEN(1, x / (1 + x * x)),
    WRITTEN(1, softplus(x) - 0.25 * x),
    WRITTEN(1, sin(x) * cos(2 * x) + x),
    WRITTEN(1, log(1 + square(x))),
    WRITTEN(2, x* y),
    WRITTEN(2, x + y),
    WRITTEN(2, x - y),
    WRITTEN(2, tanh(x* y) + x),
    WRITTEN(2, x / (1 + square(y))),
    WRITTEN(2, x* y + y * x),
    WRITTEN(2, sigmoid(y) * x + (1 - sigmoid(y)) * tanh(x)),
    WRITTEN(2, exp(-square(x - y))),
    WRITTEN(2, where(sigmoid(y) > 2, x, x* y)),
    WRITTEN(3, x* y + z),
    WRITTEN(3, sigmoid(x) * y + tanh(z)),
    WRITTEN(3, tanh((x - y) * (y - z) * (z - x))),
    WRITTEN(3, (1 - sigmoid(x)) * y + sigmoid(x) * z),
    WRITTEN(4, x* y + z * w),
    WRITTEN(4, sigmoid(x) * tanh(sigmoid(y) * z + w)),
};
Written const kinked[] = {
    WRITTEN(1, relu(x) - 0.1 * x),
    WRITTEN(1, abs(x) * x),
    WRITTEN(2, maximum(x, y)),
    WRITTEN(2, where(x > y, x* y, y)),
    WRITTEN(3, clamp(x, -abs(y), abs(z))),
};
Written const reductions[] = {
    WRITTEN(1, sum(tanh(x), axes, reduced)),
    WRITTEN(1, mean(x, axes, reduced)),
    WRITTEN(1, mean(square(x), axes, reduced)),
    WRITTEN(2, sum(x* y, axes, reduced)),
    WRITTEN(2, mean(tanh(x - y), axes, reduced)),
    WRITTEN(3, sum(x* y* z, axes, reduced)),
    WRITTEN(3, mean(sigmoid(x) * y + z, axes, reduced)),
};

/// The operands: each broadcasts with those before it.
std::vector<Value const*> choose(Session& s, Choices& c, int n) {
    std::vector<Value const*> out{&s.any(c)};
    Shape joint     = out[0]->shape();
    auto const fits = [&](Value const& v) {
        Shape with = joint;
        return broadcast(with, v.shape()) && Session::small(with);
    };
    while (static_cast<int>(out.size()) < n) {
        Value const* const v = s.some(c, fits);
        out.push_back(v ? v : out[0]);
        broadcast(joint, out.back()->shape());
    }
    return out;
}

void put(Session& s, Written const& w, std::vector<Value const*> const& v, Operands o,
         std::string const& declared = "") {
    auto const operand = [&](std::size_t k) { return v[std::min(k, v.size() - 1)]; };
    o.x = operand(0)->var, o.y = operand(1)->var, o.z = operand(2)->var, o.w = operand(3)->var;
    s.put(w.f(o),
          fmt::format("[](Var x, Var y, Var z, Var w) -> Var {{ {}return {}; }}({}, {}, {}, {})", declared, w.text,
                      operand(0)->name, operand(1)->name, operand(2)->name, operand(3)->name),
          {operand(0), operand(1), operand(2), operand(3)});
}

template <std::size_t N> void one_of(Session& s, Choices& c, Written const (&all)[N]) {
    Written const& w = all[c(N)];
    put(s, w, choose(s, c, w.operands), {});
}

void statement(Session& s, Choices& c) { one_of(s, c, statements); }
void statement_with_kinks(Session& s, Choices& c) {
    one_of(s, c, kinked);
    s.kinked = true;
}

void reduction(Session& s, Choices& c) {
    Written const& w = reductions[c(std::size(reductions))];
    auto const v     = choose(s, c, w.operands);
    Shape joint      = v[0]->shape();
    for (Value const* x : v) broadcast(joint, x->shape());
    Operands o;
    Index const bits = c(1 << joint.rank());
    o.axes.all       = bits == 0;
    for (Index a = 0; a < static_cast<Index>(joint.rank()); ++a)
        if (bits >> a & 1) o.axes.list.push_back(c.yes() ? a : a - static_cast<Index>(joint.rank()));
    o.reduced = c.yes() ? Reduced::keep : Reduced::drop;
    put(s, w, v, o,
        fmt::format("Axes const axes{}; auto const reduced = Reduced::{}; ", o.axes.all ? "" : written(o.axes.list),
                    o.reduced == Reduced::keep ? "keep" : "drop"));
}

/// A parameter in a term, which is lifted onto the tape of its neighbours.
void term_with_parameters(Session& s, Choices& c) {
    Value const& x = s.any(c);
    Index const n  = x.rank() == 0 ? 1 : x.shape().back();
    Param const &p = s.parameter(fmt::format("scale{}", n), {n}), &q = s.parameter(fmt::format("shift{}", n), {n});
    s.put(x.var * p + q, fmt::format("{} * {} + {}", x.name, p.path(), q.path()), {&x});
}

/// Terms of parameters alone, which wait for a tape.
void term_of_parameters(Session& s, Choices& c) {
    Value const& x = s.any(c);
    Index const n  = x.rank() == 0 ? 1 : x.shape().back();
    Param const &p = s.parameter(fmt::format("scale{}", n), {n}), &q = s.parameter(fmt::format("shift{}", n), {n});
    switch (c(3)) {
        case 0:
            s.put(1 / (1 + exp(p)) * x.var + sigmoid(q) * p,
                  fmt::format("1 / (1 + exp({0})) * {1} + sigmoid({2}) * {0}", p.path(), x.name, q.path()), {&x});
            break;
        case 1:
            s.put(x.var * sum(square(p)) + mean(p * q),
                  fmt::format("{1} * sum(square({0})) + mean({0} * {2})", p.path(), x.name, q.path()), {&x});
            break;
        default:
            s.put(tanh(-p) + x.var * (p * q), fmt::format("tanh(-{0}) + {1} * ({0} * {2})", p.path(), x.name, q.path()),
                  {&x});
    }
}

}  // namespace

std::vector<Form> statement_forms() {
    return {statement,          statement,           statement, statement, reduction, reduction, term_with_parameters,
            term_of_parameters, statement_with_kinks};
}

}  // namespace programs
