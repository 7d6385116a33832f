// Records statements: which order of axes suits their loops, and whether they need no stage.
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tuple>
#include <unspool/autograd/backward/adjoints.hpp>
#include <unspool/autograd/cpu/plan.hpp>
#include <unspool/autograd/cpu/threads.hpp>
#include <unspool/autograd/cpu/trace.hpp>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/autograd/statement/derivative.hpp>
#include <unspool/autograd/statement/run.hpp>
#include <unspool/autograd/statement/tiles.hpp>
#include <unspool/autograd/tape/differentiation.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <vector>

namespace unspool::core {

namespace {

/// "axis 1", "axes 0, 2"; nothing for all.
std::vector<Equation> written(Axes axes, Node const& node) {
    if (axes.all || axes.list.empty()) return {};
    Index rank = 0;
    for (Window const* w : node.operands) rank = std::max(rank, static_cast<Index>(w->shape.rank()));
    for (Index& a : axes.list) a += a < 0 ? rank : 0;
    return {fmt::format("ax{}s {}", axes.list.size() == 1 ? "i" : "e", fmt::join(axes.list, ", "))};
}

class StatementRule final : public Rule {
public:
    void pull_back(Node const& node, Adjoints& adjoints) const override {
        dispatch(adjoints.tape().dtype(), [&](auto t) {
            run_reverse<decltype(t)>(*static_cast<Statement const*>(node.attributes), node, adjoints);
        });
    }
    void differentiate(Node const& node, Differentiation& d) const override {
        d.statement(*static_cast<Statement const*>(node.attributes));
    }
    void recompute(Tape const& tape, Node const& node, Window const& value,
                   std::span<Window const* const> operands) const override {
        dispatch(tape.dtype(), [&](auto t) {
            run_forward<decltype(t)>(*static_cast<Statement const*>(node.attributes), operands, value);
        });
    }
    Equation equation(Node const& node, std::span<Equation const> operands) const override {
        auto const& s       = *static_cast<Statement const*>(node.attributes);
        Equation const term = Equation::of(s.type->tokens, operands, s.numbers);
        if (!s.reduces()) return term;
        return Equation::of(operation_of_reduction(s.reduction.kind), {&term, 1}, written(s.reduction.axes, node));
    }
    std::string_view name() const override { return "statement"; }
    std::optional<Averaged> averages(Node const& node) const override {
        auto const& s = *static_cast<Statement const*>(node.attributes);
        return s.reduction.kind == Reduction::mean ? std::optional(s.mean) : std::nullopt;
    }
};
constexpr StatementRule rule;

}  // namespace

Statement const* statement_of(Node const& n) {
    return n.rule == &rule ? static_cast<Statement const*>(n.attributes) : nullptr;
}

namespace {

[[noreturn]] void refuse_shapes(Tape const& tape, FormulaType const& type, std::span<Window const* const> leaves,
                                std::span<double const> numbers, Window const* culprit, Where where) {
    std::vector<Equation> operands;
    std::vector<std::string> names;
    std::vector<Window const*> different;
    std::size_t at = 0;
    for (Window const* w : leaves) {
        operands.push_back(equation_of(tape, *w));
        std::string const name = text(operands.back());
        std::size_t k          = 0;
        while (k < different.size() && !(names[k] == name && different[k]->shape == w->shape)) ++k;
        if (k == different.size()) names.push_back(name), different.push_back(w);
        if (w == culprit) at = k;
    }
    throw ShapeError(describe(where, text(Equation::of(type.tokens, operands, numbers)), "shapes do not broadcast",
                              "sizes that are equal or 1, axis by axis from the last", shown_of(tape, different, at)));
}

/// The shape that a formula's leaves broadcast to.
Shape loop_shape(Tape const& tape, FormulaType const& type, std::span<Window const* const> leaves,
                 std::span<double const> numbers, Where where) {
    Shape out = leaves[0]->shape;
    for (Window const* w : leaves.subspan(1))
        if (!(w->shape == out) && !broadcast(out, w->shape)) refuse_shapes(tape, type, leaves, numbers, w, where);
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
        if (a < 0 || bits >> a & 1u)
            throw IndexError(fmt::format("{}: {}: {}", text(where), operation_of_reduction(r.kind).name,
                                         a < 0 ? fmt::format("there is no axis {} in the shape {}", axis, text(loop))
                                               : fmt::format("axis {} of the shape {} is named twice", a, text(loop))));
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
    for (Window const* w : leaves)
        streams[k++] = w->shape == loop ? w->strides : broadcast_strides(w->shape, w->strides, loop);
    return make_plan(arena, loop, {streams, k});
}

/// Is other memory of use behind the end of some array, so that no register may reach over it?
bool any_guest(Tape const& tape, std::span<Window const* const> leaves) {
    return std::any_of(leaves.begin(), leaves.end(),
                       [&](Window const* w) { return w->node != no_node && tape[w->node].host; });
}

bool is_block(Statement const& s, Index width) {
    if (s.plan.rank > 2 || (s.plan.row_length() % width != 0 && !(s.overrun && s.plan.rank == 1))) return false;
    for (int k = 1; k <= s.leaves(); ++k)
        if (s.plan.row_stride(k) != 1) return false;
    return s.plan.row_length() > 0;
}

/// The leaves of a formula.
struct LeafWindows {
    Window const* list[max_streams];
    std::size_t n   = 0;
    bool contiguous = true, padded = true, alike = true;  // each of them; with room behind it; in shape

