// Parameters: the arrays that training changes, each known by its path.
#pragma once
#include <atomic>
#include <concepts>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unspool/autograd/array/arena.hpp>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/array/window.hpp>
#include <unspool/autograd/tape/var.hpp>
#include <vector>
#include <xtensor/xarray.hpp>

namespace unspool::core {

/// An xtensor view to read and to write, in row-major order.
template <Real T> using MutableView = xt::xarray_adaptor<xt::xbuffer_adaptor<T*, xt::no_ownership, std::allocator<T>>,
                                                         xt::layout_type::row_major, Extents>;

/// An array end to end in memory, as xtensor writes to it.
template <Real T> MutableView<T> mutable_view(T* data, Shape const&);

template <Real T> class Writing;

/// One parameter.  Its place in memory never changes, so cells hold references to it.
class Param {
public:
    /// Of one's own, outside of any Params; zeros at first.
    Param(std::string path, Shape shape, Dtype, bool trained = true, Where = Where::here());
    ~Param();
    Param(Param const&)                         = delete;  // there is one of each: hold a reference, `Param& W;`
    Param& operator=(Param const&)              = delete;
    template <class X> void operator=(X const&) = delete;  // its elements are written by `W.assign(x)`

    std::string const& path() const { return path_; }  ///< "encoder.lstm.weight_hh_l0"
    Shape const& shape() const { return shape_; }      ///< of its array
    Dtype dtype() const { return dtype_; }             ///< that of its model
    Index count() const { return count_; }             ///< of numbers
    bool trained() const { return trained_; }     ///< or is it fixed: no gradient, and optimisers leave it as it is
    Param const& next() const { return *next_; }  ///< of those in the same Params, in a ring: itself where it is alone

    /// The elements as an xtensor array, to read.  TypeError if they are of another type.
    template <Real T> ArrayView<T> value(Where where = Where::here()) const {
        return array_view(static_cast<T const*>(data(dtype_of<T>, where)), shape_, row_major(shape_));
    }
    /// The elements, to write for as long as the result lives: `W.mutable_value<float>()(0, 1) = 3;`.  No tape reads the parameter
    /// until then, and one that has read the old ones refuses to differentiate with the new.  TypeError as above.
    template <Real T> Writing<T> mutable_value(Where where = Where::here());
    /// Writes any xtensor expression or number of this shape.  ShapeError if its shape is another.
    template <class X> void assign(X const&, Where = Where::here());

    /// The elements, whatever their type, row-major.
    void const* data(Where where = Where::here()) const {
        if (!bytes_) refuse(where);
        return bytes_.get();
    }
    void const* data(Dtype, Where = Where::here()) const;  ///< TypeError if the elements are of another type
    void* mutable_data(Dtype, Where = Where::here());      ///< the same, to write
    /// Another one whenever it was opened for writing; no two parameters share one.
    std::uint64_t version() const { return version_; }
    /// Tells a parameter from another that lived at the same address before.
    std::uint64_t serial() const { return serial_; }

    /// TapeError while it is open for writing, or where its model is gone.
    void require_readable(Where where) const {
        if (!bytes_ || writers_ > 0) refuse(where);
    }
    std::shared_ptr<void const> model() const { return model_.lock(); }  ///< what keeps it: null where nothing does

private:
    friend class Params;
    friend class Tape;
    template <Real T> friend class Writing;
    void require_shape(Shape const&, Where) const;
    [[noreturn]] void refuse(Where) const;  // its model is gone, or it is open for writing
    void written();                         // the version is another one

