// The state of any cell as a list of Vars: one Var, or a struct of Vars.
#pragma once
#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>
#include <unspool/autograd/tape/var.hpp>
#include <utility>

namespace unspool::core {

namespace states {

struct Anything {
    template <class T> operator T() const;
};
template <class S, class Part, std::size_t... I> constexpr bool made_of(std::index_sequence<I...>) {
    return requires { S{(static_cast<void>(I), std::declval<Part>())...}; };
}
template <class S, class Part, std::size_t N>
inline constexpr bool takes = made_of<S, Part>(std::make_index_sequence<N>{});

constexpr std::size_t most = 4;

/// How many members a struct has; 0 for more than `most`.
template <class S, std::size_t N = most> constexpr std::size_t members() {
    if constexpr (N == 0 || takes<S, Anything, N + 1>) return 0;
    else if constexpr (takes<S, Anything, N>) return N;
    else return members<S, N - 1>();
}

template <class S> constexpr std::size_t size() {
    if constexpr (std::same_as<S, Var>) return 1;
    else if constexpr (!std::is_aggregate_v<S>) return 0;
    else if constexpr (constexpr std::size_t n = members<S>(); n > 0 && takes<S, Var, n>) return n;
    else return 0;
}

/// A Var, or a struct of one to four Vars and nothing else.
template <class S> concept StateOfVars = (size<S>() > 0);

template <StateOfVars S> std::array<Var, size<S>()> parts(S const& s) {
    constexpr std::size_t n = size<S>();
    if constexpr (std::same_as<S, Var>) {
        return {s};
    } else if constexpr (n == 1) {
        auto const& [a] = s;
        return {a};
    } else if constexpr (n == 2) {
        auto const& [a, b] = s;
        return {a, b};
    } else if constexpr (n == 3) {
        auto const& [a, b, c] = s;
        return {a, b, c};
    } else {
        auto const& [a, b, c, d] = s;
        return {a, b, c, d};
    }
}

template <StateOfVars S> S whole(Var const* parts) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) { return S{parts[I]...}; }
    (std::make_index_sequence<size<S>()>{});
}

/// "h" and "c" for members h and c, else "state0", "state1" …
template <StateOfVars S> std::string member_name(S const& s, std::size_t k) {
    auto const is = [&](Var const& member) { return reinterpret_cast<Var const*>(&s) + k == &member; };
    if constexpr (std::same_as<S, Var>) return "h";
    if constexpr (requires {
                      { s.h } -> std::same_as<Var const&>;
                  })
        if (is(s.h)) return "h";
    if constexpr (requires {
                      { s.c } -> std::same_as<Var const&>;
                  })
        if (is(s.c)) return "c";
    return "state" + std::to_string(k);
}

/// Which part is called h; the first where none is.
template <class S> std::size_t part_of_output(S const& s) {
    if constexpr (StateOfVars<S>)
        for (std::size_t k = 0; k < size<S>(); ++k)
            if (member_name(s, k) == "h") return k;
    return 0;
}

/// The same for where a scan starts: "h0" and "c0".
template <StateOfVars S> std::string part_name(S const& s, std::size_t k) {
    std::string const name = member_name(s, k);
    return name.size() == 1 ? name + "0" : name;
}

}  // namespace states

/// A cell that makes up a state to start from.  It is named in errors of the compiler.
template <class C> concept CellWithZeros = requires(C const& cell, Tape& tape) {
    { cell.zeros(tape, Index{1}) } -> states::StateOfVars;
};

}  // namespace unspool::core

namespace unspool {

namespace states = core::states;

}  // namespace unspool
