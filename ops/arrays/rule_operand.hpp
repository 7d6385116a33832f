// Operands as a rule of an operation of one's own sees them: arrays of xtensor that know their place in the call.
#pragma once
#include <cstddef>
#include <memory>
#include <unspool/autograd/tape/var.hpp>
#include <xtensor/xarray.hpp>

namespace unspool::rules {

using core::Index;

/// The call of a rule, as functions see it.
class Site {
public:
    virtual core::Shape read_shape() = 0;  ///< of a function of the operands that were read; ShapeError
    virtual Index lay_out()          = 0;  ///< lays those as that shape has them, element by element: how many

protected:
    ~Site() = default;
};

/// An operand's place in the call.
template <class T> struct Slot {
    Site* site    = nullptr;
    T const* laid = nullptr;  // its elements, as the function that is computed now has them
    bool read     = false;    // does that function read it?
};

/// The memory of an array, which knows its place.
template <class T> class Memory : public xt::xbuffer_adaptor<T const*, xt::no_ownership, std::allocator<T>> {
public:
    /// For xtensor: what owns such memory.
    using Owner = xt::uvector<T>;

    Memory(T const* data, Index n, Slot<T>* slot)
        : xt::xbuffer_adaptor<T const*, xt::no_ownership, std::allocator<T>>(data, static_cast<std::size_t>(n))
        , slot_(slot) {}
    Slot<T>* slot() const { return slot_; }

private:
    Slot<T>* slot_;
};

/// An operand as a rule sees it.
template <class T> using Operand = xt::xarray_adaptor<Memory<T>, xt::layout_type::dynamic, core::Extents>;

/// An array that a function was asked for.
template <class T> struct Kept {
    explicit Kept(core::Shape const& shape)
        : memory(new T[static_cast<std::size_t>(core::count(shape))])
        , array(Memory<T>(memory.get(), core::count(shape), nullptr), core::Extents(shape.begin(), shape.end()),
                xt::layout_type::row_major) {}

    std::unique_ptr<T[]> memory;
    Operand<T> array;
    bool filled = false;
};

}  // namespace unspool::rules
