// Copies and joins, and elements by number.
#include <fmt/ranges.h>
#include <programs/forms.hpp>

namespace programs {

namespace {

void copied(Session& s, Choices& c) {
    Value const& x = s.any(c);
    s.put(contiguous(x.var), fmt::format("contiguous({})", x.name), {&x});
}

/// Two or three values of one shape but for the size of one axis.
template <class Join> void joined(Session& s, Choices& c, bool concatenated, Join join) {
    Value const& x = s.any(c);
    if (concatenated ? x.rank() == 0 : x.rank() == 6) return;
    Index const axis = c(x.rank() + (concatenated ? 0 : 1));
    auto const fits  = [&](Value const& v) {
        Shape shape = v.shape();
        if (concatenated && v.rank() == x.rank())
            shape[static_cast<std::size_t>(axis)] = x.shape()[static_cast<std::size_t>(axis)];
        return shape == x.shape();
    };
    Value const *y = s.some(c, fits), *z = s.some(c, fits);
    y = y ? y : &x, z = z ? z : &x;
    if (count(x.shape()) + count(y->shape()) + count(z->shape()) > 4096) return;
    s.put(join({x.var, y->var, z->var}, axis),
          fmt::format("{}({{{}, {}, {}}}, {})", concatenated ? "concat" : "stack", x.name, y->name, z->name, axis),
          {&x, y, z});
}
void stacked(Session& s, Choices& c) {
    joined(s, c, false, [](std::initializer_list<Var> xs, Index axis) { return stack(xs, axis); });
}
void concatenated(Session& s, Choices& c) {
    joined(s, c, true, [](std::initializer_list<Var> xs, Index axis) { return concat(xs, axis); });
}

void repeated(Session& s, Choices& c) {
    Value const* const x = s.some(c, [](Value const& v) { return v.rank() > 0 && 3 * count(v.shape()) <= 4096; });
    if (!x) return;
    Index const times = 1 + c(3), axis = c(x->rank());
    s.put(repeat(x->var, times, axis), fmt::format("repeat({}, {}, {})", x->name, times, axis), {x});
}
void padded(Session& s, Choices& c) {
    Value const* const x = s.some(c, [](Value const& v) { return v.rank() > 0; });
    if (!x) return;
    Index const axis = c(x->rank()), before = c(3), after = c(3);
    s.put(pad(x->var, axis, before, after, 0.5), fmt::format("pad({}, {}, {}, {}, 0.5)", x->name, axis, before, after),
          {x});
}
void broadcasted(Session& s, Choices& c) {
    Value const* const x = s.some(c, [](Value const& v) { return v.rank() < 6; });
    if (!x) return;
    Shape to      = x->shape();
    Index const n = 1 + c(5);
    for (Index& d : to) d = d == 1 ? n : d;
    if (c.yes()) to.insert(0, 2);
    if (Session::small(to))
        s.put(broadcast_to(x->var, to), fmt::format("broadcast_to({}, {})", x->name, written(to)), {x});
}

void gathered(Session& s, Choices& c) {
    Value const* const x = s.some(c, [](Value const& v) { return v.rank() > 0 && count(v.shape()) > 0; });
    if (!x) return;
    std::size_t const axis = static_cast<std::size_t>(c(x->rank()));
    Shape to               = x->shape();
    Index const n          = to[axis];
    to[axis]               = 1 + c(4);
    if (!Session::small(to)) return;
    std::vector<std::size_t> const sizes(to.begin(), to.end());
    xt::xarray<Index> at = xt::xarray<Index>::from_shape(sizes);
    Index k              = 3;
    for (Index& i : at) i = k++ * 7 % n;
    s.put(gather(x->var, at, static_cast<Index>(axis)),
          fmt::format("gather({}, every_7th({}, {}), {})", x->name, written(to), n, axis), {x});
}
void rows_by_number(Session& s, Choices& c) {
    Value const* const x = s.some(c, [](Value const& v) { return v.rank() == 2 && count(v.shape()) > 0; });
    if (!x) return;
    Index const v = x->shape()[0];
    std::vector<Index> const rows{c(v), c(v), c(v), c(v)};
    s.put(embedding(s.tape, x->var, rows),
          fmt::format("embedding(tape, {}, std::vector<Index>{{{}}})", x->name, fmt::join(rows, ", ")), {x});
}

}  // namespace

std::vector<Form> layout_forms() {
    return {copied,   stacked, stacked,     concatenated, concatenated,
            repeated, padded,  broadcasted, gathered,     rows_by_number};
}

}  // namespace programs
