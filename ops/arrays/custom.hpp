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
// returns one expression of each operand's shape.  Members of the struct are attributes; it is trivially copyable.
// An elementwise function does better as an operation of statements, `apply<Op>` (term.hpp): it is fused, and twice as fast.
// Where the signature leaves the result's shape open, `result(shapes)` decides it: see call.hpp.
#pragma once
#include <tuple>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <xtensor/xnoalias.hpp>

namespace unspool::core {

template <Real T> ArrayView<T> readable(Array<T const> const& a) { return array_view(a.data, a.shape, a.strides); }

/// ShapeError unless they are the same: "cubic: the adjoint of operand 1 has the shape [3] where [3,4] was expected"; operand -1 is
/// the result.
void require_custom_shape(char const* op, int operand, Shape const& got, Shape const& expected);

/// Does an expression hold a reference to anything but an operand?  To a variable of the rule, that is, which is gone when the expression
/// is evaluated.
template <class Operand, class X> inline constexpr bool dangles = false;
template <class Operand, class X> inline constexpr bool dangles<Operand, X&> =
    !std::same_as<std::remove_const_t<X>, Operand> && xt::is_xexpression<std::remove_const_t<X>>::value;
template <class Operand, template <class...> class E, class... Part>
inline constexpr bool dangles<Operand, E<Part...>> = (dangles<Operand, Part> || ...);
template <class Operand, class X, class S, xt::layout_type L, class F>
inline constexpr bool dangles<Operand, xt::xstrided_view<X, S, L, F>> = dangles<Operand, X>;

template <class Rules, std::size_t n> inline constexpr bool tuple_of                           = false;
template <class... Rule, std::size_t n> inline constexpr bool tuple_of<std::tuple<Rule...>, n> = sizeof...(Rule) == n;

template <class Op, std::size_t... k> constexpr bool rules_in_a_tuple(std::index_sequence<k...>) {
    using View = ArrayView<float> const&;
    return tuple_of<decltype(std::declval<Op const&>().adjoints(std::declval<View>(), std::declval<View>(),
                                                                (static_cast<void>(k), std::declval<View>())...)),
                    sizeof...(k)>;
}

/// Memory for so many elements, of this thread and until it is asked for again.
template <Real T> T* custom_scratch(Index n);

/// A user's operation as a call takes it.
template <class Op> struct Custom : Op {
    template <Real T, class... X> void f(Array<T> y, X const&... x) const {
        write(mutable_view(y.data, y.shape), Op::forward(readable<T>(x)...), y.shape, -1);
    }
    template <Real T, class... X> auto adjoints(Array<T const> g, Array<T const> y, X const&... x) const {
        return rules<T>(std::index_sequence_for<X...>{}, g, y, x...);
    }

private:
    template <class T, class X> static void write(MutableView<T> to, X const& value, Shape const& shape, int operand) {
        static_assert(!dangles<ArrayView<T>, X>,
                      "a rule returns an expression that refers to a variable of its own, which is gone by then: "
                      "return xt::eval(expression), or write the variable's expression out");
        require_custom_shape(Op::name, operand, Shape::of(value.shape()), shape);
        xt::noalias(to) = value;
    }
    template <Real T, std::size_t... K, class... X>
    auto rules(std::index_sequence<K...>, Array<T const> const& g, Array<T const> const& y, X const&... x) const {
        return std::tuple{[=, this, shape = x.shape] {
            return increment<K, T>(shape, readable<T>(g), readable<T>(y), readable<T>(x)...);
        }...};
    }
    template <std::size_t k, Real T, class... V> Array<T const> increment(Shape const& shape, V const&... views) const {
        auto const rules = Op::adjoints(views...);
        T* const out     = custom_scratch<T>(count(shape));
        using Rules      = std::remove_const_t<decltype(rules)>;
        if constexpr (tuple_of<Rules, sizeof...(views) - 2>)
            write(mutable_view(out, shape), std::get<k>(rules), shape, static_cast<int>(k));
        return {out, shape, row_major(shape)};
    }
};

/// Records a user's operation.  ShapeError where a rule gives another shape than it should.
template <class Op, std::size_t N>
Var record_custom(Op const& op, std::array<Argument, N> const& operands, Where where) {
    static_assert(std::is_trivially_copyable_v<Op>,
                  "a custom operation is trivially copyable: it is kept in the tape's memory");
    static_assert(N == static_cast<std::size_t>(Op::signature.operands()),
                  "this operation was called with the wrong number of operands");
    static_assert(rules_in_a_tuple<Op>(std::make_index_sequence<N>{}),
                  "adjoints() returns a std::tuple of one expression an operand: `return std::tuple(g * b, g * a);`");
    return call(Custom<Op>{op}, where, std::span<Argument const>(operands));
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
