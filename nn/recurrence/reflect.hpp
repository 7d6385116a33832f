// What an aggregate is made of: how many members, what they are, and what they are called in the program.
#pragma once
#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace unspool::core::reflect {

/// Converts to whatever a member is.
struct Anything {
    template <class T> operator T() const;
};
/// Converts to a base of S only.
template <class S> struct AnyBaseOf {
    template <class T>
    requires(std::is_base_of_v<T, S> && !std::is_same_v<T, S>) operator T() const;
};

template <class S, class Part, std::size_t... I> constexpr bool made_of(std::index_sequence<I...>) {
    return requires { S{(static_cast<void>(I), std::declval<Part>())...}; };
}
/// Can S be made of N such parts?
template <class S, class Part, std::size_t N>
inline constexpr bool takes = made_of<S, Part>(std::make_index_sequence<N>{});

inline constexpr std::size_t most_members = 16;

/// How many members an aggregate has, each element of a C array counted by itself; 0 for what is none, or has more than `limit`.
template <class S, std::size_t limit, std::size_t N = 0> constexpr std::size_t count() {
    if constexpr (!std::is_aggregate_v<S> || N > limit) return 0;
    else if constexpr (takes<S, Anything, N + 1>) return count<S, limit, N + 1>();
    else return N;
}

template <class S> inline constexpr bool is_derived = std::is_aggregate_v<S>&& takes<S, AnyBaseOf<S>, 1>;

/// f(members...), for an aggregate of N members that is derived from nothing.
template <std::size_t N, class S, class F> constexpr decltype(auto) with_members(S& s, F&& f) {
    static_assert(N >= 1 && N <= most_members);
    // clang-format off
    if constexpr (N == 1) { auto& [a] = s; return f(a); }
    else if constexpr (N == 2) { auto& [a, b] = s; return f(a, b); }
    else if constexpr (N == 3) { auto& [a, b, c] = s; return f(a, b, c); }
    else if constexpr (N == 4) { auto& [a, b, c, d] = s; return f(a, b, c, d); }
    else if constexpr (N == 5) { auto& [a, b, c, d, e] = s; return f(a, b, c, d, e); }
    else if constexpr (N == 6) { auto& [a, b, c, d, e, g] = s; return f(a, b, c, d, e, g); }
    else if constexpr (N == 7) { auto& [a, b, c, d, e, g, h] = s; return f(a, b, c, d, e, g, h); }
    else if constexpr (N == 8) { auto& [a, b, c, d, e, g, h, i] = s; return f(a, b, c, d, e, g, h, i); }
    else if constexpr (N == 9) { auto& [a, b, c, d, e, g, h, i, j] = s; return f(a, b, c, d, e, g, h, i, j); }
    else if constexpr (N == 10) { auto& [a, b, c, d, e, g, h, i, j, k] = s; return f(a, b, c, d, e, g, h, i, j, k); }
    else if constexpr (N == 11) { auto& [a, b, c, d, e, g, h, i, j, k, l] = s; return f(a, b, c, d, e, g, h, i, j, k, l); }
    else if constexpr (N == 12) { auto& [a, b, c, d, e, g, h, i, j, k, l, m] = s; return f(a, b, c, d, e, g, h, i, j, k, l, m); }
    else if constexpr (N == 13) { auto& [a, b, c, d, e, g, h, i, j, k, l, m, n] = s; return f(a, b, c, d, e, g, h, i, j, k, l, m, n); }
    else if constexpr (N == 14) { auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o] = s; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o); }
    else if constexpr (N == 15) { auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p] = s; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p); }
    else { auto& [a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q] = s; return f(a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q); }
    // clang-format on
}

struct TypesOf {
    template <class... M> std::type_identity<std::tuple<M...>> operator()(M&...) const { return {}; }
};
/// The types of the members, in a tuple.
template <class S, std::size_t N> using Members =
    typename decltype(with_members<N>(std::declval<S&>(), TypesOf{}))::type;

// ---- names ----------------------------------------------------------------------------------------------------------

#ifdef __clang__
/// clang 14 takes no pointer to a member of an object as a template's argument: names of one letter are tried.
template <class S, std::size_t N, std::size_t K> std::string_view member_name() {
    S const s{};
    void const* const member =
        with_members<N>(s, [](auto&... m) { return std::array<void const*, N>{static_cast<void const*>(&m)...}; })[K];
// clang-format off
#define UNSPOOL_TRY(letter) if constexpr (requires { s.letter; }) if (member == &s.letter) return #letter;
    UNSPOOL_TRY(a) UNSPOOL_TRY(b) UNSPOOL_TRY(c) UNSPOOL_TRY(d) UNSPOOL_TRY(e) UNSPOOL_TRY(f) UNSPOOL_TRY(g)
    UNSPOOL_TRY(h) UNSPOOL_TRY(i) UNSPOOL_TRY(j) UNSPOOL_TRY(k) UNSPOOL_TRY(l) UNSPOOL_TRY(m) UNSPOOL_TRY(n)
    UNSPOOL_TRY(o) UNSPOOL_TRY(p) UNSPOOL_TRY(q) UNSPOOL_TRY(r) UNSPOOL_TRY(s) UNSPOOL_TRY(t) UNSPOOL_TRY(u)
    UNSPOOL_TRY(v) UNSPOOL_TRY(w) UNSPOOL_TRY(x) UNSPOOL_TRY(y) UNSPOOL_TRY(z) UNSPOOL_TRY(C) UNSPOOL_TRY(H)
    UNSPOOL_TRY(M) UNSPOOL_TRY(N) UNSPOOL_TRY(S) UNSPOOL_TRY(lower) UNSPOOL_TRY(upper)
// clang-format on
#undef UNSPOOL_TRY
                        return {};
}
#else
template <class T> struct Held { T value; };
template <class T> extern Held<T> held;  // nowhere defined: only where its members would be

template <class S, std::size_t N, std::size_t K> consteval auto place() {
    return std::get<K>(with_members<N>(held<S>.value, [](auto&... m) { return std::tuple(&m...); }));
}
template <auto member> consteval std::string_view name_of() {
    std::string_view name = __PRETTY_FUNCTION__;  // "… [with auto member = (& held<S>.Held<S>::value.S::c); …]"
    name                  = name.substr(0, name.rfind(')'));
    return name.substr(name.rfind(':') + 1);
}
template <class S, std::size_t N, std::size_t K> constexpr std::string_view member_name() {
    return name_of<place<S, N, K>()>();
}
#endif

}  // namespace unspool::core::reflect
