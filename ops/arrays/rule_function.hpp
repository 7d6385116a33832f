// What the rules of an operation of one's own compute with: arrays of operands, and functions of them.
//
// A rule is written in xtensor, `g * (1 + xt::sin(2 * a * x))`.  Where xtensor would make its own type of function, of operands, numbers
// and such functions alone, it makes one of these.  They know operands by their place in the call and hold all else by value, a few words
// in all: none refers to what is gone when it is evaluated, and a compiler is done with each in a moment.  A function that is a
// rule's result is one loop.  Where another part of xtensor is given a function (a view, a reduction, an array of the rule), that part
// sees an array, which one such loop has filled, and is the same type for each.
#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <unspool/ops/arrays/rule_operand.hpp>
#include <utility>
#include <xtensor/xmath.hpp>

namespace unspool::rules {

// ---- terms: number(k) is the value for element k ------------------------------------------------------------------------

/// An operand.
template <class T> struct Leaf {
    using value_type = T;

    Leaf(Operand<T> const& x) : slot(x.storage().slot()) {}

    T number(Index k) const { return slot->laid[k]; }
    void read() const { slot->read = true; }
    Site* site() const { return slot->site; }

    Slot<T>* slot;
};

/// A number, wherever it came from.
template <class N> struct Number {
    using value_type = N;

    N number(Index) const { return value; }
    void read() const {}
    Site* site() const { return nullptr; }

    N value;
};

/// Writes all elements of a term.
template <class T, class X> [[gnu::hot, gnu::noinline]] void fill(T* to, Index n, X const& x) {
    for (Index k = 0; k < n; ++k) to[k] = static_cast<T>(x.number(k));
}

// ---- functions ------------------------------------------------------------------------------------------------------

/// What xtensor asks of an expression: answered by the array.
template <class D, class V> class Evaluated : public xt::xsharable_expression<D> {
public:
    using Array            = Operand<V>;
    using expression_tag   = xt::xtensor_expression_tag;
    using value_type       = V;
    using reference        = V const&;
    using const_reference  = V const&;
    using pointer          = V const*;
    using const_pointer    = V const*;
    using size_type        = std::size_t;
    using difference_type  = std::ptrdiff_t;
    using bool_load_type   = typename Array::bool_load_type;
    using simd_value_type  = typename Array::simd_value_type;
    using shape_type       = typename Array::shape_type;
    using inner_shape_type = shape_type;
    using const_stepper    = typename Array::const_stepper;
    using stepper          = const_stepper;
    using temporary_type   = xt::xarray<V>;

    using const_linear_iterator                              = typename Array::const_linear_iterator;
    using linear_iterator                                    = const_linear_iterator;
    template <xt::layout_type L> using const_layout_iterator = typename Array::template const_layout_iterator<L>;
    template <xt::layout_type L> using layout_iterator       = const_layout_iterator<L>;
    template <xt::layout_type L> using const_reverse_layout_iterator =
        typename Array::template const_reverse_layout_iterator<L>;
    template <xt::layout_type L> using reverse_layout_iterator = const_reverse_layout_iterator<L>;
    template <class S, xt::layout_type L> using const_broadcast_iterator =
        typename Array::template const_broadcast_iterator<S, L>;
    template <class S, xt::layout_type L> using broadcast_iterator = const_broadcast_iterator<S, L>;

    static constexpr xt::layout_type static_layout = xt::layout_type::dynamic;
    static constexpr bool contiguous_layout        = false;
    static constexpr xt::layout_type by_rows       = xt::layout_type::row_major;

    auto const& shape() const { return kept().array.shape(); }
    auto shape(std::size_t axis) const { return kept().array.shape(axis); }
    auto dimension() const { return kept().array.dimension(); }
    auto size() const { return kept().array.size(); }
    auto layout() const { return kept().array.layout(); }
    bool is_contiguous() const { return true; }
    template <class S> bool broadcast_shape(S& to, bool = false) const { return kept().array.broadcast_shape(to); }
    template <class S> bool has_linear_assign(S const& strides) const {
        return kept().array.has_linear_assign(strides);
    }

    /// Of one that is not filled, this element is computed alone.
    template <class... I> V operator()(I... i) const {
        if (!kept_ && sizeof...(I) > 0)
            if (Index const k = place(std::array{static_cast<Index>(i)...}); k >= 0) return self().number(k);
        return values()(i...);
    }
    template <class... I> V at(I... i) const { return values().at(i...); }
    template <class... I> V unchecked(I... i) const { return values().unchecked(i...); }
    template <class... I> V periodic(I... i) const { return values().periodic(i...); }
    template <class... I> bool in_bounds(I... i) const { return values().in_bounds(i...); }
    template <class I> V operator[](I const& i) const { return values()[i]; }
    template <class I> V operator[](std::initializer_list<I> i) const { return values()[i]; }
    template <class I> V const& element(I first, I last) const { return values().element(first, last); }
    V front() const { return values().front(); }
    V back() const { return values().back(); }
    V flat(std::size_t i) const { return values().flat(i); }
    V const& data_element(std::size_t i) const { return values().data_element(i); }

    template <xt::layout_type L = by_rows, class... S> auto begin(S const&... s) const { return cbegin<L>(s...); }
    template <xt::layout_type L = by_rows, class... S> auto end(S const&... s) const { return cend<L>(s...); }
    template <xt::layout_type L = by_rows, class... S> auto cbegin(S const&... s) const {
        return values().template cbegin<L>(s...);
    }
    template <xt::layout_type L = by_rows, class... S> auto cend(S const&... s) const {
        return values().template cend<L>(s...);
    }
    template <xt::layout_type L = by_rows, class... S> auto rbegin(S const&... s) const { return crbegin<L>(s...); }
    template <xt::layout_type L = by_rows, class... S> auto rend(S const&... s) const { return crend<L>(s...); }
    template <xt::layout_type L = by_rows, class... S> auto crbegin(S const&... s) const {
        return values().template crbegin<L>(s...);
    }
    template <xt::layout_type L = by_rows, class... S> auto crend(S const&... s) const {
        return values().template crend<L>(s...);
    }
    auto linear_begin() const { return values().linear_begin(); }
    auto linear_end() const { return values().linear_end(); }
    auto linear_cbegin() const { return values().linear_cbegin(); }
    auto linear_cend() const { return values().linear_cend(); }
    auto linear_rbegin() const { return values().linear_crbegin(); }
    auto linear_rend() const { return values().linear_crend(); }
    auto linear_crbegin() const { return values().linear_crbegin(); }
    auto linear_crend() const { return values().linear_crend(); }
    template <class S> auto stepper_begin(S const& s) const { return values().stepper_begin(s); }
    template <class S> auto stepper_end(S const& s, xt::layout_type l) const { return values().stepper_end(s, l); }

private:
    D const& self() const { return static_cast<D const&>(*this); }
    /// Where an element stands in a row of all; -1 unless there is an index for each axis, and within it.
    template <std::size_t n> Index place(std::array<Index, n> const& at) const {
        self().read();
        core::Shape const shape = self().site()->read_shape();
        if (shape.size() != n) return -1;
        Index out = 0;
        for (std::size_t axis = 0; axis < n; ++axis) {
            if (at[axis] < 0 || at[axis] >= shape[axis]) return -1;
            out = out * shape[axis] + at[axis];
        }
        self().read();
        self().site()->lay_out();
        return out;
    }
    Kept<V>& kept() const {
        if (!kept_) {
            self().read();
            kept_ = std::make_shared<Kept<V>>(self().site()->read_shape());
        }
        return *kept_;
    }
    Array const& values() const {
        if (auto& k = kept(); !k.filled) {
            self().read();
            Index const n = self().site()->lay_out();
            fill(k.memory.get(), n, self());
            k.filled = true;
        }
        return kept_->array;
    }

    mutable std::shared_ptr<Kept<V>> kept_;  // shared by copies, and gone with the last of them
};

template <class F, class... X> using Computed =
    std::decay_t<decltype(std::declval<F const&>()(std::declval<typename X::value_type>()...))>;

/// A function of one term, of two, or of three.
template <class F, class A, class... More> class Function;

template <class F, class A> class Function<F, A> : public Evaluated<Function<F, A>, Computed<F, A>> {
public:
    template <class X> Function(F f, X&& a) : f_(f), a_{a} {}

    Computed<F, A> number(Index k) const { return f_(a_.number(k)); }
    void read() const { a_.read(); }
    Site* site() const { return a_.site(); }

private:
    [[no_unique_address]] F f_;
    A a_;
};

template <class F, class A, class B> class Function<F, A, B> : public Evaluated<Function<F, A, B>, Computed<F, A, B>> {
public:
    template <class X, class Y> Function(F f, X&& a, Y&& b) : f_(f), a_{a}, b_{b} {}

    Computed<F, A, B> number(Index k) const { return f_(a_.number(k), b_.number(k)); }
    void read() const { a_.read(), b_.read(); }
    Site* site() const {
        Site* const s = a_.site();
        return s ? s : b_.site();
    }

private:
    [[no_unique_address]] F f_;
    A a_;
    B b_;
};

template <class F, class A, class B, class C> class Function<F, A, B, C>
    : public Evaluated<Function<F, A, B, C>, Computed<F, A, B, C>> {
public:
    template <class X, class Y, class Z> Function(F f, X&& a, Y&& b, Z&& c) : f_(f), a_{a}, b_{b}, c_{c} {}

    Computed<F, A, B, C> number(Index k) const { return f_(a_.number(k), b_.number(k), c_.number(k)); }
    void read() const { a_.read(), b_.read(), c_.read(); }
    Site* site() const {
        for (Site* s : {a_.site(), b_.site()})
            if (s) return s;
        return c_.site();
    }

private:
    [[no_unique_address]] F f_;
    A a_;
    B b_;
    C c_;
};

// ---- where xtensor meets them ---------------------------------------------------------------------------------------

/// What a function holds of an operand that xtensor hands it; nothing, where it can be no part of one.
template <class X> struct term_of {};
template <class T> struct term_of<Operand<T>> { using type = Leaf<T>; };
template <class N> struct term_of<xt::xscalar<N>> { using type = Number<std::remove_cvref_t<N>>; };
template <class F, class... X> struct term_of<Function<F, X...>> { using type = Function<F, X...>; };
template <class X> using Term = typename term_of<std::remove_cvref_t<X>>::type;

template <class X> inline constexpr bool is_number            = false;
template <class N> inline constexpr bool is_number<Number<N>> = true;

/// Does a function of these have operands, and nothing beside them but numbers and functions?
template <class... X> concept Terms = sizeof...(X) <= 3 && requires { typename std::void_t<Term<X>...>; }
&&!(is_number<Term<X>> && ...);

}  // namespace unspool::rules

template <class F, class... X>
requires unspool::rules::Terms<X...>
struct xt::detail::select_xfunction_expression<xt::xtensor_expression_tag, F, X...> {
    using type = unspool::rules::Function<F, unspool::rules::Term<X>...>;
};
template <class T> struct xt::temporary_container<unspool::rules::Memory<T>> {
    using type = typename unspool::rules::Memory<T>::Owner;
};
