// The arithmetic of symbols: statements of one operation each, on the tape of their operands.
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <optional>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/statement/symbol.hpp>
#include <unspool/autograd/tape/dependence.hpp>
#include <unspool/ops/derivatives/derivation.hpp>
#include <unspool/ops/derivatives/symbol.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The operation of an array and a number, in either order, or of two arrays.
template <class Op> Symbol binary(Symbol const& a, Symbol const& b) {
    if (b.is_number()) return Symbol(record_operation<Op>(a.var(), b.number()));
    if (a.is_number()) return Symbol(record_operation<Op>(a.number(), b.var()));
    return Symbol(record_operation<Op>(a.var(), b.var()));
}
template <class Op> Symbol unary(Symbol const& x) { return Symbol(record_operation<Op>(x.var())); }

SymbolicMask comparison(SymbolicMask::Comparison c, Symbol const& a, Symbol const& b) { return {{c, a, b}, {}}; }

/// 1 where it is so, else 0.  Of numbers, a number.
Symbol holds(SymbolicMask::Part const& p) {
    auto const decided = [&](auto compare) { return Symbol(compare(p.a.number(), p.b.number()) ? 1 : 0); };
    bool const numbers = p.a.is_number() && p.b.is_number();
    if (p.comparison == SymbolicMask::less) return numbers ? decided(std::less<>()) : binary<Less>(p.a, p.b);
    if (p.comparison == SymbolicMask::less_equal)
        return numbers ? decided(std::less_equal<>()) : binary<LessEqual>(p.a, p.b);
    return numbers ? decided(std::equal_to<>()) : binary<Equal>(p.a, p.b);
}

thread_local Var const* mask_there_is = nullptr;

}  // namespace

Under::Under(Symbol const& mask) : outer_(mask_there_is) {
    if (mask.is(1)) return;
    mask_         = mask.var();
    mask_there_is = &mask_;
}
Under::~Under() { mask_there_is = outer_; }
Var const* Under::mask() { return mask_there_is; }

namespace {

/// The element of an array that is met at an index of what it broadcasts to.
double element(Var const& x, Shape const& loop, Index const* at) {
    Window const& w = x.window();
    require_constant(x.tape(), w, {});
    Strides const strides = broadcast_strides(w.shape, w.strides, loop);
    Index const offset    = std::inner_product(strides.begin(), strides.end(), at, Index{0});
    return dispatch(x.dtype(), [&](auto t) -> double { return static_cast<decltype(t) const*>(w.data)[offset]; });
}

/// The first place in a loop where a mask is not 0.
std::optional<Dims> first_open(Var const& mask, Shape const& loop) {
    std::optional<Dims> out;
    each_index(loop, [&](Index const* at) {
        if (!out && element(mask, loop, at) != 0) out = Dims(std::span(at, loop.rank()));
    });
    return out;
}

}  // namespace

bool replace_masked(std::span<Symbol> operands) {
    Var const* const mask = Under::mask();
    if (!mask) return true;
    Shape loop = mask->shape();
    for (Symbol const& x : operands)
        if (!x.is_number()) broadcast(loop, x.var().shape());
    auto const open = first_open(*mask, loop);
    if (!open) return false;
    for (Symbol& x : operands)
        if (!x.is_number()) x = Symbol(Var(where(*mask, x.var(), element(x.var(), loop, open->begin()))));
    return true;
}

Var as_var(Tape& tape, Symbol const& s) { return s.is_number() ? tape.constant(s.number()) : s.var(); }

Tape& tape_of(std::span<Symbol const> xs) {
    auto const known = std::find_if(xs.begin(), xs.end(), [](Symbol const& x) { return !x.is_number(); });
    if (known == xs.end()) throw TapeError("an operation of numbers alone is on no tape");
    return known->var().tape();
}

Symbol operator+(Symbol const& a, Symbol const& b) {
    if (a.is_number() && b.is_number()) return a.number() + b.number();
    return a.is(0) ? b : b.is(0) ? a : binary<Add>(a, b);
}
Symbol operator-(Symbol const& a, Symbol const& b) {
    if (a.is_number() && b.is_number()) return a.number() - b.number();
    return b.is(0) ? a : a.is(0) ? -b : binary<Subtract>(a, b);
}
Symbol operator*(Symbol const& a, Symbol const& b) {
    if (a.is_number() && b.is_number()) return a.number() * b.number();
    if (a.is(0) || b.is(0)) return 0;
    if (a.is(1) || b.is(1)) return a.is(1) ? b : a;
    return a.is(-1) ? -b : b.is(-1) ? -a : binary<Multiply>(a, b);
}
Symbol operator/(Symbol const& a, Symbol const& b) {
    if (a.is_number() && b.is_number()) return a.number() / b.number();
    return a.is(0) ? a : b.is(1) ? a : binary<Divide>(a, b);
}
Symbol operator-(Symbol const& x) { return x.is_number() ? Symbol(-x.number()) : unary<Negate>(x); }

