// What a handle can be asked.
#include <fmt/format.h>
#include <ostream>
#include <unspool/autograd/array/elements.hpp>
#include <unspool/autograd/tape/dependence.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/tape.hpp>
#include <xtensor/xadapt.hpp>

namespace unspool::core {

template <Real T> ArrayView<T> array_view(T const* data, Shape const& shape, Strides const& strides) {
    std::size_t const n =
        static_cast<std::size_t>(count(shape));  // what xtensor insists on, though strided elements reach further
    typename ArrayView<T>::strides_type steps;
    for (std::size_t i = 0; i < shape.size(); ++i) steps.push_back(shape[i] == 1 ? 0 : strides[i]);
    static constexpr T nothing{};
    if (!data) data = &nothing;  // of an empty array: xtensor computes with the pointer
    return xt::adapt(std::move(data), n, xt::no_ownership(), Extents(shape.begin(), shape.end()), std::move(steps));
}
template ArrayView<float> array_view(float const*, Shape const&, Strides const&);
template ArrayView<double> array_view(double const*, Shape const&, Strides const&);

void Var::refuse(Where where) const {
    if (!empty())
        throw TapeError(located(where, "a Var was used whose tape is gone: a tape outlives the values on it"));
    switch (static_cast<Lacks>(epoch_)) {
        case Lacks::axes:
            throw ShapeError(located(where, fmt::format("an array has at most {} axes", Shape::max_rank)));
        case Lacks::tape:
            throw TapeError(located(where, "an array stands beside a Var that is empty, or whose tape is gone"));
        default:
            throw TapeError(located(where, "an empty Var was used: it was declared, but no value was assigned to it"));
    }
}

Window const& Var::window_from_before(Where where) const {
    if (!tape(where).survives(window_, epoch_))
        throw TapeError(located(where, "this Var was recorded before its tape was rewound"));
    return *window_;
}

Shape const& Var::shape(Where where) const { return window(where).shape; }
Strides const& Var::strides(Where where) const { return window(where).strides; }
Dtype Var::dtype(Where where) const { return tape(where).dtype(); }
bool Var::requires_grad(Where where) const { return tape(where).requires_grad(window(where)); }

Index Var::size(Index axis, Where where) const {
    Shape const& s = shape(where);
    Index const a  = normalized_axis(axis, s.rank());
    if (a < 0)
        throw IndexError(
            fmt::format("{}: {} has no axis {}: its shape is {}", text(where), label(*this), axis, text(s)));
    return s[static_cast<std::size_t>(a)];
}

void const* Var::data(Dtype wanted, Where where) const {
    void const* const out = window(where).data;
    require_constant(tape(), window(), where);
    if (wanted != dtype())
        throw TypeError(fmt::format("{}: {} is {}, not {}", text(where), label(*this), text(dtype()), text(wanted)));
    return out;
}

double Var::item(Where where) const {
    if (Shape const& s = shape(where); count(s) != 1)
        throw ShapeError(
            fmt::format("{}: item() wants one element, {} has the shape {}", text(where), label(*this), text(s)));
    require_constant(tape(), window(), where);
    return dispatch(dtype(), [&](auto t) -> double { return *static_cast<decltype(t) const*>(window().data); });
}

Var Var::named(std::string_view name, Where where) const {
    Tape& on = tape(where);
    auto* w  = on.arena().make<Window>(window(where));
    w->name  = on.arena().copy(name);
    on.rename(*this, *w);
    return {on, *w};
}

Var Var::detach(Where where) const {
    Tape& on = tape(where);
    auto* w  = on.arena().make<Window>(window(where));
    w->node  = on.mechanisms.attach ? w->node : no_node;
    w->where = where;
    return {on, *w};
}

Var Var::operator[](At at) const {
    Window const& w = window(at.where);
    if (w.shape.empty())
        throw IndexError(fmt::format("{}: {} is a scalar: it cannot be indexed", text(at.where), label(*this)));
    Index const n = w.shape[0], i = at.i < 0 ? at.i + n : at.i;
    if (i < 0 || i >= n)
        throw IndexError(fmt::format("{}: index {} is outside {}, whose first axis has size {}", text(at.where), at.i,
                                     label(*this), n));
    Window& out = tape().begin_view(w, at.where);
    out.viewing = {Viewing::index, 0, i, i + 1};
    out.data    = static_cast<std::byte*>(w.data) + i * w.strides[0] * static_cast<Index>(size_of(dtype()));
    out.shape.erase(0), out.strides.erase(0);
    return tape().view(out, {Cover::piece, 0, i, n});
}

std::ostream& operator<<(std::ostream& out, Var const& x) try {
    Window const& w = x.window({});
    return out << label(x) << ": " << elements_text(x.dtype(), w.data, w.shape, w.strides);
} catch (TapeError const& e) { return out << "(" << e.what() << ")"; }

}  // namespace unspool::core
