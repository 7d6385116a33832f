// Derivatives as formulas: `df` and `pull` of an elementwise operation run on symbols as they run on registers, and what they make of
// those is recorded on a tape, to be differentiated in its turn.  What records it is an operation, too, and so is defined where operations are
// (ops/derivatives/symbol.cpp).
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <unspool/autograd/formula/operation.hpp>
#include <unspool/autograd/statement/derivative.hpp>
#include <unspool/autograd/statement/joined.hpp>
#include <unspool/autograd/tape/var.hpp>

namespace unspool::core {

/// A value that is recorded when it is asked for, and once.
class Later {
public:
    virtual Var recorded() = 0;

protected:
    ~Later() = default;
};

struct SymbolicMask;

/// A number, or an array on a tape.  What is computed with numbers alone is a number, and x + 0, 1 * x and 0 * x record nothing.
class Symbol {
public:
    using value_type                  = double;
    using batch_bool_type             = SymbolicMask;
    static constexpr std::size_t size = 1;

    Symbol(double number = 0) : number_(number) {}
    explicit Symbol(Var x) : var_(x) {}
    explicit Symbol(Later& later) : later_(&later) {}

    bool is_number() const { return var_.empty() && !later_; }
    bool is(double n) const { return is_number() && number_ == n; }
    double number() const { return number_; }
    Var var() const { return later_ ? later_->recorded() : var_; }  ///< not of a number

private:
    double number_ = 0;
    Var var_       = {};
    Later* later_  = nullptr;
};

/// A comparison, or two of which both must hold, or the contrary.  It is recorded where something is chosen by it.
struct SymbolicMask {
    enum Comparison : std::uint8_t { none, less, less_equal, equal };
    struct Part {
        Comparison comparison = none;
        Symbol a, b;
    };
    Part first, second;
    bool negated = false;
};

Symbol operator+(Symbol const&, Symbol const&);
Symbol operator-(Symbol const&, Symbol const&);
Symbol operator*(Symbol const&, Symbol const&);
Symbol operator/(Symbol const&, Symbol const&);
Symbol operator-(Symbol const&);
inline Symbol operator+(Symbol const& x) { return x; }
inline Symbol& operator+=(Symbol& a, Symbol const& b) { return a = a + b; }
inline Symbol& operator-=(Symbol& a, Symbol const& b) { return a = a - b; }
inline Symbol& operator*=(Symbol& a, Symbol const& b) { return a = a * b; }
inline Symbol& operator/=(Symbol& a, Symbol const& b) { return a = a / b; }

SymbolicMask operator<(Symbol const&, Symbol const&);
SymbolicMask operator<=(Symbol const&, Symbol const&);
SymbolicMask operator>(Symbol const&, Symbol const&);
SymbolicMask operator>=(Symbol const&, Symbol const&);
SymbolicMask operator==(Symbol const&, Symbol const&);
SymbolicMask operator!=(Symbol const&, Symbol const&);
SymbolicMask operator&(SymbolicMask const&, SymbolicMask const&);
SymbolicMask operator|(SymbolicMask const&, SymbolicMask const&);
SymbolicMask operator==(SymbolicMask const&, SymbolicMask const&);
SymbolicMask operator!=(SymbolicMask const&, SymbolicMask const&);
SymbolicMask operator!(SymbolicMask);
inline SymbolicMask operator~(SymbolicMask const& m) { return !m; }
inline SymbolicMask operator&&(SymbolicMask const& a, SymbolicMask const& b) { return a & b; }
inline SymbolicMask operator||(SymbolicMask const& a, SymbolicMask const& b) { return a | b; }
SymbolicMask isnan(Symbol const&);
SymbolicMask isinf(Symbol const&);
SymbolicMask isfinite(Symbol const&);
Symbol select(SymbolicMask const&, Symbol const&, Symbol const&);

// What xsimd has of a register.  What no operation of the library is, and no formula of them as accurate, is a TypeError when it
// is recorded.
Symbol max(Symbol const&, Symbol const&);
Symbol min(Symbol const&, Symbol const&);
Symbol clip(Symbol const& x, Symbol const& low, Symbol const& high);
Symbol fma(Symbol const& a, Symbol const& b, Symbol const& c);   ///< a b + c
Symbol fms(Symbol const& a, Symbol const& b, Symbol const& c);   ///< a b - c
Symbol fnma(Symbol const& a, Symbol const& b, Symbol const& c);  ///< c - a b
Symbol fnms(Symbol const& a, Symbol const& b, Symbol const& c);  ///< -a b - c
Symbol pow(Symbol const&, Symbol const&);
Symbol hypot(Symbol const&, Symbol const&);
Symbol atan2(Symbol const& y, Symbol const& x);
Symbol copysign(Symbol const& magnitude, Symbol const& sign);
Symbol abs(Symbol const&);
inline Symbol fabs(Symbol const& x) { return abs(x); }
Symbol sign(Symbol const&);
Symbol floor(Symbol const&);
Symbol ceil(Symbol const&);
Symbol trunc(Symbol const&);
Symbol rint(Symbol const&);  ///< ties to even
inline Symbol nearbyint(Symbol const& x) { return rint(x); }
inline Symbol reciprocal(Symbol const& x) { return 1 / x; }
Symbol sqrt(Symbol const&);
Symbol rsqrt(Symbol const&);
Symbol exp(Symbol const&);
Symbol exp2(Symbol const&);
Symbol exp10(Symbol const&);
Symbol expm1(Symbol const&);
Symbol log(Symbol const&);
Symbol log2(Symbol const&);
Symbol log10(Symbol const&);
Symbol log1p(Symbol const&);
Symbol sin(Symbol const&);
Symbol cos(Symbol const&);
Symbol tan(Symbol const&);
Symbol asin(Symbol const&);
Symbol acos(Symbol const&);
Symbol atan(Symbol const&);
Symbol sinh(Symbol const&);
Symbol cosh(Symbol const&);
Symbol tanh(Symbol const&);
Symbol asinh(Symbol const&);
Symbol acosh(Symbol const&);
Symbol atanh(Symbol const&);
Symbol erf(Symbol const&);
Symbol erfc(Symbol const&);
Symbol cbrt(Symbol const&);
Symbol tgamma(Symbol const&);
Symbol lgamma(Symbol const&);
Symbol round(Symbol const&);
Symbol fmod(Symbol const&, Symbol const&);
Symbol remainder(Symbol const&, Symbol const&);

/// What one of the library's operations is of it.
Symbol recorded(Operation const&, Symbol const&);

/// TypeError: a derivative that is no formula of operations, such as one that is computed element by element.
[[noreturn]] Symbol no_formula();

template <class V> inline constexpr bool is_symbol = std::same_as<V, Symbol>;

/// What there is to know of an elementwise operation besides its loops.
struct Derivation {
    /// The adjoints of its operands for the adjoint g of y = f(x), and where they can differ from 0: 1, or where an operation selects.
    void (*pull)(Symbol* dx, Symbol* open, Symbol const& g, Symbol const* x, Symbol const& y);
    /// Records y.
    Var (*record)(std::span<Symbol const> x);
};

/// An operation whose `df` runs on registers alone declares `static constexpr bool differentiable_once = true`: to differentiate it again
/// is a TypeError.
template <class Op> concept DifferentiableOnce = requires { requires Op::differentiable_once; };

/// To be found by the namespace of an operation: the library has the derivations of its own.
template <class Op> void of_the_library(Op const&);

}  // namespace unspool::core

