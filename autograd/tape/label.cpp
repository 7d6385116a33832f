// How values are called and written: by their names, or by what they are computed from.  Only pictures and errors ask.
#include <fmt/format.h>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/tape/source_name.hpp>
#include <unspool/autograd/text/elided.hpp>
#include <vector>

namespace unspool::core {

namespace {

bool is(Equation const& e, Strength s) { return e.outermost().op && e.outermost().op->strength == s; }

/// Of what is compared, as the reader of source lines sees it, for which angle brackets are no operators.
std::string head_of_comparison(std::vector<Equation> const& compared) {
    for (Strength s : {Strength::sum, Strength::product})
        for (Equation const* e : {&compared[1], &compared[0]})
            if (is(*e, s)) return e->outermost().op->name;
    if (is(compared[0], Strength::sign)) return "-";
    Equation::Term const& last = compared[1].outermost();
    return last.op && last.op->form == Operation::call ? last.op->name : "";
}

std::string leading_axes(Index n) {
    std::string out;
    while (n-- > 0) out += ":,";
    return out;
}

}  // namespace

std::string head(Node const& n) {
    if (!n.rule) return n.requires_grad ? "input" : "constant";
    if (n.rule->name() != "statement") return std::string(n.rule->name());
    Equation const e = n.rule->equation(n, std::vector<Equation>(n.operands.size(), "x"));
    if (is(e, Strength::comparison)) return head_of_comparison(e.operands());
    return e.outermost().op ? e.outermost().op->name : "";
}

Equation viewed(Equation of, Viewing const& v) {
    auto const part = [&](std::string const& which) { return Equation::part(std::move(of), which); };
    switch (v.kind) {
        case Viewing::index: return part(fmt::format("[{}{}]", leading_axes(v.axis), v.begin));
        case Viewing::slice: return part(fmt::format("[{}{}:{}]", leading_axes(v.axis), v.begin, v.end));
        case Viewing::stepped: {
            std::string const end = v.end == Viewing::to_the_end ? "" : std::to_string(v.end);
            return part(fmt::format("[{}{}:{}:{}]", leading_axes(v.axis), v.begin, end, v.step));
        }
        case Viewing::flip: return part(fmt::format("[{}::-1]", leading_axes(v.axis)));
        case Viewing::piece: return part(fmt::format("[{} of {}]", v.begin, v.end));
        case Viewing::transpose: return Equation::transposed(std::move(of));
        case Viewing::whole:
        case Viewing::reshape:
        case Viewing::expand: return of;
    }
    return of;
}

std::string given_name(Tape const& tape, Window const& w) {
    if (!w.name.empty()) return std::string(w.name);
    if (w.viewing.kind != Viewing::whole) return viewing_name(w);
    if (w.node == no_node) return "";
    return tape[w.node].param ? tape[w.node].param->path() : assigned_name(tape, w.node);
}

namespace {

constexpr int deepest = 4;  // parts of a statement within parts

Equation equation_of(Tape const&, Window const&, int depth);

Equation shortened(Equation e, std::size_t most) {
    std::string const s = text(e);
    return s.size() <= most ? std::move(e) : Equation(elided(s, most));
}

/// As it is written in the statement that it is a part of.
Equation equation_of(Tape const& tape, Node const& n, int depth) {
    if (depth == deepest) return "…";
    std::size_t const most = n.rule->name() == "statement" ? n.operands.size() : most_operands;
    auto const operands    = some_texts(n.operands.size(), most,
                                        [&](std::size_t k) { return equation_of(tape, *n.operands[k], depth + 1); });
    return shortened(n.rule->equation(n, operands), longest_text);
}

/// Of all that a node computed, or of what is on no tape.
Equation equation_of_whole(Tape const& tape, NodeId id, int depth) {
    if (id == no_node) return "a constant";
    Node const& n = tape[id];
    return n.rule && n.value.where.part ? equation_of(tape, n, depth) : Equation(fmt::format("%{}", id));
}

Equation equation_of(Tape const& tape, Window const& w, int depth) {
    std::vector<Viewing> taken;
    Window const* v  = &w;
    std::string name = elided(given_name(tape, w), longest_name);
    for (; name.empty() && v->parent && taken.size() < most_views; name = elided(given_name(tape, *v), longest_name))
        taken.push_back(v->viewing), v = v->parent;
    bool const far = name.empty() && v->parent;
    if (far && v->node != no_node) name = elided(given_name(tape, tape[v->node].value), longest_name);
    Equation out = name.empty() ? equation_of_whole(tape, v->node, depth) : Equation(name);
    if (far) taken.resize(most_views / 2), out = Equation::part(std::move(out), " … ");
    for (; !taken.empty(); taken.pop_back()) out = viewed(std::move(out), taken.back());
    return out;
}

template <class Label, class ShapeOf>
std::vector<Shown> shown_of(std::size_t n, std::size_t also, Label const& label_of, ShapeOf const& shape_of) {
    std::vector<Shown> out;
    std::size_t next = 0;
    for (std::size_t k : some_of(n, 8, also)) {
        if (k > next) out.push_back({fmt::format("… {} more", k - next)});
        out.push_back({label_of(k), shape_of(k)});
        next = k + 1;
    }
    return out;
}

}  // namespace

Equation equation_of(Tape const& tape, Window const& w) { return equation_of(tape, w, 0); }
std::string label(Tape const& tape, Window const& w) { return text(equation_of(tape, w)); }
std::string label(Var const& x) { return label(x.tape(), x.window()); }
std::string formula_of(Tape const& tape, Node const& n) { return text(equation_of(tape, n, 0)); }

std::vector<Shown> shown_of(Tape const& tape, std::span<Window const* const> operands, std::size_t also) {
    return shown_of(
        operands.size(), also, [&](std::size_t k) { return label(tape, *operands[k]); },
        [&](std::size_t k) { return operands[k]->shape; });
}

std::vector<Shown> shown_of(std::span<Var const> xs, std::size_t also) {
    return shown_of(
        xs.size(), also, [&](std::size_t k) { return label(xs[k]); }, [&](std::size_t k) { return xs[k].shape(); });
}

}  // namespace unspool::core