    LeafWindows(Tape& tape, std::span<Leaf const> leaves, Where where) {
        for (auto& l : leaves) {
            Window const& w = l.param ? tape.window(tape.lift(*l.param, where), where) : tape.window(l.var, where);
            contiguous &= is_contiguous(w);
            padded &= w.cover.kind == Cover::all;
            alike &= n == 0 || w.shape == list[0]->shape;
            list[n++] = &w;
        }
    }
};

Reduction const none{};

/// What each result of a mean is the mean over.
void weigh(Statement& s, Shape const& loop, Shape const& out) {
    std::optional<double> const& over = s.reduction.over;
    double const each                 = static_cast<double>(count(out)) / static_cast<double>(count(loop));
    s.mean.of                         = count(out) == 0 ? 0 : count(loop) / count(out);
    s.mean.over                       = over.value_or(static_cast<double>(s.mean.of));
    s.scale                           = over ? 1 / *over : each;
}

/// How to walk the arrays; most statements are one row of arrays that are alike.
void prepare(Tape& tape, Statement& s, Shape const& loop, Strides const& result, LeafWindows const& found,
             std::span<Window const* const> leaves) {
    Index const width = tape.dtype() == float32 ? simd_width<float> : simd_width<double>;
    bool const a_row  = found.contiguous && found.alike && !s.reduces();
    if (a_row) {
        s.row_length = count(loop);
        s.plan       = one_row_plan(&s.row_length, s.leaves() + 1);
    } else s.plan = plan_for(tape.arena(), loop, result, leaves);
    if (a_row && (s.row_length & (width - 1)) == 0) {  // a division would take as long as the loop
        s.block = s.row_length > 0;
        return;
    }
    for (int k = 0; k <= s.leaves(); ++k) s.direct &= s.plan.row_stride(k) == 0 || s.plan.row_stride(k) == 1;
    s.direct &= !s.reduces() && s.plan.rank > 0;
    s.overrun = s.type->any_bits && s.plan.rank <= 1 && found.contiguous && found.padded && !any_guest(tape, leaves);
    s.block   = s.direct && is_block(s, width);
    if (!s.block) s.tiling = tiling_of(s.plan, width, s.reduces() && s.plan.row_stride(0) != 0);
}

/// Rows of whole registers, each operand's in one stride or the same for all, for which no plan is needed where no one goes back; false of
/// others.
template <Real T> bool is_at_once(Block& b, LeafWindows const& found, Shape const& loop) {
    bool const a_row = found.contiguous && found.alike;
    if (!a_row && loop.rank() != 2) return false;
    b.rows = a_row ? 1 : loop[0], b.length = a_row ? count(loop) : loop[1];
    if (b.length % simd_width<T> != 0 || b.length == 0 || b.rows == 0) return false;
    for (std::size_t k = 0; k < found.n && !a_row; ++k) {  // of one row, no one asks
        Window const& w = *found.list[k];
        b.stride[k]     = w.shape.rank() == 2 && w.shape[0] > 1 ? w.strides[0] : 0;
        if (w.shape.empty() || w.shape.back() != b.length || w.strides.back() != 1) return false;
    }
    return true;
}

/// The value of such a statement; empty of others.
template <Real T> Var computed_at_once(Tape& tape, FormulaType const& type, LeafWindows const& found,
                                       std::span<double const> numbers, Shape const& loop, Where where) {
    Block b;
    if (!is_at_once<T>(b, found, loop)) return {};
    b.type = &type, b.numbers = numbers.data();
    Node* const node = tape.allocate(loop, where);
    run_forward<T>(b, {found.list, found.n}, node->value.data);
    if (trace_here) trace_forward<T>(tape, b, {found.list, found.n}, node->value.data);
    return {tape, node->value};
}

}  // namespace

Var record_statement(Tape& tape, FormulaType const& type, std::span<Leaf const> leaves, std::span<double const> numbers,
                     Reduction const& reduction, Where where) {
    LeafWindows const found(tape, leaves, where);
    std::span<Window const* const> const given(found.list, found.n);
    Shape joint;  // of those that are not alike
    if (!found.alike) joint = loop_shape(tape, type, given, numbers, where);
    Shape const& loop = found.alike ? found.list[0]->shape : joint;
    bool const kept = tape.recording() || tape.at_weights(), reduces = reduction.kind != Reduction::none;
    if (!kept && !reduces)
        if (Var const y = dispatch(
                tape.dtype(),
                [&](auto t) { return computed_at_once<decltype(t)>(tape, type, found, numbers, loop, where); });
            !y.empty())
            return y;
    Shape out;
    Strides strides;  // of the result, as the loop sees it, where it is not the loop's
    if (reduces) std::tie(out, strides) = reduced(loop, reduced_axes(loop, reduction, where), reduction.reduced);
    Node* const node    = tape.allocate(reduces ? std::as_const(out) : loop, where);
    auto const behind   = kept ? Arena::Mark{} : tape.arena().mark();
    auto const operands = tape.arena().copy(given);
    auto const& how     = reduces ? *tape.arena().make<Reduction>(reduction) : none;
    auto& s             = *tape.arena().make<Statement>(type, tape.arena().copy(numbers), how);
    prepare(tape, s, loop, reduces ? strides : node->value.strides, found, operands);
    if (reduction.kind == Reduction::mean) weigh(s, loop, out);
    dispatch(tape.dtype(), [&](auto t) {
        run_forward<decltype(t)>(s, operands, node->value);
        if (trace_here) trace_forward<decltype(t)>(tape, s, operands, node->value);
    });
    if (kept) return tape.record(node, &rule, operands, &s);
    Var const y = tape.record(node, &rule, operands, &s);
    tape.arena().rewind(behind);  // no one goes back over it
    return y;
}

template Var record_on(Tape&, Var const&, Reduction const&, Where);

}  // namespace unspool::core