namespace unspool::lookup {

template <class Op> concept InLibrary = requires(Op const& op) {
    of_the_library(op);
    Op::about;
};

}  // namespace unspool::lookup

namespace unspool::core {

template <class V> void put(V* to, V const& d) { to[0] = d; }
template <class V> void put(V* to, Pair<V> const& d) { to[0] = d.da, to[1] = d.db; }
template <class V> void put(V* to, Triple<V> const& d) { to[0] = d.da, to[1] = d.db, to[2] = d.dc; }

template <class Op, class... X>
void pull_symbols(Symbol* dx, Symbol* open, Symbol const& g, Symbol const& y, X const&... x) {
    if constexpr (requires { Op::pull(g, x..., y); }) {
        put(dx, pulled<Op>(g, x..., y));
        put(open, pulled<Op>(Symbol(1), x..., y));
    } else {
        put(dx, derivative<Op>(x..., y));
        for (std::size_t k = 0; k < sizeof...(x); ++k) dx[k] = g * dx[k], open[k] = 1;
    }
}

Tape& tape_of(std::span<Symbol const>);  ///< of the first that is not a number
Var as_var(Tape&, Symbol const&);        ///< a number as a constant

template <class Op, std::size_t arity> struct DerivationOf {
    template <std::size_t... k> static constexpr Derivation from(std::index_sequence<k...>) {
        return {[](Symbol* dx, Symbol* open, Symbol const& g, Symbol const* x, Symbol const& y) {
                    pull_symbols<Op>(dx, open, g, y, x[k]...);
                },
                [](std::span<Symbol const> x) {
                    Tape& tape = tape_of(x);
                    return Var(apply<Op>(as_var(tape, x[k])...));
                }};
    }
    static constexpr Derivation value = from(std::make_index_sequence<arity>{});
};

/// Of each token of a formula's type; null for leaves and numbers, for what the library has, and for what has none.
template <class E> struct DerivationList { static constexpr std::array<Derivation const*, 1> list{nullptr}; };
template <class Op, class... A> struct DerivationList<Apply<Op, A...>> {
    static constexpr Derivation const* own() {
        if constexpr (lookup::InLibrary<Op> || DifferentiableOnce<Op>) return nullptr;
        else return &DerivationOf<Op, sizeof...(A)>::value;
    }
    static constexpr auto list = joined(own(), DerivationList<A>::list...);
};

}  // namespace unspool::core
