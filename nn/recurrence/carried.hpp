// What a plan cannot follow: the step's number, and what of a state is no Var.
#pragma once
#include <unspool/nn/recurrence/cell.hpp>

namespace unspool::core {

[[noreturn]] void refuse_to_plan(std::string const& why, Where);

/// Is the cell told which step it is?
template <class C, class State, class X> struct TakesNumberOfStep
    : std::bool_constant<!std::invocable<C const&, X, State, Where> && std::invocable<C const&, X, State, Index>> {};
template <class C, class State, class... X> struct TakesNumberOfStep<C, State, std::tuple<X...>>
    : std::bool_constant<!std::invocable<C const&, X..., State, Where> &&
                         std::invocable<C const&, X..., State, Index>> {};

namespace states {

template <class S> std::string changed_member(S const& a, S const& b, std::string const& path);

template <class S, std::size_t n, std::size_t... k>
std::string changed_among(S const& a, S const& b, std::string const& path, std::index_sequence<k...>) {
    std::string out;
    reflect::with_members<n>(a, [&](auto const&... x) {
        reflect::with_members<n>(b, [&](auto const&... y) {
            std::string const prefix = path.empty() ? path : path + ".";
            static_cast<void>(
                (... || !(out = changed_member(x, y, prefix + std::string(reflect::member_name<S, n, k>()))).empty()));
        });
    });
    return out;
}

/// The first member, at any depth, that is no Var and is not the same in both, or cannot be compared; "" for none.  A step that reads no
/// number of a Var and leaves them as they are leaves them so for ever.
template <class S> std::string changed_member(S const& a, S const& b, std::string const& path) {
    std::string const called = path.empty() ? "a member" : path;
    if constexpr (of_vars_alone<S>()) return {};
    else if constexpr (ArrayOf<S>::value) {
        for (std::size_t i = 0; i < ArrayOf<S>::extent; ++i)
            if (auto out = changed_member(a[i], b[i], called + std::to_string(i)); !out.empty()) return out;
        return {};
    } else if constexpr (size<S>() > 0) {
        constexpr std::size_t n = reflect::count<S, reflect::most_members>();
        return changed_among<S, n>(a, b, path, std::make_index_sequence<n>{});
    } else if constexpr (std::equality_comparable<S>) return a == b ? std::string() : called;
    else return called;
}

}  // namespace states

}  // namespace unspool::core
