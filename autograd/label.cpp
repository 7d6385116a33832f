// Which of the statements on a line made a value, and so named it.  Only pictures and errors ask.
#include <fmt/format.h>
#include <unspool/autograd/label.hpp>
#include <unspool/autograd/params.hpp>
#include <unspool/autograd/source.hpp>
#include <vector>

namespace unspool {

namespace {

constexpr NodeId nearby = 64;  // how far on the tape the nodes of one line may lie apart

/// As source code would call it at its outermost.
std::string head(Node const& n) {
    if (!n.rule) return n.requires_grad ? "input" : "constant";
    if (n.rule->name() != "statement") return std::string(n.rule->name());
    return head_of(n.rule->formula(n, std::vector<std::string>(n.operands.size(), "x")));
}

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

std::string label(Tape const& tape, Window const& w) {
    std::string const name = given_name(tape, w);
    if (!name.empty()) return name;
    if (w.parent) return viewed(label(tape, *w.parent), w.viewing);
    if (w.node == no_node) return "a constant";
    Node const& n = tape[w.node];
    if (!n.rule || !n.value.where.part) return fmt::format("%{}", w.node);
    std::vector<std::string> operands;  // of a part of one statement, as it is written there
    for (Window const* x : n.operands) operands.push_back(label(tape, *x));
    return n.rule->formula(n, operands);
}

std::string label(Var const& x) { return label(x.tape(), x.window()); }

}  // namespace unspool
