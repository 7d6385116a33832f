// How sums of projections are recorded, for a whole sequence at once where a scan visits it.
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <unspool/autograd/backward/adjoints.hpp>
#include <unspool/autograd/cpu/trace.hpp>
#include <unspool/autograd/statement/derivative.hpp>
#include <unspool/autograd/tape/at_weights.hpp>
#include <unspool/autograd/tape/differentiation.hpp>
#include <unspool/autograd/tape/hoisting.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <unspool/ops/linalg/linalg.hpp>
#include <unspool/ops/linalg/projection.hpp>
#include <unspool/ops/linalg/sum_of_projections.hpp>
#include <vector>

namespace unspool::core {

namespace {

constexpr std::size_t most       = SumOfProjections::most;
constexpr Signature without_bias = "[...,k] [n,k] -> [...,n]", with_bias = "[...,k] [n,k] [n] -> [...,n]";

Shape result_shape(JoinedOperands const& s, std::size_t k) {
    Shape out  = s.x(k).shape;
    out.back() = s.weight(k).shape[0];
    return out;
}

/// Throws ShapeError unless the product, and the bias, if there is one, have shapes that fit.
void require_fit(Tape const& tape, Window const& x, Window const& w, Window const* b, Where where) {
    bool const fit = x.shape.rank() >= 1 && w.shape.rank() == 2 && x.shape.back() == w.shape[1] &&
                     (!b || (b->shape.rank() == 1 && b->shape[0] == w.shape[0]));
    if (fit) return;
    if (b) with_bias.infer(tape, Projection::name, std::array{&x, &w, b}, where);
    else without_bias.infer(tape, Projection::name, std::array{&x, &w}, where);
}

/// Are all products of one shape?
bool alike(JoinedOperands const& s) {
    Shape const& first = s.x(0).shape;
    for (std::size_t k = 1; k < s.attributes.products; ++k) {
        Shape const& x = s.x(k).shape;
        if (x.rank() != first.rank() || s.weight(k).shape[0] != s.weight(0).shape[0]) return false;
        if (!std::equal(x.begin(), x.end() - 1, first.begin())) return false;
    }
    return true;
}

JoinedOperands read(Tape& tape, std::span<Projection const> parts) {
    JoinedOperands s;
    Window const* biases[most] = {};
    auto on                    = [&](Projection::Known const& a, Where where) -> Window const& {
        return tape.window(a.on(tape, where), where);
    };
    for (std::size_t k = 0; k < parts.size(); ++k) {
        Projection const& p = parts[k];
        s.product(on(p.x, p.where), on(p.weight, p.where));
        biases[k] = p.bias ? &on(*p.bias, p.where) : nullptr;
        require_fit(tape, s.x(k), s.weight(k), biases[k], p.where);
    }
    for (std::size_t k = 0; k < parts.size(); ++k) {
        if (tape.at_weights() || s.x(k).shape.rank() > 2)  // rows of a matrix are regular
            s.list[2 * k] =
                &with_regular_rows(at_weight(parts[k].x.on(tape, parts[k].where), parts[k].where), parts[k].where)
                     .window();
        if (biases[k]) s.add_bias(*biases[k], k);
    }
    return s;
}

Index rows(Window const& x) { return x.shape.rank() == 2 ? x.shape[0] : rows_of(x.shape, x.strides).n; }

/// A product that is computed for many steps at once.
struct Hoist {
    std::size_t k  = most;  // which; most: none
    Index at_once  = 1;     // elements in one product
    Index in_block = 1;     // and in all that are computed when the first is asked for
};

/// The product whose x is an element of the sequence being scanned, if what it is multiplied with is the same at all steps.
Hoist hoistable(Tape const& tape, JoinedOperands const& s) {
    Scanning const* scan = tape.scanning();
    if (!scan || !tape.mechanisms.hoist) return {};
    Index const n = rows(s.x(0)), at_once = products_at_once(n);
    auto const bias = s.bias();
    if (at_once == 1 || !std::all_of(bias.begin(), bias.end(), [&](Window const* b) { return scan->precedes(*b); }))
        return {};
    Index const bytes = count(result_shape(s, 0)) * static_cast<Index>(size_of(tape.dtype()));
    for (std::size_t k = 0; k < s.attributes.products; ++k)
        if (scan->visits(s.x(k)) && scan->precedes(s.weight(k)))
            return {k, at_once, scan->reuses() ? products_in_block(n, bytes) : at_once};
    return {};
}

/// Memory of elements that do not know, on a paused tape, that others are around them: registers may reach over the end of the last one, too.
void* with_room_behind(Tape& tape, Shape const& shape, Where where) {
    auto const room = static_cast<Index>(Arena::alignment / size_of(tape.dtype()));
    return tape.allocate({count(shape) + room}, where)->value.data;
}

/// That product, for a block of the sequence, with all biases, and which element this step is at; none if that has been overwritten.
Scanning::Element hoisted(Tape& tape, JoinedOperands const& s, Hoist const& how, Where where) {
    Window const* others[most + 1] = {&s.weight(how.k)};
    std::copy(s.bias().begin(), s.bias().end(), others + 1);
    Scanning& scan = *tape.scanning();
    return scan.take_element(
        s.x(how.k), {others, s.biases + 1}, how.in_block, [&](Var xs, Index begin, Index end, void* place) {
            std::optional<AtOnce> apart;  // not of a scan in a step, which is a part of the step
            if (scan.reuses()) apart.emplace();
            JoinedOperands whole;
            whole.product(with_regular_rows(slice(xs, 0, begin, end, where), where).window(), s.weight(how.k));
            for (Window const* b : s.bias()) whole.add_bias(*b, 0);
            Shape const shape = result_shape(whole, 0);
            Index const n = rows(s.x(how.k)), rest = scan.reverse() ? (end - begin) % how.at_once : 0;
            if (!place && !tape.recording()) place = with_room_behind(tape, shape, where);
            return record_sum(tape, place ? tape.allocate_at(place, shape, where) : tape.allocate(shape, where), whole,
                              {n * how.at_once, n * rest});
        });
}

Var record_joined(Tape& tape, JoinedOperands& s, Where where) {
    Hoist const how              = hoistable(tape, s);
    Scanning::Element const host = how.k == most ? Scanning::Element{} : hoisted(tape, s, how, where);
    if (trace_here && how.k != most && !tape.scanning()->is_at(s.x(how.k)))
        trace_here->give_up();  // the step whose element this is will find its place taken
    if (host.all.empty()) return record_sum(tape, tape.allocate(result_shape(s, 0), where), s);
    s.attributes.hosted = how.k;
    return record_sum(tape, tape.allocate_in(host.all, At(host.i, s.x(how.k).where), where), s);
}

/// As the formula says it: one node for each projection, and one for each sum.
Var record_apart(Tape& tape, std::span<Projection const> parts, Where where) {
    auto single = [&](Projection const& p) { return record_projections(tape, std::span(&p, 1), where.inside()); };
    Var out     = single(parts[0]);
    for (std::size_t k = 1; k < parts.size(); ++k)
        out = Var(out + single(parts[k]), k + 1 == parts.size() ? where : where.inside());
    return out;
}

std::array<Projection::Known const*, 3> arguments(Projection const& p) {
    return {&p.x, &p.weight, p.bias ? &*p.bias : &p.weight};
}

Tape::Mark before(Tape const& tape, std::span<Projection const> parts) {
    Tape::Mark out = tape.mark();
    for (auto& p : parts)
        for (auto const* a : arguments(p))
            if (a->before && a->before->memory < out.memory) out = *a->before;
    return out;
}

}  // namespace

Tape& tape_of(std::span<Projection const> parts, Where where) {
    for (auto& p : parts)
        for (auto const* a : arguments(p))
            if (!a->param) return a->var.tape(where);
    return common_tape(std::array{Argument(*parts[0].x.param)}, Projection::name, parts[0].where);
}

Var record_projections(Tape& tape, std::span<Projection const> parts, Where statement) {
    Where where = parts.size() == 1 ? parts[0].where : statement;
    where.part  = statement.part;
    return attempted(tape, before(tape, parts), [&] {
        if (parts.size() == 1 || (parts.size() <= most && tape.mechanisms.fuse))
            if (JoinedOperands s = read(tape, parts); alike(s)) return record_joined(tape, s, where);
        return record_apart(tape, parts, where);
    });
}

std::vector<Example> Projection::examples() {
    using Xs         = std::span<Var const>;
    auto const plain = [](Tape&, Xs v) -> Var { return linear(v[0], v[1]); };
    auto const added = [](Tape&, Xs v) -> Var { return linear(v[0], v[1], v[2]); };
    auto const two   = [](Tape&, Xs v) -> Var { return linear(v[0], v[1], v[2]) + linear(v[3], v[4]); };
    auto const three = [](Tape&, Xs v) -> Var {
        return linear(v[0], v[1]) + linear(v[2], v[3], v[4]) + linear(v[0], v[5], v[6]);
    };
    auto const steps = [](Tape&, Xs v) -> Var {
        Scanning const scanning(v[0]);
        Var h = v[1];
        for (Index t = 0; t < v[0].size(0); ++t) h = linear(h, v[2]) + linear(v[0][t], v[3], v[4]);
        return h;
    };
    std::vector<Example> out;
    for (auto const& [what, lead] :
         {std::pair{"a vector", Shape{}}, {"a batch", Shape{4}}, {"a sequence", Shape{4, 5}}}) {
        out.push_back({what, without_bias.examples(lead), plain});
        out.push_back({fmt::format("{}, with a bias", what), with_bias.examples(lead), added});
    }
    out.push_back({"as many rows as results", {{4, 3}, {4, 3}}, plain});
    out.push_back({"a sum of two", {{4, 3}, {5, 3}, {5}, {4, 2}, {5, 2}}, two});
    out.push_back({"a sum of three", {{2, 3}, {4, 3}, {2, 5}, {4, 5}, {4}, {4, 3}, {4}}, three});
    out.push_back({"a sum of different shapes", {{4, 3}, {5, 3}, {5}, {2}, {5, 2}}, two});
    out.push_back({"a recurrence", {{3, 2, 4}, {2, 5}, {5, 5}, {5, 4}, {5}}, steps});
    return out;
}

}  // namespace unspool::core
