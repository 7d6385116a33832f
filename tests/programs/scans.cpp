// Recurrences: cells over sequences that are inputs, views or results of other scans, with weights that they share.
#include <fmt/ranges.h>
#include <programs/forms.hpp>

namespace programs {

namespace {

/// A sequence [T,B,F], in one direction or both, of unequal lengths or not.
struct Run {
    Value const& xs;
    ScanOptions options;
    std::vector<Index> lengths = {};
    std::string written        = {};  // the options

    Index steps() const { return xs.shape()[0]; }
    Index batch() const { return xs.shape()[1]; }
    Index in() const { return xs.shape()[2]; }
};

Value const* sequence(Session& s, Choices& c) {
    return s.some(c, [](Value const& v) {
        return v.rank() == 3 && v.shape()[0] <= 17 && v.shape()[1] <= 33 && v.shape()[2] <= 33 && count(v.shape()) > 0;
    });
}

void choose_lengths(Run& r, Choices& c) {
    for (Index b = 0; b < r.batch(); ++b) r.lengths.push_back(1 + (b * 3 + c(4)) % r.steps());
    r.options.lengths = r.lengths;
    r.written         = fmt::format(".lengths = std::vector<Index>{{{}}}, {}", fmt::join(r.lengths, ", "), r.written);
}
/// Any steps of any sequence, perhaps none.
void choose_mask(Run& r, Choices& c, Session& s) {
    Index const by = 2 + c(3), from = c(5);
    std::vector<double> mask;
    for (Index k = 0; k < r.steps() * r.batch(); ++k) mask.push_back((k + from) % by != 0);
    r.options.mask = reshape(s.tape.constant(mask), {r.steps(), r.batch()});
    r.written      = fmt::format(".mask = reshape(tape.constant(std::vector<double>{{{}}}), {{{}, {}}}), {}",
                                 fmt::join(mask, ", "), r.steps(), r.batch(), r.written);
}
void choose_options(Run& r, Choices& c, Session& s) {
    r.options.recompute_every = s.recompute_every;
    r.options.reverse         = c(4) == 1;
    r.written                 = fmt::format(".reverse = {}", r.options.reverse);
    Index const which         = c(4);
    if (which == 1) choose_lengths(r, c);
    if (which == 2) choose_mask(r, c, s);
}

/// Runs a cell, whose state is a Var, from a state of so many features.
template <class Cell>
void run(Session& s, Choices& c, Run& r, Cell const& cell, Index hidden, std::string const& text) {
    choose_options(r, c, s);
    Value const* const h0 = s.some(c, [&](Value const& v) { return v.shape() == Shape{r.batch(), hidden}; });
    Var const first       = h0 ? h0->var : s.tape.zeros({r.batch(), hidden});
    auto const [hs, last] = scan(cell, r.xs.var, first, r.options);
    std::string const from =
        fmt::format("scan({}, {}, {}, {{{}}})", text, r.xs.name,
                    h0 ? h0->name : fmt::format("tape.zeros({{{}, {}}})", r.batch(), hidden), r.written);
    bool const all = c.yes();
    s.put(all ? stack(hs) : Var(hs.back() * last),
          all ? fmt::format("stack({}.outputs)", from)
              : fmt::format("[&] {{ auto const [hs, last] = {}; return Var(hs.back() * last); }}()", from),
          {&r.xs, h0 ? h0 : &r.xs});
}

Index hidden_size(Choices& c) { return std::array<Index, 5>{1, 3, 5, 8, 16}[static_cast<std::size_t>(c(5))]; }

struct Weights {
    Param &W, &U, &b;
    Weights(Session& s, Choices& c, Index in, Index hidden)
        : W(s.parameter(fmt::format("W{}x{}_{}", hidden, in, c(2)), {hidden, in}))
        , U(s.parameter(fmt::format("W{}x{}_{}", hidden, hidden, c(2)), {hidden, hidden}))
        , b(s.parameter(fmt::format("b{}", hidden), {hidden})) {}
    std::string list() const { return fmt::format("{}, {}, {}", W.path(), U.path(), b.path()); }
};

/// One that says that it does the same at each step.
template <class F> struct Repeating : F {
    using KeepsNoVars  = Repeating;
    using SameEachStep = Repeating;
};

/// A cell as code and as text, which begins where its parameters are known as W, U and b.
#define CELL(...) std::pair([=](Var x, Var h) -> Var { __VA_ARGS__ }, "[&](Var x, Var h) -> Var { " #__VA_ARGS__ " }")

template <class Make> void by_weights(Session& s, Choices& c, Make make) {
    Value const* const xs = sequence(s, c);
    if (!xs) return;
    Run r{*xs, {}};
    Index const hidden = hidden_size(c);
    Weights const w(s, c, r.in(), hidden);
    auto const cell        = make(&w.W, &w.U, &w.b);
    std::string const text = fmt::format("[](Param* W, Param* U, Param* b) {{ return {}; }}(&{}, &{}, &{})",
                                         cell.second, w.W.path(), w.U.path(), w.b.path());
    if (c.yes()) run(s, c, r, cell.first, hidden, text);
    else run(s, c, r, Repeating<decltype(cell.first)>{cell.first}, hidden, fmt::format("Repeating{{{}}}", text));
}

void simple(Session& s, Choices& c) {
    by_weights(s, c, [](Param const* W, Param const* U, Param const* b) {
        return CELL(return tanh(linear(x, *W, *b) + linear(h, *U)););
    });
}
void gated(Session& s, Choices& c) {
    by_weights(s, c, [](Param const* W, Param const* U, Param const* b) {
        return CELL(Var f = sigmoid(linear(x, *W) + linear(h, *U)); Var n = tanh(linear(x, *W) + linear(f * h, *U, *b));
                    return (1 - f) * h + f * n;);
    });
}
void leaky(Session& s, Choices& c) {
    by_weights(s, c, [](Param const* W, Param const* U, Param const* b) {
        return CELL(auto const rate = sigmoid(*b);
                    return rate * h + (1 - rate) * tanh(linear(x, *W) + linear(h, tanh(*U))););
    });
}
void uneven(Session& s, Choices& c) {
    by_weights(s, c, [](Param const* W, Param const* U, Param const* b) {
        return CELL(Var a = linear(x, *W) + linear(h, *U, *b); Var lone = linear(flip(x, 1), *W);
                    Var left = linear(flip(h, 0), *U) + linear(x, *W); return tanh(a * lone - left););
    });
}
void scan_in_scan(Session& s, Choices& c) {
    by_weights(s, c, [](Param const* W, Param const* U, Param const* b) {
        return CELL(auto const inner = [=](Var y, Var g) -> Var { return tanh(linear(y, *W, *b) + linear(g, *U)); };
                    Var both         = stack({x, 0.5 * x}); return 0.5 * h + 0.5 * scan(inner, both, h).state;);
    });
}
void elementwise(Session& s, Choices& c) {
    Value const* const xs = sequence(s, c);
    if (!xs) return;
    Run r{*xs, {}};
    Param const& a = s.parameter(fmt::format("scale{}", r.in()), {r.in()});
    run(
        s, c, r, [&](Var x, Var h) -> Var { return sigmoid(x * a) * h + (1 - sigmoid(x)) * tanh(x); }, r.in(),
        fmt::format("[&](Var x, Var h) -> Var {{ return sigmoid(x * {}) * h + (1 - sigmoid(x)) * tanh(x); }}",
                    a.path()));
}

/// A state of states, an array and a count.
struct Deep {
    struct Half {
        Var c, h;
    };
    struct State {
        Half lower;
        std::array<Var, 2> trail;
        Index steps;
    };
    Param const *W, *U, *b;

