// Views: what a tape reads without a copy, ONNX computes.
#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <unspool/autograd/cpu/copy.hpp>
#include <unspool/nn/onnx/step_node.hpp>

namespace unspool::nn::onnx {

namespace {

constexpr Index end_of_axis = std::numeric_limits<Index>::max();

std::vector<double> numbers(Tape const& tape, Window const& w) {
    return dispatch(tape.dtype(), [&](auto t) {
        using T = decltype(t);
        std::vector<T> out(static_cast<std::size_t>(count(w.shape)));
        copy<T>({out.data(), w.shape, row_major(w.shape)}, {static_cast<T const*>(w.data), w.shape, w.strides});
        return std::vector<double>(out.begin(), out.end());
    });
}

/// Index 0 of an axis, if all others are like it.
bool first_of(std::vector<double>& x, Shape& shape, std::size_t axis) {
    Index outer = 1, inner = 1;
    for (std::size_t k = 0; k < shape.rank(); ++k) (k < axis ? outer : inner) *= k == axis ? 1 : shape[k];
    std::vector<double> first;
    for (Index o = 0; o < outer; ++o)
        for (Index n = 0; n < shape[axis]; ++n) {
            auto const row = x.begin() + (o * shape[axis] + n) * inner;
            if (n == 0) first.insert(first.end(), row, row + inner);
            else if (!std::equal(row, row + inner, first.end() - inner)) return false;
        }
    x = first, shape[axis] = 1;
    return true;
}

std::vector<Sizes> sizes(Shape const& a, Shape const& b) {
    std::vector<Sizes> out;
    for (std::size_t k = 0; k < a.rank(); ++k) out.push_back({a[k], b[k]});
    return out;
}

}  // namespace

std::string StepWriter::value(Windows w) {
    if (auto const known = windows_.find(w.a); known != windows_.end()) return known->second;
    bool const constant_there = w.a->node == no_node;
    if (!constant_there && !(w.a->parent && w.a->parent->node == w.a->node)) return whole(w);
    std::string const name = constant_there ? constant(w) : view(w);
    windows_.emplace(w.a, name);
    return name;
}

/// All of a node's value.
std::string StepWriter::whole(Windows w) {
    if (auto const known = values_.find(w.a->node); known != values_.end()) return known->second;
    core::Node const &m = a_.tape()[w.a->node], &n = b_.tape()[w.b->node];
    std::string const name    = m.param ? to_.parameter(*m.param) : constant({&m.value, &n.value});
    return values_[w.a->node] = name;
}

/// The same numbers in both recordings, along axes whose size is open the same all along.
std::string StepWriter::constant(Windows w) {
    Shape small = w.a->shape, small_b = w.b->shape;
    auto x = numbers(a_.tape(), *w.a), y = numbers(b_.tape(), *w.b);
    bool spreads = false;
    for (std::size_t axis = 0; axis < w.rank(); ++axis) {
        if (!w.size(axis).open()) continue;
        if (!first_of(x, small, axis) || !first_of(y, small_b, axis))
            refuse(*w.a, "a constant differs along an axis whose size is open");
        spreads = true;
    }
    if (!std::equal(x.begin(), x.end(), y.begin(), y.end(), [](double p, double q) { return !(p < q) && !(p > q); }))
        refuse(*w.a, "a constant depends on the sizes of the inputs");
    std::string const name = to_.reals("constant", {small.begin(), small.end()}, x, true);
    return spreads ? spread(name, sizes(w.a->shape, w.b->shape), *w.a) : name;
}

std::string StepWriter::view(Windows w) {
    Windows const before{w.a->parent, w.b->parent};
    std::string const x = value(before);
    switch (w.a->viewing.kind) {
        case Viewing::whole: return x;
        case Viewing::reshape:
        case Viewing::expand: return reshaped(w, x);
        case Viewing::transpose: return transposed(w, x);
        default: return part(w, x);
    }
}

/// A place on an axis: counted from its end where its size is open.
Index StepWriter::place(Sizes p, Sizes size, Window const& w) const {
    if (!p.open()) return p.a;
    if (p == size) return end_of_axis;
    if (p.a - size.a == p.b - size.b) return p.a - size.a;
    refuse(w, "where a part begins or ends depends on the sizes of the inputs");
}

std::string StepWriter::part(Windows w, std::string const& x) {
    Viewing const &v = w.a->viewing, &u = w.b->viewing;
    auto const axis  = static_cast<std::size_t>(v.axis);
    Sizes const size = Windows{w.a->parent, w.b->parent}.size(axis);
    auto const at    = [&](Sizes p) { return place(p, size, *w.a); };
    switch (v.kind) {
        case Viewing::index: return to_.add("Gather", {x, to_.integer(at({v.begin, u.begin}))}, {{"axis", v.axis}});
        case Viewing::flip: return to_.sliced(x, v.axis, -1, std::numeric_limits<Index>::min(), -1);
        case Viewing::piece: {
            Sizes const each{size.a / v.end, size.b / v.end};
            return to_.sliced(x, v.axis, at({v.begin * each.a, u.begin * each.b}),
                              at({(v.begin + 1) * each.a, (u.begin + 1) * each.b}));
        }
        default: {
            bool const to_the_end = v.kind == Viewing::stepped && v.end == Viewing::to_the_end;
            return to_.sliced(x, v.axis, at({v.begin, u.begin}), to_the_end ? end_of_axis : at({v.end, u.end}), v.step);
        }
    }
}

/// An open size is that of the same axis before, or what is left.
std::string StepWriter::reshaped(Windows w, std::string const& x) {
    Windows const before{w.a->parent, w.b->parent};
    if (count(w.a->shape) != count(before.a->shape)) refuse(*w.a, "ONNX has no counterpart of this view");
    std::vector<Index> target;
    bool left = false;
    for (std::size_t k = 0; k < w.rank(); ++k) {
        Sizes const size = w.size(k);
        bool const same  = k < before.rank() && before.size(k) == size;
        if (size.open() && !same && left) return to_.add("Reshape", {x, shape(sizes(w.a->shape, w.b->shape), *w.a)});
        left |= size.open() && !same;
        target.push_back(!size.open() ? size.a : same ? 0 : -1);
    }
    if (!left && std::find(target.begin(), target.end(), 0) != target.end() && count(w.a->shape) == 0)
        refuse(*w.a, "ONNX does not tell an axis of size 0 from one whose size is open");
    return to_.reshaped(x, target);
}

/// Axes are told from each other by their sizes and distances: those that have both alike are alike.
std::string StepWriter::transposed(Windows w, std::string const& x) {
    Windows const before{w.a->parent, w.b->parent};
    std::vector<Index> axes;
    for (std::size_t k = 0; k < w.rank(); ++k)
        for (std::size_t j = 0; j < before.rank(); ++j) {
            bool const taken = std::find(axes.begin(), axes.end(), static_cast<Index>(j)) != axes.end();
            if (taken || !(before.size(j) == w.size(k)) || before.a->strides[j] != w.a->strides[k] ||
                before.b->strides[j] != w.b->strides[k])
                continue;
            axes.push_back(static_cast<Index>(j));
            break;
        }
    return to_.transposed(x, axes);
}

std::string StepWriter::spread(std::string const& x, std::vector<Sizes> const& to, Window const& w) {
    return to_.add("Expand", {x, shape(to, w)});
}

/// Sizes as a value [n] of the graph.
std::string StepWriter::shape(std::vector<Sizes> const& all, Window const& w) {
    if (all.empty()) return to_.integers({});
    std::vector<std::string> parts;
    for (Sizes const& s : all) {
        if (!s.open()) {
            parts.push_back(to_.integers({s.a}));
            continue;
        }
        auto const known = std::find_if(open_.begin(), open_.end(), [&](Open const& o) { return o.size == s; });
        if (known == open_.end()) refuse(w, "an open size is none of the inputs'");
        if (known->read.empty()) known->read = to_.size(known->of, known->axis);
        parts.push_back(known->read);
    }
    return to_.concatenated(parts, 0);
}

}  // namespace unspool::nn::onnx
