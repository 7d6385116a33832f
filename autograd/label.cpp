// Which of the statements on a line made a value, and so named it.  Only pictures and errors ask.
#include <fmt/format.h>
#include <unspool/autograd/elided.hpp>
#include <unspool/autograd/label.hpp>
#include <unspool/autograd/params.hpp>
#include <unspool/autograd/source.hpp>
#include <vector>

namespace unspool {

std::string head(Node const& n) {
    if (!n.rule) return n.requires_grad ? "input" : "constant";
    if (n.rule->name() != "statement") return std::string(n.rule->name());
    return head_of(n.rule->formula(n, std::vector<std::string>(n.operands.size(), "x")));
}

namespace {

constexpr NodeId nearby = 64;  // how far on the tape the nodes of one line may lie apart

/// Is the value used by another node of its own line?  Then it is a part of what the line assigns.
bool used_on_its_line(Tape const& tape, NodeId id) {
    for (NodeId user = id + 1; user < tape.size() && user - id <= nearby; ++user) {
        if (!same_statement(tape[user].value.where, tape[id].value.where)) continue;
        for (Window const* w : tape[user].operands)
            if (w->node == id) return true;
    }
    return false;
}

/// How many nodes before this one look the same and come from the same line.
std::size_t earlier_likenesses(Tape const& tape, NodeId id, std::string const& like) {
    std::size_t n = 0;
    for (NodeId other = id; other-- > 0 && id - other <= nearby;)
        n += same_statement(tape[other].value.where, tape[id].value.where) && tape[other].scope == tape[id].scope &&
             head(tape[other]) == like;
    return n;
}

std::string single_name(Assignment const& a) { return a.names.size() == 1 ? a.names[0] : ""; }

std::string assigned_name(Tape const& tape, NodeId id) {
    if (tape[id].value.where.part) return "";
    std::string const              like = head(tape[id]);
    std::vector<Assignment const*> exact, calls;
    for (Assignment const& a : assignments(tape[id].value.where)) {
        if (a.head == like) exact.push_back(&a);
        else if (a.right.find('(') != std::string::npos && a.head.size() > 1) calls.push_back(&a);
    }
    if (!exact.empty()) {
        Assignment const& a = *exact[exact.size() == 1 ? 0 : earlier_likenesses(tape, id, like) % exact.size()];
        return a.once || !used_on_its_line(tape, id) ? single_name(a) : "";
    }
    if (calls.size() != 1 || !tape[id].rule) return "";
    return calls[0]->plain || !used_on_its_line(tape, id) ? single_name(*calls[0]) : "";
}

/// `Var x = xs[t];`, `auto [i, f, g, o] = split<4>(z);`
std::string viewing_name(Window const& w) {
    bool const piece = w.viewing.kind == Viewing::piece;
    for (Assignment const& a : assignments(w.where)) {
        if (piece && a.head == "split" && a.names.size() == static_cast<std::size_t>(w.viewing.end))
            return a.names[static_cast<std::size_t>(w.viewing.begin)];
        if (w.viewing.kind == Viewing::index && (a.head == "[]" || a.head == "index") && a.once) return single_name(a);
        if (w.viewing.kind == Viewing::slice && a.head == "slice" && a.once) return single_name(a);
        if (piece && a.head == "piece" && a.once) return single_name(a);
    }
    return "";
}

std::string leading_axes(Index n) {
    std::string out;
    while (n-- > 0) out += ":,";
    return out;
}

}  // namespace

std::string viewed(std::string const& of, Viewing const& v) {
    switch (v.kind) {
        case Viewing::index: return fmt::format("{}[{}{}]", of, leading_axes(v.axis), v.begin);
        case Viewing::slice: return fmt::format("{}[{}{}:{}]", of, leading_axes(v.axis), v.begin, v.end);
        case Viewing::stepped: {
            std::string const end = v.end == Viewing::to_the_end ? "" : std::to_string(v.end);
            return fmt::format("{}[{}{}:{}:{}]", of, leading_axes(v.axis), v.begin, end, v.step);
        }
        case Viewing::flip: return fmt::format("{}[{}::-1]", of, leading_axes(v.axis));
        case Viewing::piece: return fmt::format("{}[{} of {}]", of, v.begin, v.end);
        case Viewing::transpose: return of + "ᵀ";
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

std::string label(Tape const&, Window const&, int depth);

/// As it is written in the statement that it is a part of.
std::string formula_of(Tape const& tape, Node const& n, int depth) {
    if (depth == deepest) return "…";
    std::size_t const most  = n.rule->name() == "statement" ? n.operands.size() : most_operands;
    auto const        texts = some_texts(n.operands.size(), most, [&](std::size_t k) { return label(tape, *n.operands[k], depth + 1); });
    return elided(n.rule->formula(n, texts), longest_text);
}

/// Of all that a node computed, or of what is on no tape.
std::string label_of_whole(Tape const& tape, NodeId id, int depth) {
    if (id == no_node) return "a constant";
    Node const& n = tape[id];
    return n.rule && n.value.where.part ? formula_of(tape, n, depth) : fmt::format("%{}", id);
}

std::string label(Tape const& tape, Window const& w, int depth) {
    std::vector<Viewing> taken;
    Window const*        v   = &w;
    std::string          out = elided(given_name(tape, w), longest_name);
    for (; out.empty() && v->parent && taken.size() < most_views; out = elided(given_name(tape, *v), longest_name))
        taken.push_back(v->viewing), v = v->parent;
    if (bool const far = out.empty() && v->parent; far) {
        if (v->node != no_node) out = elided(given_name(tape, tape[v->node].value), longest_name);
        taken.resize(most_views / 2);
        out = (out.empty() ? label_of_whole(tape, v->node, depth) : out) + " … ";
    }
    if (out.empty()) out = label_of_whole(tape, v->node, depth);
    for (; !taken.empty(); taken.pop_back()) out = viewed(out, taken.back());
    return out;
}

template <class Label, class ShapeOf>
std::vector<Shown> shown_of(std::size_t n, std::size_t also, Label const& label_of, ShapeOf const& shape_of) {
    std::vector<Shown> out;
    std::size_t        next = 0;
    for (std::size_t k : some_of(n, 8, also)) {
        if (k > next) out.push_back({fmt::format("… {} more", k - next)});
        out.push_back({label_of(k), shape_of(k)});
        next = k + 1;
    }
    return out;
}

}  // namespace

std::string label(Tape const& tape, Window const& w) { return label(tape, w, 0); }
std::string label(Var const& x) { return label(x.tape(), x.window()); }
std::string formula_of(Tape const& tape, Node const& n) { return formula_of(tape, n, 0); }

std::vector<Shown> shown_of(Tape const& tape, std::span<Window const* const> operands, std::size_t also) {
    return shown_of(
        operands.size(), also, [&](std::size_t k) { return label(tape, *operands[k]); }, [&](std::size_t k) { return operands[k]->shape; });
}

std::vector<Shown> shown_of(std::span<Var const> xs, std::size_t also) {
    return shown_of(
        xs.size(), also, [&](std::size_t k) { return label(xs[k]); }, [&](std::size_t k) { return xs[k].shape(); });
}

}  // namespace unspool
