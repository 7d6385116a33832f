// The state of any cell as a list of Vars: one Var, or an aggregate of Vars, of arrays of them and of such aggregates.
#pragma once
#include <array>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <string>
#include <tuple>
#include <type_traits>
#include <unspool/autograd/tape/var.hpp>
#include <unspool/nn/recurrence/reflect.hpp>
#include <vector>

namespace unspool::core {

namespace states {

template <class S> struct ArrayOf : std::false_type {};
template <class T, std::size_t N> struct ArrayOf<std::array<T, N>> : std::true_type {
    using type                          = T;
    static constexpr std::size_t extent = N;
};

template <class S> constexpr bool of_vars_alone();
struct VarsAlone {
    template <class T>
    requires(of_vars_alone<T>()) operator T() const;
};
/// Is S a Var, or an aggregate with nothing but Vars, at any depth?  Then it is so many Vars in a row.
template <class S> constexpr bool of_vars_alone() {
    if constexpr (std::same_as<S, Var>) return true;
    else if constexpr (ArrayOf<S>::value) return of_vars_alone<typename ArrayOf<S>::type>() && ArrayOf<S>::extent > 0;
    else if constexpr (std::is_aggregate_v<S> && std::is_trivially_copyable_v<S> && sizeof(S) % sizeof(Var) == 0) {
        constexpr std::size_t n = reflect::count<S, sizeof(S) / sizeof(Var)>();
        return n > 0 && reflect::takes<S, VarsAlone, n>;
    } else return false;
}

template <class S> constexpr std::size_t size();
template <class... M> constexpr std::size_t size_of_all(std::tuple<M...> const*) {
    return (size<M>() + ... + std::size_t{0});
}

/// How many Vars there are in S; 0 if it is no state: not an aggregate, or without a Var, or one that cannot be looked into.
template <class S> constexpr std::size_t size() {
    if constexpr (of_vars_alone<S>()) {
        return sizeof(S) / sizeof(Var);
    } else if constexpr (ArrayOf<S>::value) {
        return size<typename ArrayOf<S>::type>() * ArrayOf<S>::extent;
    } else if constexpr (std::is_class_v<S> && std::is_aggregate_v<S> && !reflect::is_derived<S>) {
        constexpr std::size_t n = reflect::count<S, reflect::most_members>();
        if constexpr (n > 0) return size_of_all(static_cast<reflect::Members<S, n> const*>(nullptr));
        else return 0;
    } else {
        return 0;
    }
}

template <class S, std::size_t... before, std::size_t... after>
constexpr bool takes_vars(std::index_sequence<before...>, std::index_sequence<after...>) {
    return requires {
        S{(static_cast<void>(before), std::declval<reflect::Anything>())..., std::declval<VarsAlone>(),
          (static_cast<void>(after), std::declval<reflect::Anything>())...};
    };
}
/// Is one of the members of an aggregate a Var, or made of them?
template <class S> constexpr bool has_vars() {
    constexpr std::size_t n = reflect::count<S, reflect::most_members>();
    return []<std::size_t... k>(std::index_sequence<k...>) {
        return (takes_vars<S>(std::make_index_sequence<k>{}, std::make_index_sequence<n - 1 - k>{}) || ...);
    }
    (std::make_index_sequence<n>{});
}

/// Is it a list, a box or the like of something with Vars: `std::vector<Var>`?  How many there are is not known to the compiler.
template <class T> struct ListOfVars : std::false_type {};
template <template <class...> class List, class... T> struct ListOfVars<List<T...>> {
    template <class X> static constexpr bool of() {
        using Bare = std::remove_cv_t<X>;
        if constexpr (!requires { sizeof(Bare); }) return false;
        else return of_vars_alone<Bare>() || has_vars<Bare>() || ListOfVars<Bare>::value;
    }
    static constexpr bool value = (of<T>() || ...);
};

template <class S> constexpr bool has_list_of_vars();
template <class... M> constexpr bool has_list_among(std::tuple<M...> const*) { return (has_list_of_vars<M>() || ...); }
/// Is there such a member, at any depth?
template <class S> constexpr bool has_list_of_vars() {
    if constexpr (of_vars_alone<S>()) return false;
    else if constexpr (ArrayOf<S>::value) return has_list_of_vars<typename ArrayOf<S>::type>();
    else if constexpr (size<S>() > 0)
        return has_list_among(
            static_cast<reflect::Members<S, reflect::count<S, reflect::most_members>()> const*>(nullptr));
    else return ListOfVars<S>::value;
}

/// A Var, or an aggregate with at least one: up to 16 members, of which those that are no Vars (a count, a flag) are
/// carried along, and none is a reference, or a list of Vars.
template <class S> concept StateOfVars = std::copyable<S> &&(size<S>() > 0) && !has_list_of_vars<S>();

/// f(Var&) of each, in the order of their declaration.
template <class S, class F> void each(S& s, F& f) {
    using Bare = std::remove_const_t<S>;
    if constexpr (std::same_as<Bare, Var>) f(s);
    else if constexpr (ArrayOf<Bare>::value) {
        for (auto& part : s) each(part, f);
    } else if constexpr (size<Bare>() > 0)
        reflect::with_members<reflect::count<Bare, reflect::most_members>()>(s, [&](auto&... m) { (each(m, f), ...); });
}

template <StateOfVars S> std::array<Var, size<S>()> parts(S const& s) {
    std::array<Var, size<S>()> out;
    if constexpr (of_vars_alone<S>()) {
        std::memcpy(static_cast<void*>(out.data()), &s, sizeof s);
    } else {
        auto put = [to = out.begin()](Var const& x) mutable { *to++ = x; };
        each(s, put);
    }
    return out;
}

/// `like` with these Vars in place of its own.
template <StateOfVars S> S with_parts(S like, Var const* parts) {
    if constexpr (of_vars_alone<S>()) {
        std::memcpy(static_cast<void*>(&like), parts, sizeof like);
    } else {
        auto take = [&](Var& x) { x = *parts++; };
        each(like, take);
    }
    return like;
}
template <StateOfVars S>
requires(of_vars_alone<S>()) S whole(Var const* parts) { return with_parts(S{}, parts); }

/// Of the parts of a type of states: "h" of a Var, else what the members are called, "lower.h" of nested ones, "hs1" of arrays;
/// "state2" where no name is known.
template <class S> void add_names(std::vector<std::string>& out, std::string const& path);
template <class S, std::size_t n, std::size_t k>
void add_members(std::vector<std::string>& out, std::string const& path) {
    std::string const name(reflect::member_name<S, n, k>());
    add_names<std::tuple_element_t<k, reflect::Members<S, n>>>(out,
                                                               path.empty() || name.empty() ? name : path + "." + name);
    if constexpr (k + 1 < n) add_members<S, n, k + 1>(out, path);
}
template <class S> void add_names(std::vector<std::string>& out, std::string const& path) {
    if constexpr (std::same_as<S, Var>) out.push_back(path);
    else if constexpr (ArrayOf<S>::value) {
        for (std::size_t i = 0; i < ArrayOf<S>::extent; ++i)
            add_names<typename ArrayOf<S>::type>(out, path + std::to_string(i));
    } else if constexpr (size<S>() > 0 && !reflect::is_derived<S>) {
        constexpr std::size_t n = reflect::count<S, reflect::most_members>();
        if constexpr (n > 0) add_members<S, n, 0>(out, path);
    }
}
template <StateOfVars S> std::vector<std::string> const& names() {
    static std::vector<std::string> const all = [] {
        std::vector<std::string> out;
        if constexpr (std::same_as<S, Var>) out = {"h"};
        else add_names<S>(out, "");
        out.resize(size<S>());
        for (std::size_t k = 0; k < out.size(); ++k)
            if (out[k].empty()) out[k] = "state" + std::to_string(k);
        return out;
    }();
    return all;
}
template <StateOfVars S> std::string const& member_name(S const&, std::size_t k) { return names<S>()[k]; }

/// Which part a step gives out: the one called h; of nested states, the last that is; the first where none is.
template <class S> std::size_t part_of_output(S const&) {
    std::size_t out = 0;
    if constexpr (StateOfVars<S>)
        for (std::size_t k = 0; k < size<S>(); ++k) {
            std::string_view const name = names<S>()[k];
            if (name == "h") return k;
            if (name.ends_with(".h")) out = k;
        }
    return out;
}

/// A state of these parts; `zeros()` gives what is no Var in it.
template <StateOfVars S, class Zeros> S made(Zeros const& zeros, Var const* parts) {
    if constexpr (of_vars_alone<S>()) return whole<S>(parts);
    else return with_parts(S(zeros()), parts);
}

/// What a part is called where a scan starts: "h0" and "c0".
inline std::string initial_name(std::string const& part) { return part.size() == 1 ? part + "0" : part; }

}  // namespace states

/// A cell that makes up a state to start from.  It is named in errors of the compiler.
template <class C> concept CellWithZeros = requires(C const& cell, Tape& tape) {
    { cell.zeros(tape, Index{1}) } -> states::StateOfVars;
};

}  // namespace unspool::core

namespace unspool {

namespace states = core::states;

}  // namespace unspool
