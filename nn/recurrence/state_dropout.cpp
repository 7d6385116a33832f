// Which values carry a state, and what they are multiplied by where they meet a weight.
#include <unspool/nn/recurrence/state_dropout.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/noise.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

struct StateDropout::Carrier {
    Window const* value;  // contiguous
    Var mask;             // of its shape, and contiguous
    Var masked;
    Carrier* next;

    bool holds(void const* p, Dtype dtype) const {
        auto const* const begin = static_cast<std::byte const*>(value->data);
        return begin <= p && p < begin + count(value->shape) * static_cast<Index>(size_of(dtype));
    }
};

Var StateDropout::begin_step(Var const& h) {
    tape_     = &h.tape();
    carriers_ = nullptr;
    if (mask_.empty()) {
        Var const ones = tape_->filled(h.shape(), where_, [](auto v) { std::fill(v.begin(), v.end(), 1); });
        mask_          = dropout(ones, p_, *random_, where_);
    }
    Var const whole = contiguous(h, where_);
    add(whole.window(where_), mask_);
    return whole;
}

void StateDropout::require_met() const {
    if (met_) return;
    throw ValueError(
        text(where_) +
        ": dropout of the state does nothing: the cell multiplies no matrix by its state; where it multiplies " +
        "the state by a weight element by element, let it say so: u * dropped(h)");
}

void StateDropout::add(Window const& value, Var const& mask) {
    if (count(value.shape) > 0) carriers_ = tape_->arena().make<Carrier>(&value, mask, Var(), carriers_);
}

StateDropout::Carrier* StateDropout::find(Window const& x) const {
    Carrier* c = carriers_;
    while (c && !c->holds(x.data, tape_->dtype())) c = c->next;
    return c;
}

/// The mask read as `x` reads the carrier, and repeated to a shape.
Var StateDropout::mask_of(Carrier const& c, Window const& x, Shape const& shape) const {
    if (shape == c.value->shape && x.shape == shape && is_contiguous(x)) return c.mask;
    return tape_->filled(shape, where_, [&](auto to) {
        using T           = typename decltype(to)::value_type;
        auto const offset = static_cast<T const*>(x.data) - static_cast<T const*>(c.value->data);
        auto const* from  = static_cast<T const*>(c.mask.window().data) + offset;
        copy<T>({to.data(), shape, row_major(shape)}, {from, shape, broadcast_strides(x.shape, x.strides, shape)});
    });
}

Var StateDropout::meets(Var const& x, Where where) {
    Window const& w  = x.window(where);
    Carrier* const c = find(w);
    if (!c) return outer_ ? outer_->meets(x, where) : x;
    met_             = true;
    bool const whole = &w == c->value;
    if (whole && !c->masked.empty()) return c->masked;
    masking_         = true;
    Var const masked = Var(x * mask_of(*c, w, w.shape), where_);
    masking_         = false;
    if (whole) c->masked = masked;
    return masked;
}

bool StateDropout::carries(Window const& x) const { return find(x) || (outer_ && outer_->carries(x)); }

/// Of operands side by side: ones where they do not carry the state.
Var StateDropout::joined_mask(Node const& node, int axis) const {
    auto const a = static_cast<std::size_t>(axis);
    return tape_->filled(node.value.shape, where_, [&](auto all) {
        using T = typename decltype(all)::value_type;
        std::fill(all.begin(), all.end(), T(1));
        Array<T> rest{all.data(), node.value.shape, row_major(node.value.shape)};
        for (Window const* x : node.operands) {
            bool const adds_axis = x->shape.rank() < node.value.shape.rank();
            rest.shape[a]        = adds_axis ? 1 : x->shape[a];
            if (Carrier const* c = find(*x))
                copy<T>(rest,
                        {static_cast<T*>(mask_of(*c, *x, x->shape).window().data), rest.shape, row_major(rest.shape)});
            rest.data += rest.shape[a] * rest.strides[a];
        }
    });
}

void StateDropout::made(Node const& node) {
    if (outer_) outer_->made(node);
    Carrier const* from = nullptr;
    Window const* x     = nullptr;
    for (std::size_t k = 0; k < node.operands.size() && !from && !masking_; ++k) from = find(*(x = node.operands[k]));
    if (!from) return;
    Shape const& shape = node.value.shape;
    if (int const axis = node.rule->joins(node); axis >= 0) return add(node.value, joined_mask(node, axis));
    Shape both = x->shape;
    if (x->shape.empty() || shape.empty() || x->shape.back() != shape.back() || !broadcast(both, shape) ||
        !(both == shape))
        return;
    add(node.value, mask_of(*from, *x, shape));
}

Var dropped(Var const& x, Where where) { return at_weight(x, where); }

}  // namespace unspool::core
