// The handle that users compute with.
#pragma once
#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <string_view>
#include <type_traits>
#include <unspool/autograd/array/dtype.hpp>
#include <unspool/autograd/array/shape.hpp>
#include <unspool/autograd/array/where.hpp>
#include <unspool/autograd/tape/presence.hpp>
#include <xtensor/xarray.hpp>

namespace unspool::core {

struct Window;

/// What xtensor knows of the axes of a view: in place at every rank, since it copies them while it iterates, where nothing may throw.
using Extents = xt::svector<std::size_t, Shape::max_rank>;
/// A read-only xtensor view of an array that lives elsewhere.
template <Real T> using ArrayView =
    xt::xarray_adaptor<xt::xbuffer_adaptor<T const*, xt::no_ownership, std::allocator<T>>, xt::layout_type::dynamic,
                       Extents>;

template <Real T> ArrayView<T> array_view(T const* data, Shape const&, Strides const&);

/// An index, and the line of the program that it stands in.
struct At {
    Index i;
    Where where;
    template <std::integral I> At(I index, Where w = Where::here()) : i(static_cast<Index>(index)), where(w) {}
};

template <class E> struct is_formula : std::false_type {};
/// An elementwise expression that no one has recorded yet: see term.hpp.
template <class E> concept Formula = is_formula<E>::value;

template <class T> concept PlainNumber = std::is_arithmetic_v<T>;

/// A value on a tape: trivially copyable, owns nothing, and usable until its tape is rewound.
class Var {
public:
    Var()                           = default;  ///< no value: using it throws TapeError
    template <PlainNumber T> Var(T) = delete;   // on which tape?  Write tape.constant(0.5)
    Var(Tape& tape, Window const& window);      ///< for those who record: the value that lies there
    template <Formula E> Var(E const& e, Where where = Where::here());  ///< records one node

    // Each throws TapeError for a Var that is empty or was recorded before a rewind, and names the caller's line.
    Shape const& shape(Where = Where::here()) const;      ///< sizes of the axes; none: a scalar
    Index size(Index axis, Where = Where::here()) const;  ///< along one axis, negative from the last; IndexError
    Dtype dtype(Where = Where::here()) const;             ///< that of the tape
    bool requires_grad(Where = Where::here()) const;      ///< does it depend on an input or a trained parameter?
    double item(Where = Where::here()) const;             ///< the value of an array of one element; else ShapeError
    /// No copy; TypeError if the tape's element type is another.
    template <Real T> ArrayView<T> value(Where = Where::here()) const;

    Var named(std::string_view, Where = Where::here()) const;  ///< the same value, called so in pictures and errors
    Var detach(Where = Where::here()) const;                   ///< the same value as a constant
    Var operator[](At) const;  ///< element of the first axis, negative from the end: a view

    /// Also of a Var from before a rewind; TapeError where the tape is gone.
    Tape& tape(Where where = Where::here()) const {
        if (!presence_ || epoch_ < presence_->first) refuse(where);
        return *presence_->tape;
    }
    /// Where its numbers lie.
    Window const& window(Where where = Where::here()) const {
        bool const fresh = presence_ && presence_->tape && epoch_ == presence_->epoch;
        return fresh ? *window_ : window_from_before(where);
    }
    bool empty() const { return presence_ == nullptr; }  ///< it was made without a value
    explicit operator bool() const = delete;  // it has a value for each element: x.item() != 0, or where(mask, a, b)

    /// What a term holds in place of an array that it could not put on its tape.
    enum class Lacks : std::uint32_t { value, axes, tape };
    explicit Var(Lacks why) : epoch_(static_cast<std::uint32_t>(why)) {}

private:
    friend class Tape;
    [[noreturn]] void refuse(Where) const;          // it is empty, or its tape is gone
    Window const& window_from_before(Where) const;  // a rewind, which may have taken it
    void const* data(Dtype, Where) const;
    Strides const& strides(Where) const;

    Presence const* presence_ = nullptr;
    Window const* window_     = nullptr;
    std::uint32_t epoch_      = 0;  // where it is empty: why
};

template <Real T> ArrayView<T> Var::value(Where where) const {
    return array_view(static_cast<T const*>(data(dtype_of<T>, where)), shape(where), strides(where));
}

void begin(Var const&) = delete;  // a loop over steps is scan(cell, xs, h0), or `for (Index t = 0; …) … x[t]`
void end(Var const&)   = delete;

/// "h: float32 [2,3] {0.1, 0.2, …}": what it is called, its type, shape and first elements; what is wrong with it, if it is
/// empty or stale.
std::ostream& operator<<(std::ostream&, Var const&);

}  // namespace unspool::core

namespace unspool {

using core::ArrayView, core::Formula, core::Var;

}  // namespace unspool
