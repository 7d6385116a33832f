// Which views follow each other as one of a kind, and which undo each other.
#include <optional>
#include <unspool/autograd/array/collapse.hpp>

namespace unspool::core {

namespace {

bool same_reading(Window const& a, Window const& b) {
    bool same = a.data == b.data && a.node == b.node && a.shape == b.shape;
    for (std::size_t i = 0; same && i < a.shape.size(); ++i) same = a.shape[i] == 1 || a.strides[i] == b.strides[i];
    return same;
}

bool is_part(Viewing const& v) { return v.kind == Viewing::slice || v.kind == Viewing::stepped; }
bool is_reshape(Viewing const& v) { return v.kind == Viewing::reshape || v.kind == Viewing::expand; }

/// A part of a part, which has `size` elements along the axis; none if its numbers would be too large.
std::optional<Viewing> part_of_part(Viewing const& first, Viewing const& then, Index size) {
    Viewing out = first;
    Index ahead = 0, last = 0;
    if (__builtin_mul_overflow(first.step, then.begin, &ahead) ||
        __builtin_add_overflow(first.begin, ahead, &out.begin) ||
        __builtin_mul_overflow(first.step, then.step, &out.step))
        return {};
    bool const to_the_end = then.end == Viewing::to_the_end || then.end == size;
    if (!to_the_end) {
        if (__builtin_mul_overflow(first.step, then.end - 1, &last)) return {};
        out.end = then.end == then.begin ? out.begin : first.begin + last + 1;
    }
    out.kind = out.step == 1 ? Viewing::slice : Viewing::stepped;
    return out;
}

/// What `then` is of what `before` is a view of.
std::optional<Viewing> composed(Window const& before, Viewing const& then) {
    Viewing const& first = before.viewing;
    bool const axis      = first.axis == then.axis;
    if (axis && is_part(first) && is_part(then))
        return part_of_part(first, then, before.shape[static_cast<std::size_t>(then.axis)]);
    if (axis && first.kind == Viewing::flip && then.kind == Viewing::flip) return Viewing{};
    if (first.kind == Viewing::transpose && then.kind == Viewing::transpose) return then;
    if (is_reshape(first) && is_reshape(then)) return first.kind == Viewing::reshape ? first : then;
    return {};
}

}  // namespace

Window const& collapsed(Window& view) {
    Window const& before = *view.parent;
    if (!before.parent) return view;
    if (same_reading(view, before)) return before;
    if (!before.name.empty() || before.node != before.parent->node)
        return view;  // it was called something, or detached
    auto const as_one = composed(before, view.viewing);
    if (!as_one) return view;
    view.viewing = *as_one;
    view.parent  = before.parent;
    return same_reading(view, *view.parent) ? *view.parent : view;
}

}  // namespace unspool::core