SymbolicMask operator<(Symbol const& a, Symbol const& b) { return comparison(SymbolicMask::less, a, b); }
SymbolicMask operator<=(Symbol const& a, Symbol const& b) { return comparison(SymbolicMask::less_equal, a, b); }
SymbolicMask operator>(Symbol const& a, Symbol const& b) { return b < a; }
SymbolicMask operator>=(Symbol const& a, Symbol const& b) { return b <= a; }
SymbolicMask operator==(Symbol const& a, Symbol const& b) { return comparison(SymbolicMask::equal, a, b); }
SymbolicMask operator!=(Symbol const& a, Symbol const& b) { return !(a == b); }
SymbolicMask operator&(SymbolicMask const& a, SymbolicMask const& b) {
    auto const single = [](SymbolicMask const& m) { return !m.negated && m.second.comparison == SymbolicMask::none; };
    if (single(a) && single(b)) return {a.first, b.first};
    return select(a, 1, 0) * select(b, 1, 0) != Symbol(0);
}
SymbolicMask operator|(SymbolicMask const& a, SymbolicMask const& b) { return !((!a) & (!b)); }
SymbolicMask operator==(SymbolicMask const& a, SymbolicMask const& b) { return select(a, 1, 0) == select(b, 1, 0); }
SymbolicMask operator!=(SymbolicMask const& a, SymbolicMask const& b) { return !(a == b); }
SymbolicMask operator!(SymbolicMask m) {
    m.negated = !m.negated;
    return m;
}

Symbol select(SymbolicMask const& m, Symbol const& yes, Symbol const& no) {
    if (m.negated) return select(!m, no, yes);
    if (m.first.comparison == SymbolicMask::equal && m.first.b.is(0) && m.second.comparison == SymbolicMask::none &&
        !m.first.a.is_number())  // a mask is what is not 0
        return chosen(m.first.a, no, yes);
    Symbol mask = holds(m.first);
    if (m.second.comparison != SymbolicMask::none) mask = mask * holds(m.second);
    if (mask.is_number()) return mask.is(0) ? no : yes;
    return yes.is(1) && no.is(0) ? mask : chosen(mask, yes, no);
}

Symbol chosen(Symbol const& mask, Symbol const& yes, Symbol const& no) {
    if (mask.is_number()) return mask.is(0) ? no : yes;
    if (yes.is_number() && no.is_number() && yes.number() == no.number()) return yes;
    Tape& tape = mask.var().tape();
    if (no.is_number()) return Symbol(Var(where(mask.var(), as_var(tape, yes), no.number())));
    if (yes.is_number()) return Symbol(Var(where(mask.var(), yes.number(), no.var())));
    return Symbol(Var(where(mask.var(), yes.var(), no.var())));
}

SymbolicMask isnan(Symbol const& x) { return x != x; }
SymbolicMask isinf(Symbol const& x) { return abs(x) == infinity; }
SymbolicMask isfinite(Symbol const& x) { return abs(x) < infinity; }

Symbol max(Symbol const& a, Symbol const& b) { return select(a < b, b, a); }
Symbol min(Symbol const& a, Symbol const& b) { return select(b < a, b, a); }
Symbol clip(Symbol const& x, Symbol const& low, Symbol const& high) {
    if (x.is_number() || !low.is_number() || !high.is_number()) return max(low, min(x, high));
    return Symbol(record_operation<Clamp>(x.var(), low.number(), high.number()));
}
Symbol fma(Symbol const& a, Symbol const& b, Symbol const& c) { return a * b + c; }
Symbol fms(Symbol const& a, Symbol const& b, Symbol const& c) { return a * b - c; }
Symbol fnma(Symbol const& a, Symbol const& b, Symbol const& c) { return c - a * b; }
Symbol fnms(Symbol const& a, Symbol const& b, Symbol const& c) { return -(a * b) - c; }
Symbol copysign(Symbol const& a, Symbol const& b) { return abs(a) * select(b < 0, -1, 1); }
Symbol ceil(Symbol const& x) { return -floor(-x); }
Symbol trunc(Symbol const& x) { return select(x < 0, ceil(x), floor(x)); }
Symbol exp2(Symbol const& x) { return exp(x * std::numbers::ln2); }
Symbol exp10(Symbol const& x) { return exp(x * std::numbers::ln10); }
Symbol log2(Symbol const& x) { return log(x) * std::numbers::log2e; }
Symbol log10(Symbol const& x) { return log(x) * std::numbers::log10e; }