    std::string path_;
    Shape shape_;
    Dtype dtype_;
    bool trained_;
    Index count_;
    std::unique_ptr<void, Freed> bytes_;  // null where the model is gone
    std::uint64_t serial_, version_;
    int writers_  = 0;   // that are open
    Where opened_ = {};  // the last of them
    std::weak_ptr<void const> model_;
    Param const* next_ = this;
    std::atomic<NodeId> mutable met_{0};  // its number on the tape that read it last: a guess to any other
};

/// A parameter that is open for writing.  It is read again when this is gone.
template <Real T> class [[nodiscard]] Writing : public MutableView<T> {
public:
    Writing(Param& p, Where where)
        : MutableView<T>(mutable_view(static_cast<T*>(p.mutable_data(dtype_of<T>, where)), p.shape())), param_(p) {
        ++p.writers_, p.opened_ = where;
    }
    ~Writing() { --param_.writers_, param_.written(); }
    Writing(Writing const&) = delete;
    using MutableView<T>::operator=;

private:
    Param& param_;
};

template <Real T> Writing<T> Param::mutable_value(Where where) { return {*this, where}; }

/// "encoder.weight: float32 [2,3] {0.1, 0.2, …}"; what is wrong with it, if it cannot be read.
std::ostream& operator<<(std::ostream&, Param const&);

/// A name, and the line of the program that asks for what has it.
struct AskedName {
    std::string_view text;
    Where where;
    template <std::convertible_to<std::string_view> S> AskedName(S const& s, Where w = Where::here())
        : text(s), where(w) {}
};

/// The parameters of a model, or, after `params / "encoder"`, the part of them below a path.  A handle: copies share.
class Params {
public:
    /// No parameters yet; the seed decides what those to come start with.
    explicit Params(std::uint64_t seed = 0, Dtype = float32);

    /// A new parameter, called `name` below this path.  NameError if there is one already.
    Param& zeros(std::string_view name, Shape, Where = Where::here());
    Param& constant(std::string_view name, Shape, double value, Where = Where::here());
    Param& uniform(std::string_view name, Shape, double low, double high, Where = Where::here());
    Param& normal(std::string_view name, Shape, double mean, double deviation, Where = Where::here());
    /// A new parameter that starts as this array.
    template <class X> Param& trained(std::string_view name, X const& array, Where where = Where::here()) {
        return add_array(name, array, true, where);
    }
    /// An array that is saved, loaded, drawn and read like a parameter, but never trained: `p.fixed("A", array)`.
    template <class X> Param& fixed(std::string_view name, X const& array, Where where = Where::here()) {
        return add_array(name, array, false, where);
    }

    // Names below this path, "l0.weight" or "l0/weight".
    Params operator/(std::string_view segment) const;  ///< the same parameters, seen from below a path
    Param& operator[](AskedName) const;                ///< NameError lists what there is
    bool contains(std::string_view name) const;
    std::string path() const { return path_; }
    Dtype dtype() const;
    Random& random() const;  ///< what initialisers draw from

    std::vector<Param*> all() const;  ///< those below this path, in the order of their making
    Index count() const;              ///< elements in all of them
    std::size_t made() const;         ///< how many parameters the model has by now, those outside of the path as well
    /// Their elements one after the other, in this order: for an optimiser of another library.  `Gradients::flatten` has the same.
    std::vector<double> flatten() const;
    void assign_flat(std::span<double const>, Where = Where::here());  ///< ShapeError unless there are `count()`

private:
    struct Store;
    std::string full(std::string_view name) const;
    Param& add(std::string_view name, Shape, std::function<double()> const& draw, Where, bool trained = true);
    template <class X> Param& add_array(std::string_view name, X const& array, bool trained, Where);

    std::shared_ptr<Store> store_;
    std::string path_;
};

template <class X> void Param::assign(X const& x, Where where) {
    dispatch(dtype_, [&](auto t) {
        using T = decltype(t);
        if constexpr (std::is_arithmetic_v<X>) {
            mutable_value<T>(where).fill(static_cast<T>(x));
        } else {
            require_shape(Shape::of(x.shape(), where), where);
            std::copy(x.template begin<xt::layout_type::row_major>(), x.template end<xt::layout_type::row_major>(),
                      mutable_value<T>(where).begin());
        }
    });
}

template <class X> Param& Params::add_array(std::string_view name, X const& array, bool trained, Where where) {
    auto x = array.template begin<xt::layout_type::row_major>();
    return add(
        name, Shape::of(array.shape(), where), [&] { return static_cast<double>(*x++); }, where, trained);
}

}  // namespace unspool::core

namespace unspool {

using core::MutableView, core::Param, core::Params;

}  // namespace unspool