    State zeros(Tape& tape, Index batch) const {
        Var const none = tape.zeros({batch, b->shape()[0]});
        return {{none, none}, {none, none}, 0};
    }
    State operator()(Var x, State s) const {
        Var h = tanh(linear(x, *W, *b) + linear(s.lower.h, *U));
        Var c = 0.5 * s.lower.c + h;
        return {{c, h}, {s.trail[1], 0.5 * s.trail[0] + c}, s.steps + 1};
    }
};
void deep(Session& s, Choices& c) {
    Value const* const xs = sequence(s, c);
    if (!xs) return;
    Run r{*xs, {}};
    Index const hidden = hidden_size(c);
    Weights const w(s, c, r.in(), hidden);
    choose_options(r, c, s);
    Deep const cell{&w.W, &w.U, &w.b};
    auto const [hs, last] = scan(cell, r.xs.var, cell.zeros(s.tape, r.batch()), r.options);
    Var out               = hs.back() * last.trail[0] + last.lower.c;
    s.put(out,
          fmt::format("[&] {{ Deep const cell{{&{}, &{}, &{}}}; auto const [hs, last] = scan(cell, {}, "
                      "cell.zeros(tape, {}), {{{}}}); "
                      "return Var(hs.back() * last.trail[0] + last.lower.c); }}()",
                      w.W.path(), w.U.path(), w.b.path(), r.xs.name, r.batch(), r.written),
          {&r.xs});
}

/// A cell of the library.
template <class Cell> void shipped(Session& s, Choices& c, char const* type) {
    Value const* const xs = sequence(s, c);
    if (!xs) return;
    Run r{*xs, {}};
    Index const hidden     = hidden_size(c);
    std::string const path = fmt::format("{}{}x{}", type, r.in(), hidden);
    choose_options(r, c, s);
    Cell const cell       = s.store.template cell<Cell>(path, r.in(), hidden);
    auto const [hs, last] = scan(cell, r.xs.var, cell.zeros(s.tape, r.batch()), r.options);
    s.put(stack(hs),
          fmt::format("[&] {{ static {0} const cell(params / \"{1}\", {2}, {3}); return stack(scan(cell, {4}, "
                      "cell.zeros(tape, {5}), "
                      "{{{6}}}).outputs); }}()",
                      type, path, r.in(), hidden, r.xs.name, r.batch(), r.written),
          {&r.xs});
}
void lstm(Session& s, Choices& c) { shipped<nn::LSTMCell>(s, c, "nn::LSTMCell"); }
void gru(Session& s, Choices& c) { shipped<nn::GRUCell>(s, c, "nn::GRUCell"); }

/// Something that scans can visit, for programs that have none yet.
void new_sequence(Session& s, Choices& c) {
    Shape shape = s.shape(c, 3);
    shape[0] = std::min(shape[0], Index{9}), shape[1] = std::min(shape[1], Index{17}),
    shape[2] = std::min(shape[2], Index{16});
    s.new_input(shape);
}

}  // namespace

std::vector<Form> scan_forms() {
    return {new_sequence, new_sequence, new_sequence, simple,      simple, gated, gated,
            leaky,        uneven,       scan_in_scan, elementwise, deep,   lstm,  gru};
}

}  // namespace programs
