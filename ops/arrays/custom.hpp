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
// Where the signature leaves the result's shape open, `result(shapes)` decides it: see call.hpp.
#pragma once
#include <fmt/format.h>
#include <tuple>
#include <unspool/autograd/call/call.hpp>
#include <xtensor/xadapt.hpp>
#include <xtensor/xnoalias.hpp>

namespace unspool::core {

/// An array to write to, as xtensor sees it.
template <Real T> auto writable(Array<T> const& a) {
    typename ArrayView<T>::strides_type steps;
    for (std::size_t i = 0; i < a.shape.size(); ++i) steps.push_back(a.shape[i] == 1 ? 0 : a.strides[i]);
    T* data = a.data;
    return xt::adapt(std::move(data), static_cast<std::size_t>(count(a.shape)), xt::no_ownership(),
                     Extents(a.shape.begin(), a.shape.end()), std::move(steps));
}
template <Real T> ArrayView<T> readable(Array<T const> const& a) { return array_view(a.data, a.shape, a.strides); }

/// ShapeError: "cubic: the adjoint of operand 1 has the shape [3] where [3,4] was expected".
[[noreturn]] void refuse_custom(std::string_view op, std::string const& what, Shape const& got, Shape const& expected);

template <class X> void require_shape(std::string_view op, std::string const& what, X const& x, Shape const& expected) {
    if (Shape const got = Shape::of(x.shape()); !(got == expected)) refuse_custom(op, what, got, expected);
}

/// A user's operation as a call takes it.
template <class Op> struct Custom : Op {
    template <Real T, class... X> void f(Array<T> y, X const&... x) const { write(y, readable<T>(x)...); }
    template <Real T, class... X> auto adjoints(Array<T const> g, Array<T const> y, X const&... x) const {
        return rules<T>(std::index_sequence_for<X...>{}, g, y, x...);
    }

private:
    template <Real T, class... V> void write(Array<T> const& y, V const&... views) const {
        auto const value = Op::forward(views...);
        require_shape(Op::name, "the result", value, y.shape);
        auto to         = writable(y);
        xt::noalias(to) = value;
    }
    template <Real T, std::size_t... K, class... A> auto rules(std::index_sequence<K...>, A const&... arrays) const {
        return std::tuple{rule<K, T>(arrays...)...};
    }
    template <std::size_t k, Real T, class... A> auto rule(A const&... arrays) const {
        return [=, this](Array<T> dx) { add_adjoint<k, T>(dx, readable<T>(arrays)...); };
    }
    template <std::size_t k, Real T, class... V> void add_adjoint(Array<T> dx, V const&... views) const {
        auto const rules      = Op::adjoints(views...);
        auto const& increment = std::get<k>(rules);
        require_shape(Op::name, fmt::format("the adjoint of operand {}", k), increment, dx.shape);
        auto to = writable(dx);
        xt::noalias(to) += increment;
    }
};

/// Records a user's operation.  ShapeError where a rule gives another shape than it should.
template <class Op, std::size_t N>
Var record_custom(Op const& op, std::array<Argument, N> const& operands, Where where) {
    static_assert(std::is_trivially_copyable_v<Op>,
                  "a custom operation is trivially copyable: it is kept in the tape's memory");
    static_assert(N == static_cast<std::size_t>(Op::signature.operands()),
                  "this operation was called with the wrong number of operands");
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
