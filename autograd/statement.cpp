// Records statements and runs their loops.  A row whose arrays are contiguous or repeated goes straight to the
// compiled loop; ragged ends, strided arrays and reductions pass through a stage that makes them look so.
#include <algorithm>
#include <fmt/format.h>
#include <tuple>
#include <unspool/autograd/adjoints.hpp>
#include <unspool/autograd/derivative.hpp>
#include <unspool/autograd/formula.hpp>
#include <unspool/autograd/label.hpp>
#include <unspool/autograd/plan.hpp>
#include <unspool/autograd/statement.hpp>
#include <unspool/autograd/threads.hpp>
#include <vector>

namespace unspool {

namespace {

constexpr Index stage_length = 128;  // elements: several arrays of it fit in the first-level cache

/// What a statement's node keeps.
struct Statement {
    FormulaType const*      type;
    std::span<double const> numbers;
    Plan                    plan;  // stream 0 is the result, stream k+1 is leaf k
    Reduction               reduction;
    Averaged                mean;     // what each result is the mean over, if it is one
    double                  scale;    // 1, or 1/n for a mean
    bool                    direct;   // no row needs the stage, but for its end
    bool                    overrun;  // arrays are padded: a loop may run past the end of the only row
    bool                    block;    // rows of whole registers, of contiguous elements: one call of the loop

