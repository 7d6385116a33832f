// Views of every kind, of whatever comes, views among it.
#include <numeric>
#include <programs/forms.hpp>

namespace programs {

namespace {

Value const* with_axes(Session& s, Choices& c, Index least = 1) {
    return s.some(c, [&](Value const& v) { return v.rank() >= least && count(v.shape()) > 0; });
}

/// A view along an axis of some value: `make(value, axis, size)` gives it, and how it is written.
template <class Make> void along_an_axis(Session& s, Choices& c, Make make) {
    Value const* const x = with_axes(s, c);
    if (!x) return;
    Index const a          = c(x->rank());
    auto const [var, term] = make(*x, c.yes() ? a : a - x->rank(), x->shape()[static_cast<std::size_t>(a)]);
    s.put(var, term, {x}, true);
}

void sliced(Session& s, Choices& c) {
    along_an_axis(s, c, [&](Value const& x, Index axis, Index n) {
        Index const begin = c(n), end = begin + 1 + c(n - begin);
        return std::pair(slice(x.var, axis, begin, end),
                         fmt::format("slice({}, {}, {}, {})", x.name, axis, begin, end));
    });
}
void stepped(Session& s, Choices& c) {
    along_an_axis(s, c, [&](Value const& x, Index axis, Index n) {
        Index const begin = c(n), end = begin + 1 + c(n - begin), step = 1 + c(4);
        return std::pair(slice(x.var, axis, begin, end, step),
                         fmt::format("slice({}, {}, {}, {}, {})", x.name, axis, begin, end, step));
    });
}
void flipped(Session& s, Choices& c) {
    along_an_axis(s, c, [&](Value const& x, Index axis, Index) {
        return std::pair(flip(x.var, axis), fmt::format("flip({}, {})", x.name, axis));
    });
}
void indexed(Session& s, Choices& c) {
    along_an_axis(s, c, [&](Value const& x, Index axis, Index n) {
        Index const i = c(n);
        return std::pair(index(x.var, axis, i), fmt::format("index({}, {}, {})", x.name, axis, i));
    });
}
void first_index(Session& s, Choices& c) {
    Value const* const x = with_axes(s, c);
    if (!x) return;
    Index const i = c(x->shape()[0]);
    s.put(x->var[i], fmt::format("{}[{}]", x->name, i), {x}, true);
}
void piece_of(Session& s, Choices& c) {
    along_an_axis(s, c, [&](Value const& x, Index axis, Index n) {
        Index pieces = 1 + c(6);
        while (n % pieces != 0) --pieces;
        Index const i = c(pieces);
        return std::pair(piece(x.var, i, pieces, axis), fmt::format("piece({}, {}, {}, {})", x.name, i, pieces, axis));
    });
}
/// All of them, so that the pieces of a gradient come together.
void split_up(Session& s, Choices& c) {
    Value const* const x = with_axes(s, c);
    if (!x) return;
    Index const n = x->shape().back(), pieces = n % 4 == 0 ? 4 : n % 3 == 0 ? 3 : n % 2 == 0 ? 2 : 1;
    auto const all = split(x->var, pieces);
    for (Index i = 0; i < pieces; ++i)
        s.put(all[static_cast<std::size_t>(i)], fmt::format("split({}, {})[{}]", x->name, pieces, i), {x}, true);
}
void permuted(Session& s, Choices& c) {
    Value const* const x = with_axes(s, c, 2);
    if (!x) return;
    Dims axes = x->shape();
    std::iota(axes.begin(), axes.end(), Index{0});
    for (std::size_t a = axes.size(); a-- > 1;)
        std::swap(axes[a], axes[static_cast<std::size_t>(c(static_cast<Index>(a) + 1))]);
    s.put(transpose(x->var, axes), fmt::format("transpose({}, {})", x->name, written(axes)), {x}, true);
}
void reshaped(Session& s, Choices& c) {
    Value const& x = s.any(c);
    Index left     = count(x.shape());
    Shape shape;
    for (Index a = c(4); a > 0 && left > 1; --a) {
        Index n = 1 + c(left);
        while (left % n != 0) --n;
        shape.push_back(n), left /= n;
    }
    if (left != 1 || count(x.shape()) == 0) shape.push_back(left);
    s.put(reshape(x.var, shape), fmt::format("reshape({}, {})", x.name, written(shape)), {&x}, true);
}
void squeezed(Session& s, Choices& c) {
    Value const& x = s.any(c);
    s.put(squeeze(x.var), fmt::format("squeeze({})", x.name), {&x}, true);
}
void unsqueezed(Session& s, Choices& c) {
    Value const* const x = s.some(c, [](Value const& v) { return v.rank() < 6; });
    if (!x) return;
    Index const axis = c(x->rank() + 1);
    s.put(unsqueeze(x->var, axis), fmt::format("unsqueeze({}, {})", x->name, axis), {x}, true);
}

}  // namespace

std::vector<Form> view_forms() {
    return {sliced,   stepped,  flipped,  flipped,  indexed,  first_index, piece_of,
            split_up, permuted, permuted, reshaped, squeezed, unsqueezed};
}

}  // namespace programs
