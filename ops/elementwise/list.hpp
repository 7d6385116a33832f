// A list of operations: what the tests, the tables and the pictures iterate.
#pragma once
#include <concepts>
#include <unspool/autograd/call/about.hpp>
#include <unspool/autograd/statement/statement.hpp>

namespace unspool::core {

template <class... Op> struct List {};

/// What operations derive from that end whatever bits they are given, so that registers may reach over the ends of arrays.
struct AnyBits {
    static constexpr bool any_bits = true;
};

/// An operation that says what a reader wants to know.
template <class Op> concept Described = requires { requires std::same_as<decltype(Op::about), About const>; };

/// One that says where it may be checked, too.
template <class Op> concept Bounded = Described<Op> && requires {
    requires std::same_as<decltype(Op::domain), Interval const>;
};
template <Bounded... Op> using WithDomain = List<Op...>;

template <class... Op, class... More> List<Op..., More...> operator+(List<Op...>, List<More...>) { return {}; }

}  // namespace unspool::core
