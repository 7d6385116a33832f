// Operations of one's own, in plain xtensor: a struct with a forward rule and the adjoint rules.
//
//     struct Cubic {
//         static constexpr auto      name      = "cubic";
//         static constexpr Signature signature = "[...] [...] -> [...]";
//         auto forward(auto const& a, auto const& b) const { return a * b * b; }
//         auto adjoints(auto const& g, auto const&, auto const& a, auto const& b) const {
//             return std::tuple(g * b * b, 2 * g * a * b);
//         }
//     };
//     Var y = custom(Cubic{}, a, b);
//
// The operands a, b, the result y and its adjoint g are xtensor arrays, of float or of double.  `adjoints(g, y, a, b)`
// returns one expression of each operand's shape.  Variables of a rule may be functions of these (rule_function.hpp) and
// numbers; one that is used several times is computed as often, unless it is an `xt::xarray`.  So should be what is reduced with
// `xt::keep_dims`: within a larger expression, xtensor reads past its end.  Members of the struct are attributes; it is trivially copyable.
// An elementwise function does better as an operation of statements, `apply<Op>` (term.hpp): it is fused, and twice as fast.
// To be differentiated again, it declares `Var gradient(std::size_t k, Var g, Var y, std::span<Var const> xs) const`: the adjoint of
// operand k in terms of Vars.
// Where the signature leaves the result's shape open, `result(operands)` decides it, and `arguments()` are equations that stand after
// the operands in pictures: see call.hpp.
//
// What is compiled anew for each operation is two calls of rules and a loop for each expression.  The rest goes by pointers.
#pragma once
#include <tuple>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/arrays/rule_function.hpp>
#include <xtensor/xnoalias.hpp>

namespace unspool::core {

// ---- what a rule returns --------------------------------------------------------------------------------------------

/// Does an expression hold a reference to anything but an operand?  To a variable of the rule, that is, which is gone when the expression
/// is evaluated.
template <class X> inline constexpr bool dangles                           = false;
template <class X> inline constexpr bool dangles<X&>                       = xt::is_xexpression<X>::value;
template <class T> inline constexpr bool dangles<rules::Operand<T> const&> = false;
template <template <class...> class E, class... Part>
inline constexpr bool dangles<E<Part...>>                                              = (dangles<Part> || ...);
template <class F, class... X> inline constexpr bool dangles<rules::Function<F, X...>> = false;
template <class X, class S, xt::layout_type L, class F> inline constexpr bool dangles<xt::xstrided_view<X, S, L, F>> =
    dangles<X>;

template <class X> inline constexpr bool is_rule_function                                       = false;
template <class F, class... X> inline constexpr bool is_rule_function<rules::Function<F, X...>> = true;

/// An array: one that a rule computed, or one of its operands.
template <class X, class T> concept RuleArray =
    std::is_base_of_v<xt::xcontainer<X>, X> && std::same_as<typename X::value_type, T>;

/// Where the values of the rules of one call go: the result, or what is added to the operands' adjoints.
template <Real T> class RuleSite : public rules::Site {
public:
    static constexpr int result = -1;

    /// Evaluates what a rule gave for an operand, or for the result, unless no one wants it.
    template <class X> void put(int k, X const& value) {
        constexpr bool outlives_the_rule = !dangles<X>;
        static_assert(outlives_the_rule,
                      "a rule returns an expression that refers to a variable of its own, which is gone by then: "
                      "return xt::xarray<double>(expression), or write the variable's expression out");
        if (!begin(k)) return;
        if constexpr (RuleArray<X, T>) copy({value.data(), Shape::of(value.shape()), Strides::of(value.strides())});
        else if constexpr (is_rule_function<X>) {
            value.read();
            T* const to = room_as_read();
            rules::fill(to, lay_out(), value);
        } else {
            auto to         = room(Shape::of(value.shape()));
            xt::noalias(to) = value;
        }
        end();
    }

protected:
    ~RuleSite() = default;

private:
    virtual bool begin(int k)                     = 0;  ///< is it wanted?
    virtual void end()                            = 0;  ///< it is there
    virtual void copy(Array<T const> const&)      = 0;  ///< this is it
    virtual MutableView<T> room(Shape const& got) = 0;  ///< to write it to
    virtual T* room_as_read()                     = 0;  ///< the same, of a function of the operands that were read
};

// ---- the rules as pointers ------------------------------------------------------------------------------------------

/// The operands, or the adjoint g, the result y and the operands.
template <Real T> using RuleViews = rules::Operand<T> const* const*;

template <Real T> struct CustomRules {
    void (*forward)(void const* op, RuleViews<T> x, RuleSite<T>& to);
    void (*adjoints)(void const* op, RuleViews<T> gyx, RuleSite<T>& to);
};

struct CustomOp {
    Operation const* operation;
    Signature signature;
    std::size_t size, alignment;  // of the struct, of which the tape keeps a copy
    CustomRules<float> in_float;
    CustomRules<double> in_double;
    Shape (*result)(void const* op, std::span<Window const* const> operands);  // null unless the operation decides it
    std::vector<Equation> (*arguments)(void const* op);                        // null where it has none
    Var (*gradient)(void const* op, std::size_t k, Differentiation const&);    // the same
};

class CustomRule final : public Rule {
public:
    explicit constexpr CustomRule(CustomOp const& op) : op_(op) {}