    int  leaves() const { return type->leaves; }
    bool reduces() const { return reduction.kind != Reduction::none; }
};

constexpr char const* name_of(Reduction::Kind kind) { return kind == Reduction::mean ? "mean" : kind == Reduction::sum ? "sum" : ""; }

template <Real T> T* as(void const* p) { return static_cast<T*>(const_cast<void*>(p)); }

template <Real T> struct Operands {  // the first elements
    T const* x[max_streams];
    T*       dx[max_streams];
    Fill     fill[max_streams];
    bool     shared[max_streams];  // with another, though not element for element
};

/// One row of a statement, made regular piece by piece.
template <Real T> class Row {
public:
    /// `sums` is where a reduction goes.
    Row(Statement const& s, Operands<T> const& o, double* sums = nullptr) : s_(s), o_(o), sums_(sums) {
        streams_ = {nullptr, nullptr, x_, dx_, step_, step_, fill_, s.numbers.data()};
    }

    void forward(T* y, Index const* offset) {
        begin(offset);
        walk(
            s_.overrun, [&](Index at, Index n) { forward_direct(y + offset[0], at, n); },
            [&](Index at, Index n) { forward_staged(y + offset[0], at, n); });
    }
    void reverse(T const* y, T const* g, Index const* offset) {
        begin(offset);
        for (int k = 0; k < s_.leaves(); ++k) std::fill_n(total_[k], simd_width<T>, T(0));
        walk(
            s_.overrun && !repeats_, [&](Index at, Index n) { reverse_direct(y + offset[0], g + offset[0], at, n); },
            [&](Index at, Index n) { reverse_staged(y ? y + offset[0] : nullptr, g + offset[0], at, n); });
        for (int k = 0; k < s_.leaves(); ++k)
            if (stride(k) == 0 && o_.fill[k] != Fill::none)
                o_.dx[k][offset_[k + 1]] += std::accumulate(total_[k], total_[k] + simd_width<T>, T(0));
    }

private:
    static constexpr Index width = simd_width<T>;
    static Index           whole_registers(Index n) { return (n + width - 1) / width * width; }
    Index                  stride(int k) const { return s_.plan.row_stride(k + 1); }

    void begin(Index const* offset) {
        offset_  = offset;
        repeats_ = false;
        for (int k = 0; k < s_.leaves(); ++k)
            if (stride(k) == 0) std::fill_n(splat_[k], width, o_.x[k][offset[k + 1]]), repeats_ = true;
    }

    template <class Direct, class Staged> void walk(bool overrun, Direct direct, Staged staged) {
        Index const n = s_.plan.row_length();
        if (s_.direct && overrun) return direct(0, whole_registers(n));
        Index at = s_.direct ? n / width * width : 0;
        if (at > 0) direct(0, at);
        for (; at < n; at += stage_length) staged(at, std::min(stage_length, n - at));
    }

    void aim_direct(Index at) {
        for (int k = 0; k < s_.leaves(); ++k) {
            step_[k] = stride(k);
            x_[k]    = stride(k) == 0 ? splat_[k] : o_.x[k] + offset_[k + 1] + at;
            fill_[k] = stride(k) == 0 && o_.fill[k] != Fill::none ? Fill::add : o_.fill[k];
            dx_[k]   = stride(k) == 0 || o_.fill[k] == Fill::none ? total_[k] : o_.dx[k] + offset_[k + 1] + at;
        }
    }
    void forward_direct(T* y, Index at, Index n) {
        aim_direct(at);
        streams_.y = y + at;
        s_.type->template forward<T>()(streams_, 1, n);
    }
    void reverse_direct(T const* y, T const* g, Index at, Index n) {
        aim_direct(at);
        streams_.y = const_cast<T*>(y) + at, streams_.g = g + at;
        s_.type->template reverse<T>()(streams_, 1, n);
    }

    void load_stage(Index at, Index n) {
        for (int k = 0; k < s_.leaves(); ++k) {
            step_[k] = 1;
            x_[k]    = staged_x_[k];
            fill_[k] = o_.fill[k] == Fill::none ? Fill::none : Fill::assign;
            dx_[k]   = staged_dx_[k];
            pack(staged_x_[k], o_.x[k] + offset_[k + 1] + at * stride(k), stride(k), n, T(1));
        }
    }
    // The unused end of the last register repeats an element, so that no garbage is computed with.
    static void pack(T* to, T const* from, Index stride, Index n, T scale) {
        if (stride == 0) std::fill_n(to, n, *from * scale);
        else if (stride == 1)
            for (Index j = 0; j < n; ++j) to[j] = from[j] * scale;  // apart, so that the compiler vectorises it
        else
            for (Index j = 0; j < n; ++j) to[j] = from[j * stride] * scale;
        for (Index j = n; j < whole_registers(n); ++j) to[j] = to[n - 1];
    }
    void forward_staged(T* y, Index at, Index n) {
        load_stage(at, n);
        streams_.y = staged_y_;
        s_.type->template forward<T>()(streams_, 1, whole_registers(n));
        Index const step = s_.plan.row_stride(0);
        if (!s_.reduces()) std::copy_n(staged_y_, n, y + at);
        else if (step == 0) sums_[offset_[0]] += sum_of_stage(n);
        else
            for (Index j = 0; j < n; ++j) sums_[offset_[0] + (at + j) * step] += static_cast<double>(staged_y_[j]);
    }
    double sum_of_stage(Index n) const {
        Index const     whole = n / width * width;
        xsimd::batch<T> lanes(T(0));
        for (Index j = 0; j < whole; j += width) lanes += xsimd::batch<T>::load_aligned(staged_y_ + j);
        return static_cast<double>(std::accumulate(staged_y_ + whole, staged_y_ + n, xsimd::hadd(lanes)));
    }
    void reverse_staged(T const* y, T const* g, Index at, Index n) {
        load_stage(at, n);
        streams_.y = staged_y_, streams_.g = staged_g_;
        if (y) pack(staged_y_, y + at, 1, n, T(1));
        else s_.type->template forward<T>()(streams_, 1, whole_registers(n));
        T const factor = static_cast<T>(factor_of(name_of(s_.reduction.kind), s_.scale));
        pack(staged_g_, g + at * s_.plan.row_stride(0), s_.plan.row_stride(0), n, factor);
        s_.type->template reverse<T>()(streams_, 1, whole_registers(n));
        for (int k = 0; k < s_.leaves(); ++k)
            if (o_.fill[k] != Fill::none) unpack(o_.dx[k] + offset_[k + 1] + at * stride(k), stride(k), staged_dx_[k], n, o_.fill[k]);
    }
    static void unpack(T* to, Index stride, T const* from, Index n, Fill fill) {
        if (stride == 1 && fill == Fill::add)
            for (Index j = 0; j < n; ++j) to[j] += from[j];
        else if (stride == 1) std::copy_n(from, n, to);
        else
            for (Index j = 0; j < n; ++j) to[j * stride] = fill == Fill::add ? to[j * stride] + from[j] : from[j];
    }

    Statement const&   s_;
    Operands<T> const& o_;
    bool               repeats_ = false;  // some leaf repeats along the row, so that its adjoint sums over it
    Index const*       offset_  = nullptr;
    double* const      sums_;
    Streams<T>         streams_;
    T const*           x_[max_streams];
    T*                 dx_[max_streams];
    Index              step_[max_streams];
    Fill               fill_[max_streams];
    alignas(64) T splat_[max_streams][width];
    alignas(64) T total_[max_streams][width];  // adjoints of leaves that repeat along the row
    alignas(64) T staged_x_[max_streams][stage_length];
    alignas(64) T staged_dx_[max_streams][stage_length];
    alignas(64) T staged_y_[stage_length];
    alignas(64) T staged_g_[stage_length];
};

/// All rows of a statement whose arrays need no help, or the registers of its only row, in parts if there are many.
template <Real T> class Block {
public:
    Block(Statement const& s, Operands<T> const& o) : s_(s), o_(o), by_rows_(s.plan.rank == 2), n_(registers(s.plan.row_length())) {
        for (int k = 0; k < s.leaves(); ++k) {
            step_[k]   = 1;
            stride_[k] = by_rows_ ? s.plan.strides[k + 1] : simd_width<T>;
            skip_[k]   = by_rows_ ? stride_[k] - n_ : 0;
        }
    }
    void forward(T* y) const { run(s_.type->template forward<T>(), y, nullptr); }
    void reverse(T const* y, T const* g) const { run(s_.type->template reverse<T>(), const_cast<T*>(y), g); }

private:
    static constexpr double operations = 128;  // an element: about as many as a gate takes

    /// Does no adjoint lie in two parts?  One does that all rows share, or that two leaves visit at different times.
    bool alone_in_each_part() const {
        for (int k = 0; k < s_.leaves(); ++k)
            if (o_.fill[k] != Fill::none && (stride_[k] == 0 || o_.shared[k])) return false;
        return true;
    }

    static Index registers(Index n) { return (n + simd_width<T> - 1) / simd_width<T> * simd_width<T>; }

    void run(Loop<T> loop, T* y, T const* g) const {
        Index const count = by_rows_ ? s_.plan.dims[0] : n_ / simd_width<T>, size = by_rows_ ? n_ : simd_width<T>;
        bool const  apart = !g || alone_in_each_part();
        in_parts(count, apart ? static_cast<double>(count * size) * operations : 0, [&](Index begin, Index end) {
            T const* x[max_streams];
            T*       dx[max_streams];
            for (int k = 0; k < s_.leaves(); ++k) {
                x[k]  = o_.x[k] + begin * stride_[k];
                dx[k] = g && o_.dx[k] ? o_.dx[k] + begin * stride_[k] : nullptr;
            }
            Streams<T> const part{y + begin * size, g ? g + begin * size : nullptr, x, dx, step_, skip_, o_.fill, s_.numbers.data()};
            loop(part, by_rows_ ? end - begin : 1, by_rows_ ? n_ : (end - begin) * size);
        });
    }

    Statement const&   s_;
    Operands<T> const& o_;
    bool               by_rows_;
    Index              n_;
    Index              step_[max_streams], stride_[max_streams], skip_[max_streams];
};

template <Real T> void run_forward(Statement const& s, std::span<Window const* const> leaves, Window const& value) {
    Operands<T> o;
    for (int k = 0; k < s.leaves(); ++k) o.x[k] = as<T>(leaves[static_cast<std::size_t>(k)]->data), o.fill[k] = Fill::none;
    T* const y = as<T>(value.data);
    if (s.block) return Block<T>(s, o).forward(y);
    Index const                      n = count(value.shape);
    thread_local std::vector<double> sums;  // in double, because there may be millions; kept, so that a loop does not allocate
    sums.assign(s.reduces() ? static_cast<std::size_t>(n) : 0, 0);
    Row<T> row(s, o, sums.data());
    each_row(s.plan, [&](Index const* offset) { row.forward(y, offset); });
    std::transform(sums.begin(), sums.end(), y, [&](double v) { return static_cast<T>(v * s.scale); });
}

/// May two leaves visit the same element at different times?  Then the loop must add both increments to it.
bool overlap(Window const& a, Window const& b) {
    if (&a == &b || a.node != b.node) return false;
    auto const in_piece  = [](Cover const& c) { return c.kind == Cover::piece || c.kind == Cover::within; };
    bool const cut_alike = in_piece(a.cover) && in_piece(b.cover) && a.cover.axis == b.cover.axis && a.cover.n == b.cover.n;
    if (cut_alike && a.cover.i != b.cover.i) return false;
    return !(a.data == b.data && a.shape == b.shape && a.strides == b.strides);
}
bool overlaps_another(Window const& w, std::span<Window const* const> leaves) {
    return std::any_of(leaves.begin(), leaves.end(), [&](Window const* other) { return overlap(w, *other); });
}

template <Real T> void run_reverse(Statement const& s, Node const& node, Adjoints& adjoints) {
    Operands<T> o;
    for (int k = 0; k < s.leaves(); ++k) {
        Window const& w      = *node.operands[static_cast<std::size_t>(k)];
        bool const    shared = overlaps_another(w, node.operands);
        Target const  t      = shared || s.plan.repeats(k + 1) ? adjoints.into_zeroed(w) : adjoints.into(w);
        o.x[k] = as<T>(w.data), o.dx[k] = as<T>(t.data), o.fill[k] = t.fill, o.shared[k] = shared;
    }
    T const* const y = s.reduces() ? nullptr : as<T>(node.value.data);
    T const* const g = as<T>(adjoints.of(node));
    if (s.block) return Block<T>(s, o).reverse(y, g);
    Row<T> row(s, o);
    each_row(s.plan, [&](Index const* offset) { row.reverse(y, g, offset); });
}

class StatementRule final : public Rule {
public:
    void pull_back(Node const& node, Adjoints& adjoints) const override {
        dispatch(adjoints.tape().dtype(),
                 [&](auto t) { run_reverse<decltype(t)>(*static_cast<Statement const*>(node.attributes), node, adjoints); });
    }
    void recompute(Tape const& tape, Node const& node, Window const& value, std::span<Window const* const> operands) const override {
        dispatch(tape.dtype(), [&](auto t) { run_forward<decltype(t)>(*static_cast<Statement const*>(node.attributes), operands, value); });
    }
    std::string formula(Node const& node, std::span<std::string const> operands) const override {
        auto const&       s    = *static_cast<Statement const*>(node.attributes);
        std::string const term = print(s.type->tokens, operands, s.numbers);
        return s.reduces() ? fmt::format("{}({})", name_of(s.reduction.kind), term) : term;
    }
    std::string_view        name() const override { return "statement"; }
    std::optional<Averaged> averages(Node const& node) const override {
        auto const& s = *static_cast<Statement const*>(node.attributes);
        return s.reduction.kind == Reduction::mean ? std::optional(s.mean) : std::nullopt;
    }
};
constexpr StatementRule rule;

[[noreturn]] void refuse_shapes(Tape const& tape, FormulaType const& type, std::span<Window const* const> leaves,
                                std::span<double const> numbers, Where where) {
    std::vector<std::string> names;
    std::vector<Shown>       shown;
    for (Window const* w : leaves) {
        names.push_back(label(tape, *w));
        if (std::none_of(shown.begin(), shown.end(), [&](Shown const& s) { return s.name == names.back() && s.shape == w->shape; }))
            shown.push_back({names.back(), w->shape});
    }
    throw ShapeError(describe(where, print(type.tokens, names, numbers), "shapes do not broadcast",
                              "sizes that are equal or 1, axis by axis from the last", shown));
}

/// The shape that a formula's leaves broadcast to.
Shape loop_shape(Tape const& tape, FormulaType const& type, std::span<Window const* const> leaves, std::span<double const> numbers,
                 Where where) {
    Shape out = leaves[0]->shape;
    for (Window const* w : leaves.subspan(1))
        if (!(w->shape == out) && !broadcast(out, w->shape)) refuse_shapes(tape, type, leaves, numbers, where);
    if (elements_or_none({out.begin(), out.end()}) < 0)  // of operands that are empty
        throw ShapeError(fmt::format("{}: no array can have the shape {}", text(where), text(out)));
    return out;
}

/// One bit for each axis that is reduced.
std::uint32_t reduced_axes(Shape const& loop, Reduction const& r, Where where) {
    if (r.axes.all) return ~0u;
    std::uint32_t bits = 0;
    for (Index axis : r.axes.list) {
        Index const a = normalized_axis(axis, loop.rank());
        if (a < 0) throw IndexError(fmt::format("{}: there is no axis {} to reduce in the shape {}", text(where), axis, text(loop)));
        bits |= 1u << a;
    }
    return bits;
}

/// The result's shape, and its strides when it is read with the shape of the loop.
std::pair<Shape, Strides> reduced(Shape const& loop, std::uint32_t axes, Reduced how) {
    Shape kept = loop, out;
    for (std::size_t a = 0; a < loop.size(); ++a) {
        bool const gone = axes >> a & 1;
        if (gone) kept[a] = 1;
        if (!gone || how == Reduced::keep) out.push_back(kept[a]);
    }
    return {out, broadcast_strides(kept, row_major(kept), loop)};
}

Plan plan_for(Arena& arena, Shape const& loop, Strides const& result, std::span<Window const* const> leaves) {
    Strides streams[max_streams];
    streams[0]    = result;
    std::size_t k = 1;
    for (Window const* w : leaves) streams[k++] = broadcast_strides(w->shape, w->strides, loop);
    return make_plan(arena, loop, {streams, k});
}

bool all_contiguous(std::span<Window const* const> leaves) {
    return std::all_of(leaves.begin(), leaves.end(), [](Window const* w) { return w->cover.kind == Cover::all && is_contiguous(*w); });
}

/// Is other memory of use behind the end of some array, so that no register may reach over it?
bool any_guest(Tape const& tape, std::span<Window const* const> leaves) {
    return std::any_of(leaves.begin(), leaves.end(), [&](Window const* w) { return w->node != no_node && tape[w->node].host; });
}

bool is_block(Statement const& s, Index width) {
    if (s.plan.rank > 2 || (s.plan.row_length() % width != 0 && !(s.overrun && s.plan.rank == 1))) return false;
    for (int k = 1; k <= s.leaves(); ++k)
        if (s.plan.row_stride(k) != 1) return false;
    return s.plan.row_length() > 0;
}

/// How to walk the arrays; most statements are one row of arrays that are alike.
Statement const& prepare(Tape& tape, FormulaType const& type, std::span<double const> numbers, Shape const& loop, Shape const& out,
                         Strides const& result, std::span<Window const* const> leaves, Reduction const& r) {
    Arena&     arena      = tape.arena();
    Statement& s          = *arena.make<Statement>(&type, arena.copy(numbers), Plan{}, r, Averaged{}, 1.0, true, false, false);
    bool const contiguous = all_contiguous(leaves);
    bool const alike =
        contiguous && !s.reduces() && std::all_of(leaves.begin(), leaves.end(), [&](Window const* w) { return w->shape == loop; });
    s.plan = alike ? one_row_plan(arena, count(loop), type.leaves + 1) : plan_for(arena, loop, result, leaves);
    for (int k = 0; k <= type.leaves; ++k) s.direct &= s.plan.row_stride(k) == 0 || s.plan.row_stride(k) == 1;
    s.direct &= !s.reduces() && s.plan.rank > 0;
    s.overrun = s.plan.rank <= 1 && contiguous && !any_guest(tape, leaves);
    s.block   = s.direct && is_block(s, tape.dtype() == float32 ? simd_width<float> : simd_width<double>);
    if (r.kind != Reduction::mean) return s;
    double const each = static_cast<double>(count(out)) / static_cast<double>(count(loop));
    s.mean.of         = count(out) == 0 ? 0 : count(loop) / count(out);
    s.mean.over       = r.over.value_or(static_cast<double>(s.mean.of));
    s.scale           = r.over ? 1 / *r.over : each;
    return s;
}

}  // namespace

Var record_statement(FormulaType const& type, std::span<Leaf const> leaves, std::span<double const> numbers, Reduction const& reduction,
                     Where where) {
    Tape& tape = [&]() -> Tape& {
        for (auto& l : leaves)
            if (!l.param) return l.var.tape();
        throw TapeError("a term needs a Var");
    }();
    Window const* found[max_streams];
    std::size_t   n = 0;
    for (auto& l : leaves) {
        Var const x = l.param ? tape.lift(*l.param) : l.var;
        found[n++]  = &tape.window(x, where);
    }
    auto const  operands = tape.arena().copy(std::span<Window const* const>(found, n));
    Shape const loop     = loop_shape(tape, type, operands, numbers, where);
    Shape       out      = loop;
    Strides     strides;  // of the result, as the loop sees it
    if (reduction.kind != Reduction::none) std::tie(out, strides) = reduced(loop, reduced_axes(loop, reduction, where), reduction.reduced);
    Node* const node = tape.allocate(out, where);
    if (reduction.kind == Reduction::none) strides = node->value.strides;
    Statement const& s = prepare(tape, type, numbers, loop, out, strides, operands, reduction);
    dispatch(tape.dtype(), [&](auto t) { run_forward<decltype(t)>(s, operands, node->value); });
    return tape.record(node, &rule, operands, &s);
}

}  // namespace unspool
