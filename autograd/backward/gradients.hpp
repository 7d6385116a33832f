// backward(): the reverse sweep of a tape, and what it returns.
#pragma once
#include <memory>
#include <span>
#include <unspool/autograd/backward/scratch.hpp>
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

class Params;
class RowSink;

/// An array of the tape's element type, whoever owns it.
class StridedValues {
public:
    Shape const& shape() const { return shape_; }        ///< of the array
    Dtype dtype() const { return dtype_; }               ///< that of the tape
    void const* data() const { return data_; }           ///< the first element, of the type that dtype() says
    Strides const& strides() const { return strides_; }  ///< in elements
    double item(Where = Where::here()) const;            ///< of an array of one element; else ShapeError

protected:
    /// An array that lies elsewhere.
    StridedValues(void const* data, Dtype dtype, Shape const& shape, Strides const& strides)
        : data_(data), dtype_(dtype), shape_(shape), strides_(strides) {}
    /// No copy; TypeError if the element type is another.
    template <Real T> ArrayView<T> view(Where where) const {
        require(dtype_of<T>, where);
        return array_view(static_cast<T const*>(data_), shape_, strides_);
    }

private:
    void require(Dtype, Where) const;

    void const* data_;
    Dtype dtype_;
    Shape shape_;
    Strides strides_;
};

/// To be read as an xtensor array.
class Values : public StridedValues {
public:
    /// An array that lies elsewhere, and must outlive this; strides in elements.
    Values(void const* data, Dtype dtype, Shape const& shape, Strides const& strides)
        : StridedValues(data, dtype, shape, strides) {}

    /// No copy; TypeError if the element type is another.
    template <Real T> ArrayView<T> value(Where where = Where::here()) const { return view<T>(where); }
    template <Real T> operator ArrayView<T>() const { return value<T>({}); }  // who converts, no one tells
    template <Real T> operator xt::xarray<T>() const { return value<T>({}); }
};

/// A copy of such an array, of which only copies are read.
class OwnValues : public StridedValues {
public:
    explicit OwnValues(Values const&);  ///< copies

    /// A copy; TypeError if the element type is another.
    template <Real T> xt::xarray<T> value(Where where = Where::here()) const { return view<T>(where); }
    template <Real T> operator xt::xarray<T>() const { return value<T>({}); }  ///< the same
    operator Values() const& {
        return {data(), dtype(), shape(), strides()};
    }  ///< no copy: to be read while this lives

private:
    OwnValues(std::shared_ptr<void const> memory, Values const& like);

    std::shared_ptr<void const> memory_;
};

/// "float32 [2,3] {0.1, 0.2, …}"
std::ostream& operator<<(std::ostream&, Values const&);

/// What a gradient is asked of, and the line of the program that asks.
template <class X> struct Asked {
    X const& x;
    Where where;
    Asked(X const& asked, Where w = Where::here()) : x(asked), where(w) {}
};

/// Which gradients outlive the sweep.
enum class Keep { leaves, all };  // inputs and parameters; every node on the way as well

/// The gradients of one result.  Independent of other sweeps of the same tape; those of parameters can be read after the
/// tape was rewound.
class Gradients {
public:
    Gradients(Gradients&&) noexcept;
    Gradients& operator=(Gradients&&) noexcept;
    ~Gradients();

    /// Of an input, a parameter, or a view of one (and, with Keep::all, of any Var): zeros where the result does not depend
    /// on it.  TapeError for a constant, for a Var of another tape or recorded after a rewind, and for what was not kept.
    Values operator[](Asked<Var>) const&;
    Values operator[](Asked<Param>) const&;
    /// Of gradients that no variable holds, as in `backward(y)[x]`, a copy.
    OwnValues operator[](Asked<Var> x) && { return OwnValues(std::as_const(*this)[x]); }
    OwnValues operator[](Asked<Param> p) && { return OwnValues(std::as_const(*this)[p]); }
    bool reached(Param const&, Where = Where::here()) const;  ///< does the result depend on it?
    bool reached(Var const&, Where = Where::here()) const;    ///< the same; TapeError as for []
    Dtype dtype() const { return dtype_; }                    ///< that of the tape
    /// The gradients of all these parameters one after the other, as `Params::flatten` has them; 0 where the result does not depend
    /// on one.
    std::vector<double> flatten(Params const&, Where = Where::here()) const;

    /// Calls `f(param)` for every parameter that the result depends on, in the order in which the tape met them.
    template <class F> void each_param(F&& f, Where where = Where::here()) const {
        for (SweptParam const& p : memory(where).params)
            if (p.gradient) f(*p.param);
    }
    /// The elements of a parameter's gradient, to change in place: null where the result does not depend on it.  TypeError
    /// if the element type is another.
    template <Real T> T* mutable_data(Param const& p, Where where = Where::here()) {
        return static_cast<T*>(mutable_data(p, dtype_of<T>, where));
    }
    void* mutable_data(Param const&, Dtype, Where = Where::here());
    /// From now on the result depends on these, too, in this order behind the others: the gradients are zeros where they were none.
    void reach(std::span<Param const* const>, Where = Where::here());
    /// Adds the gradients of parameters that another sweep found, on this tape or another.  TypeError, and no change, if the
    /// element types differ.
    Gradients& operator+=(Asked<Gradients>);

private:
    friend Gradients sweep(Var const&, void const*, Keep, Where, RowSink*);
    Gradients(Tape const&, std::unique_ptr<SweepMemory>);
    void* zeros(Shape const&) const;
    SweepMemory& memory(Where = {}) const;       ///< TapeError if these gradients were moved away
    void* find(Param const&, Where = {}) const;  ///< null where the result does not depend on it

    Presence const* tape_;
    std::uint32_t epoch_;  // of the tape at the sweep
    Dtype dtype_;
    std::shared_ptr<ScratchPool> pool_;
    std::unique_ptr<SweepMemory> memory_;
};

/// The gradients of a scalar (an array of one element; else ShapeError) by all that it depends on.
/// TapeError if a parameter has changed since it was read.
Gradients backward(Var const& loss, Keep = Keep::leaves, Where = Where::here());

/// Of sum(seed * y): a vector–Jacobian product.  `seed` is an xtensor expression of y's shape; else ShapeError.
template <class X> Gradients backward(Var const& y, X const& seed, Keep = Keep::leaves, Where = Where::here());

/// `seed`: contiguous elements of the tape's type; null for a one.  What `rows` takes is in no gradient.
Gradients sweep(Var const& y, void const* seed, Keep, Where, RowSink* rows = nullptr);
void require_scalar(Var const& loss, Where);  ///< ShapeError
void require_seed_shape(Var const& y, Shape const& seed, Where);

template <class X> Gradients backward(Var const& y, X const& seed, Keep keep, Where where) {
    require_seed_shape(y, Shape::of(seed.shape(), where), where);
    return dispatch(y.dtype(where), [&](auto t) {
        using T = decltype(t);
        if constexpr (std::derived_from<X, xt::xcontainer<X>> && X::static_layout == xt::layout_type::row_major)
            if constexpr (std::same_as<typename X::value_type, T>)
                return sweep(y, seed.data(), keep, where);  // contiguous as it is
        std::vector<T> const s(seed.template begin<xt::layout_type::row_major>(),
                               seed.template end<xt::layout_type::row_major>());
        return sweep(y, s.data(), keep, where);
    });
}

}  // namespace unspool::core

namespace unspool {

using core::Gradients, core::Keep, core::OwnValues, core::Values, core::backward;

}  // namespace unspool