    Var record(void const* op, std::span<Argument const> operands, Where) const;

    void pull_back(Node const&, Adjoints&) const override;
    void differentiate(Node const&, Differentiation&) const override;
    void recompute(Tape const&, Node const&, Window const& value,
                   std::span<Window const* const> operands) const override;
    Equation equation(Node const&, std::span<Equation const> operands) const override;
    std::string_view name() const override { return op_.operation->name; }

private:
    CustomOp const op_;
};

// What is cold is compiled for size: more takes longer to compile than it saves; loops are not in it.
template <class Op, Real T, std::size_t... k>
[[gnu::cold]] void run_forward(void const* op, RuleViews<T> x, RuleSite<T>& to) {
    to.put(RuleSite<T>::result, static_cast<Op const*>(op)->forward(*x[k]...));
}
template <class Op, Real T, std::size_t... k>
[[gnu::cold]] void run_adjoints(void const* op, RuleViews<T> gyx, RuleSite<T>& to) {
    auto const rules = static_cast<Op const*>(op)->adjoints(*gyx[0], *gyx[1], *gyx[2 + k]...);
    (..., to.put(static_cast<int>(k), std::get<k>(rules)));
}
template <class Op, Real T, std::size_t... k> constexpr CustomRules<T> custom_rules(std::index_sequence<k...>) {
    return {run_forward<Op, T, k...>, run_adjoints<Op, T, k...>};
}
template <class Op> constexpr CustomOp custom_op() {
    constexpr auto operands = std::make_index_sequence<static_cast<std::size_t>(Op::signature.operands())>{};
    CustomOp out{&operation_of<Op>,
                 Op::signature,
                 sizeof(Op),
                 alignof(Op),
                 custom_rules<Op, float>(operands),
                 custom_rules<Op, double>(operands),
                 nullptr,
                 nullptr,
                 nullptr};
    if constexpr (Op::signature.decided_by_operation())
        out.result = [](void const* op, std::span<Window const* const> x) {
            return static_cast<Op const*>(op)->result(x);
        };
    if constexpr (requires(Op const& op) { op.arguments(); })
        out.arguments = [](void const* op) { return static_cast<Op const*>(op)->arguments(); };
    if constexpr (HasGradient<Op>)
        out.gradient = [](void const* op, std::size_t k, Differentiation const& d) {
            return Var(static_cast<Op const*>(op)->gradient(k, d.adjoint(), d.value(), d.operands()));
        };
    return out;
}
template <class Op> inline constexpr CustomRule custom_rule{custom_op<Op>()};

// ---- what users call ------------------------------------------------------------------------------------------------

template <class Rules, std::size_t n> inline constexpr bool tuple_of                           = false;
template <class... Rule, std::size_t n> inline constexpr bool tuple_of<std::tuple<Rule...>, n> = sizeof...(Rule) == n;

template <class Op, std::size_t... k> constexpr bool rules_in_a_tuple(std::index_sequence<k...>) {
    using Views = RuleViews<float>;
    return tuple_of<decltype(std::declval<Op const&>().adjoints(*Views()[0], *Views()[0], *Views()[k]...)),
                    sizeof...(k)>;
}

/// Records a user's operation.  ShapeError where a rule gives another shape than it should.
template <class Op, std::size_t N>
Var record_custom(Op const& op, std::array<Argument, N> const& operands, Where where) {
    static_assert(std::is_trivially_copyable_v<Op>,
                  "a custom operation is trivially copyable: it is kept in the tape's memory");
    constexpr bool fits = N == static_cast<std::size_t>(Op::signature.operands());
    static_assert(fits, "this operation was called with the wrong number of operands");
    constexpr bool listed = rules_in_a_tuple<Op>(std::make_index_sequence<N>{});
    static_assert(listed,
                  "adjoints() returns a std::tuple of one expression an operand: `return std::tuple(g * b, g * a);`");
    if constexpr (fits && listed) return custom_rule<Op>.record(&op, operands, where);
}
template <class Op> Var custom(Op const& op, Argument a, Where where = Where::here()) {
    return record_custom(op, std::array{a}, where);
}
template <class Op> Var custom(Op const& op, Argument a, Argument b, Where where = Where::here()) {
    return record_custom(op, std::array{a, b}, where);
}
template <class Op> Var custom(Op const& op, Argument a, Argument b, Argument c, Where where = Where::here()) {
    return record_custom(op, std::array{a, b, c}, where);
}
template <class Op>
Var custom(Op const& op, Argument a, Argument b, Argument c, Argument d, Where where = Where::here()) {
    return record_custom(op, std::array{a, b, c, d}, where);
}

}  // namespace unspool::core