Symbol pow(Symbol const& a, Symbol const& b) {
    return a.is_number() && b.is_number() ? Symbol(std::pow(a.number(), b.number())) : binary<Pow>(a, b);
}
Symbol hypot(Symbol const& a, Symbol const& b) {
    return a.is_number() && b.is_number() ? Symbol(std::hypot(a.number(), b.number())) : binary<Hypot>(a, b);
}
Symbol atan2(Symbol const& a, Symbol const& b) {
    return a.is_number() && b.is_number() ? Symbol(std::atan2(a.number(), b.number())) : binary<Atan2>(a, b);
}
Symbol sign(Symbol const& x) { return x.is_number() ? select(x > 0, 1, select(x < 0, -1, x)) : unary<Sign>(x); }
Symbol rint(Symbol const& x) { return x.is_number() ? Symbol(std::nearbyint(x.number())) : unary<Round>(x); }
Symbol rsqrt(Symbol const& x) { return x.is_number() ? Symbol(1 / std::sqrt(x.number())) : unary<Rsqrt>(x); }
Symbol abs(Symbol const& x) { return x.is_number() ? Symbol(std::abs(x.number())) : unary<Abs>(x); }
Symbol sqrt(Symbol const& x) { return x.is_number() ? Symbol(std::sqrt(x.number())) : unary<Sqrt>(x); }
Symbol exp(Symbol const& x) { return x.is_number() ? Symbol(std::exp(x.number())) : unary<Exp>(x); }
Symbol expm1(Symbol const& x) { return x.is_number() ? Symbol(std::expm1(x.number())) : unary<Expm1>(x); }
Symbol log(Symbol const& x) { return x.is_number() ? Symbol(std::log(x.number())) : unary<Log>(x); }
Symbol log1p(Symbol const& x) { return x.is_number() ? Symbol(std::log1p(x.number())) : unary<Log1p>(x); }
Symbol sin(Symbol const& x) { return x.is_number() ? Symbol(std::sin(x.number())) : unary<Sin>(x); }
Symbol cos(Symbol const& x) { return x.is_number() ? Symbol(std::cos(x.number())) : unary<Cos>(x); }
Symbol tan(Symbol const& x) { return x.is_number() ? Symbol(std::tan(x.number())) : unary<Tan>(x); }
Symbol asin(Symbol const& x) { return x.is_number() ? Symbol(std::asin(x.number())) : unary<Asin>(x); }
Symbol acos(Symbol const& x) { return x.is_number() ? Symbol(std::acos(x.number())) : unary<Acos>(x); }
Symbol atan(Symbol const& x) { return x.is_number() ? Symbol(std::atan(x.number())) : unary<Atan>(x); }
Symbol sinh(Symbol const& x) { return x.is_number() ? Symbol(std::sinh(x.number())) : unary<Sinh>(x); }
Symbol cosh(Symbol const& x) { return x.is_number() ? Symbol(std::cosh(x.number())) : unary<Cosh>(x); }
Symbol tanh(Symbol const& x) { return x.is_number() ? Symbol(std::tanh(x.number())) : unary<Tanh>(x); }
Symbol erf(Symbol const& x) { return x.is_number() ? Symbol(std::erf(x.number())) : unary<Erf>(x); }
Symbol erfc(Symbol const& x) { return x.is_number() ? Symbol(std::erfc(x.number())) : unary<Erfc>(x); }
Symbol floor(Symbol const& x) { return x.is_number() ? Symbol(std::floor(x.number())) : unary<Floor>(x); }

Symbol asinh(Symbol const& x) { return x.is_number() ? Symbol(std::asinh(x.number())) : no_formula(); }
Symbol acosh(Symbol const& x) { return x.is_number() ? Symbol(std::acosh(x.number())) : no_formula(); }
Symbol atanh(Symbol const& x) { return x.is_number() ? Symbol(std::atanh(x.number())) : no_formula(); }
Symbol cbrt(Symbol const& x) { return x.is_number() ? Symbol(std::cbrt(x.number())) : no_formula(); }
Symbol tgamma(Symbol const& x) { return x.is_number() ? Symbol(std::tgamma(x.number())) : no_formula(); }
Symbol lgamma(Symbol const& x) { return x.is_number() ? Symbol(std::lgamma(x.number())) : no_formula(); }
Symbol round(Symbol const& x) { return x.is_number() ? Symbol(std::round(x.number())) : no_formula(); }
Symbol fmod(Symbol const& a, Symbol const& b) {
    return a.is_number() && b.is_number() ? Symbol(std::fmod(a.number(), b.number())) : no_formula();
}
Symbol remainder(Symbol const& a, Symbol const& b) {
    return a.is_number() && b.is_number() ? Symbol(std::remainder(a.number(), b.number())) : no_formula();
}

Symbol recorded(Operation const& op, Symbol const& x) { return Symbol(derivation_of(op, 1)->record({&x, 1})); }

Symbol no_formula() {
    throw TypeError("its derivative is no formula of the library's operations, which could be differentiated again");
}

}  // namespace unspool::core
