// Arithmetic on shapes and strides.
#include <ostream>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/array/shape.hpp>

namespace unspool::core {

void Dims::refuse(Where where) {
    throw ShapeError(located(where, "an array has at most " + std::to_string(max_rank) + " axes"));
}

void Dims::insert(std::size_t axis, Index n, Where where) {
    if (rank_ == max_rank) refuse(where);
    std::copy_backward(d_ + axis, d_ + rank_, d_ + rank_ + 1);
    d_[axis] = n;
    ++rank_;
}

void no_such_shape(Shape const& s) { throw ShapeError("no array can have the shape " + text(s)); }

std::string text(Shape const& s) {
    std::string out = "[";
    for (Index d : s) out += (out.size() > 1 ? "," : "") + std::to_string(d);
    return out + "]";
}

bool broadcast(Shape& out, Shape const& with) {
    while (out.size() < with.size()) out.insert(0, 1);
    for (std::size_t i = 1; i <= with.size(); ++i) {
        Index& o      = out[out.size() - i];
        Index const d = with[with.size() - i];
        if (o != d && o != 1 && d != 1) return false;
        if (o == 1) o = d;
    }
    return true;
}

Strides broadcast_strides(Shape const& from, Strides const& strides, Shape const& to) {
    Strides out = to;
    std::fill(out.begin(), out.end(), 0);
    for (std::size_t i = 1; i <= from.size(); ++i)
        if (from[from.size() - i] != 1) out[to.size() - i] = strides[from.size() - i];
    return out;
}

std::ostream& operator<<(std::ostream& out, Shape const& s) { return out << text(s); }

}  // namespace unspool::core
