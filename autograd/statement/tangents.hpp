// Operations whose derivative is not their own, on purpose, and what a gradient check puts in their place.
#pragma once
#include <array>
#include <span>
#include <unspool/autograd/statement/term.hpp>

namespace unspool::core {

template <class Op> concept HasSurrogate               = requires { requires Op::surrogate; };
template <class E> inline constexpr bool has_surrogate = false;
template <class Op, class... A> inline constexpr bool has_surrogate<Apply<Op, A...>> = HasSurrogate<Op> ||
                                                                                       (has_surrogate<A> || ...);

/// Such an operation as a function of Vars.
struct SurrogateOperation {
    char const* name;
    Var (*apply)(std::span<Var const>);
};

/// While a tape has one (Mechanisms::tangents), it is asked for the result of each.
class Tangents {
public:
    virtual Var at(SurrogateOperation const&, std::span<Var const> x, Where) = 0;

protected:
    ~Tangents() = default;
};

template <class E> Var record_as_var(Tape&, E const&, Where);

/// Rebuilds a term with Vars in place of what the tape's Tangents stand for.
struct Smoothed {
    Tape& tape;
    Where where;

    template <class E> E operator()(E const& leaf) const { return leaf; }
    template <class Op, class A> auto operator()(Apply<Op, A> const& e) const { return rebuilt(e, e.a); }
    template <class Op, class A, class B> auto operator()(Apply<Op, A, B> const& e) const {
        return rebuilt(e, e.a, e.b);
    }
    template <class Op, class A, class B, class C> auto operator()(Apply<Op, A, B, C> const& e) const {
        return rebuilt(e, e.a, e.b, e.c);
    }

private:
    template <class Op, class... A> auto rebuilt(Apply<Op, A...> const& e, A const&... a) const {
        if constexpr (HasSurrogate<Op>) {
            static constexpr SurrogateOperation op{Op::name, [](std::span<Var const> x) {
                                                       return [&]<std::size_t... k>(std::index_sequence<k...>) {
                                                           return Var(apply<Op>(x[k]...));
                                                       }
                                                       (std::index_sequence_for<A...>{});
                                                   }};
            std::array const x{record_as_var(tape, (*this)(a), where)...};
            return tape.mechanisms.tangents->at(op, x, where);
        } else if constexpr (has_surrogate<Apply<Op, A...>>) {
            return Apply<Op, decltype((*this)(a))...>{(*this)(a)...};
        } else {
            return e;
        }
    }
};

}  // namespace unspool::core
