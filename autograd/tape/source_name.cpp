// Which of the statements on a line made a value, and so named it.  Only pictures and errors ask.
#include <algorithm>
#include <optional>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/autograd/source/source.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/tape/source_name.hpp>
#include <vector>

namespace unspool::core {

namespace {

constexpr NodeId nearby = 64;  // how far on the tape the nodes of one line may lie apart

/// Of one statement, and of one step?
bool together(Node const& a, Node const& b) {
    return a.scope == b.scope && same_statement(a.value.where, b.value.where);
}

/// Is there such a node among those that a node is computed from?
template <class F> bool reads(Node const& n, F such) {
    return std::any_of(n.operands.begin(), n.operands.end(), [&](Window const* w) { return such(w->node); });
}

/// Is the value used by another node of its own line?  Then it is a part of what the line assigns.
bool used_on_its_line(Tape const& tape, NodeId id) {
    for (NodeId user = id + 1; user < tape.size() && user - id <= nearby; ++user)
        if (together(tape[user], tape[id]) && reads(tape[user], [&](NodeId read) { return read == id; })) return true;
    return false;
}

/// How many nodes before this one look the same and come from the same line; none where there may be more than are looked at.
std::optional<std::size_t> earlier_likenesses(Tape const& tape, NodeId id, std::string const& like) {
    std::size_t n = 0;
    for (NodeId other = id; other-- > 0 && id - other <= nearby;) {
        if (!together(tape[other], tape[id]) || head(tape[other]) != like) continue;
        if (id - other > nearby / 2) return {};
        ++n;
    }
    return n;
}

/// Is it computed from another node of its line?
bool made_of_another(Tape const& tape, NodeId id) {
    return reads(tape[id], [&](NodeId read) {
        return read != no_node && read < id && id - read <= nearby && together(tape[read], tape[id]);
    });
}

/// Did the call at the outermost of a statement make this node, rather than one of its arguments?  Certain where the line made more
/// nodes than its arguments have calls, and more of this kind than they name, and this one is made of another.
bool made_outermost(Tape const& tape, NodeId id, Assignment const& call) {
    if (call.plain) return true;
    if (used_on_its_line(tape, id)) return false;
    std::string const like = head(tape[id]);
    if (call.records_here()) return times(like, call.arguments) == 0;
    std::size_t nodes = 1, alike = 1;
    for (NodeId other = id; other-- > 0 && id - other <= nearby;) {
        if (!together(tape[other], tape[id])) continue;
        nodes += !tape[other].value.where.part, alike += head(tape[other]) == like;
    }
    return made_of_another(tape, id) && nodes > calls_in(call.arguments).size() && alike > times(like, call.arguments);
}

/// Of a statement that names an operation several times: is this the last of those that one run of it made?
bool last_of_its_kind(Tape const& tape, NodeId id, std::string const& like, std::size_t each) {
    if (used_on_its_line(tape, id)) return false;
    auto const earlier = earlier_likenesses(tape, id, like);
    std::size_t later  = 0;
    for (NodeId other = id + 1; other < tape.size() && other - id <= nearby; ++other)
        later += together(tape[other], tape[id]) && head(tape[other]) == like;
    if (each > 0 && earlier && (*earlier + 1 + later) % each == 0) return (*earlier + 1) % each == 0;
    return later == 0 && made_of_another(tape, id);
}

/// Of the statements that each make one such node: the name of the one that made this.
std::string name_among(std::vector<Assignment const*> const& exact, Tape const& tape, NodeId id,
                       std::string const& like) {
    std::string const first = exact[0]->name();
    if (std::all_of(exact.begin(), exact.end(), [&](Assignment const* a) { return a->name() == first; })) return first;
    if (std::any_of(exact.begin(), exact.end(), [](Assignment const* a) { return a->perhaps; })) return "";
    auto const earlier = earlier_likenesses(tape, id, like);
    return earlier ? exact[*earlier % exact.size()]->name() : "";
}

/// The layers whose matrices a node multiplies by: `Wk(h)` reads "Wk.weight", which is called so by who made the layer.
std::string layers_of(Tape const& tape, Node const& n) {
    constexpr std::string_view of_a_layer = ".weight";
    std::string out;
    for (Window const* w : n.operands) {
        if (w->node == no_node || !tape[w->node].param) continue;
        std::string_view path = tape[w->node].param->path();
        if (!path.ends_with(of_a_layer)) continue;
        path.remove_suffix(of_a_layer.size());
        out += path.substr(path.rfind('.') + 1);
        out += ' ';
    }
    return out;
}

/// Is every function that the line calls one that its nodes compute, or a layer that they use?  Any other may record what it likes.
bool all_known(Tape const& tape, NodeId id, std::vector<Assignment> const& line) {
    std::vector<std::string> unknown;
    for (Assignment const& a : line)
        for (std::string const& f : calls_in(a.right))
            if (f != "Var") unknown.push_back(f);
    NodeId const end = std::min<NodeId>(tape.size(), id + nearby);
    for (NodeId other = id - std::min(id, nearby); other < end && !unknown.empty(); ++other) {
        Node const& n = tape[other];
        if (!together(n, tape[id])) continue;
        std::string computed = head(n) + " " + layers_of(tape, n);
        if (n.rule) computed += text(n.rule->equation(n, std::vector<Equation>(n.operands.size(), "x")));
        std::erase_if(unknown, [&](std::string const& f) { return times(f, computed) > 0; });
    }
    return unknown.empty();
}

/// Does the line call a layer whose matrix this node multiplies by?  Then that may have made it, whatever the line names besides.
bool calls_its_layer(Tape const& tape, NodeId id, std::vector<Assignment> const& line) {
    std::string const layers = layers_of(tape, tape[id]);
    for (Assignment const& a : line)
        for (std::string const& f : calls_in(a.right))
            if (times(f, layers) > 0) return true;
    return false;
}

/// Of several statements on a line: the one that is no more than a call of a layer whose matrix this node multiplies by, `in = wi(x)`.
std::string name_by_layer(Tape const& tape, NodeId id, std::vector<Assignment const*> const& calls,
                          std::vector<Assignment> const& line) {
    if (used_on_its_line(tape, id) || made_of_another(tape, id)) return "";
    std::string const layers = layers_of(tape, tape[id]);
    Assignment const* found  = nullptr;
    std::size_t named        = 0;
    for (Assignment const* a : calls)
        if (a->plain && a->once && !a->perhaps && times(a->head, layers) == 1) found = a;
    for (Assignment const& a : line) named += found ? times(found->head, a.right) : 0;
    return named == 1 ? found->name() : "";
}

}  // namespace

std::string assigned_name(Tape const& tape, NodeId id) {
    if (tape[id].value.where.part) return "";
    std::string const like = head(tape[id]);
    std::vector<Assignment const*> exact, calls;
    std::size_t computing = 0, mentioned = 0;
    std::vector<Assignment> const& line = assignments(tape[id].value.where);
    for (Assignment const& a : line) {
        bool const branch = a.perhaps && &a != &line[0] && (&a)[-1].names == a.names;  // of one that is counted
        computing += a.computes() && !branch, mentioned += a.mentions(like);
        if (a.head == like) exact.push_back(&a);
        else if (a.right.find('(') != std::string::npos && is_function(a.head)) calls.push_back(&a);
    }
    if (tape[id].rule && (computing > 1 || used_on_its_line(tape, id)) && !all_known(tape, id, line)) return "";
    if (tape[id].rule && computing > 1 && is_function(like) && calls_its_layer(tape, id, line))
        return mentioned == 0 ? name_by_layer(tape, id, calls, line) : "";
    if (exact.size() == mentioned && !exact.empty()) return name_among(exact, tape, id, like);
    if (computing > 1 || !tape[id].rule) return "";
    if (!exact.empty()) return last_of_its_kind(tape, id, like, mentioned) ? exact[0]->name() : "";
    return calls.size() == 1 && made_outermost(tape, id, *calls[0]) ? calls[0]->name() : "";
}

std::string viewing_name(Window const& w) {
    bool const indexed = w.viewing.kind == Viewing::index;
    std::vector<Assignment const*> all, with_number;
    bool numbers = true;
    for (Assignment const& a : assignments(w.where)) {
        if (w.viewing.kind == Viewing::piece && a.head == "split" &&
            a.names.size() == static_cast<std::size_t>(w.viewing.end))
            return a.names[static_cast<std::size_t>(w.viewing.begin)];
        if (!a.makes(w.viewing) || !a.once) continue;
        std::string_view const number = indexed && a.head == "[]" ? a.literal_index() : "";
        numbers &= !number.empty();
        all.push_back(&a);
        if (number == std::to_string(w.viewing.begin)) with_number.push_back(&a);
    }
    if (all.size() == 1 && (!numbers || with_number.size() == 1)) return all[0]->name();
    return numbers && with_number.size() == 1 ? with_number[0]->name() : "";
}

}  // namespace unspool::core
