// Which of the statements on a line made a value, and so named it.  Only pictures and errors ask.
#include <fmt/format.h>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/autograd/source/source.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/params.hpp>
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

}  // namespace

std::string head(Node const& n) {
    if (!n.rule) return n.requires_grad ? "input" : "constant";
    if (n.rule->name() != "statement") return std::string(n.rule->name());
    Equation const e = n.rule->equation(n, std::vector<Equation>(n.operands.size(), "x"));
    if (is(e, Strength::comparison)) return head_of_comparison(e.operands());
    return e.outermost().op ? e.outermost().op->name : "";
}

namespace {

constexpr NodeId nearby = 64;  // how far on the tape the nodes of one line may lie apart

/// Of one statement, and of one step?
bool together(Node const& a, Node const& b) {
    return a.scope == b.scope && same_statement(a.value.where, b.value.where);
}

/// Is the value used by another node of its own line?  Then it is a part of what the line assigns.
bool used_on_its_line(Tape const& tape, NodeId id) {
    for (NodeId user = id + 1; user < tape.size() && user - id <= nearby; ++user) {
        if (!together(tape[user], tape[id])) continue;
        for (Window const* w : tape[user].operands)
            if (w->node == id) return true;
    }
    return false;
}

/// How many nodes before this one look the same and come from the same line.
std::size_t earlier_likenesses(Tape const& tape, NodeId id, std::string const& like) {
    std::size_t n = 0;
    for (NodeId other = id; other-- > 0 && id - other <= nearby;)
        n += together(tape[other], tape[id]) && head(tape[other]) == like;
    return n;
}

/// Did the call at the outermost of a statement make this node, rather than one of its arguments?  Certain where the line made more
/// nodes than its arguments have calls, and more of this kind than they name, and this one is made of another.
bool made_outermost(Tape const& tape, NodeId id, Assignment const& call) {
    if (call.plain) return true;
    if (used_on_its_line(tape, id)) return false;
    if (call.head == "apply" || call.head == "custom") return true;  // which record where they are called
    std::string const like = head(tape[id]);
    std::size_t nodes = 1, alike = 1;
    bool of_another = false;
    for (NodeId other = id; other-- > 0 && id - other <= nearby;) {
        if (!together(tape[other], tape[id])) continue;
        ++nodes, alike += head(tape[other]) == like;
        for (Window const* w : tape[id].operands) of_another |= w->node == other;
    }
    return of_another && nodes > calls_in(call.arguments) && alike > times(like, call.arguments);
}

std::string single_name(Assignment const& a) { return a.names.size() == 1 ? a.names[0] : ""; }

bool is_function(std::string const& head) {
    return !head.empty() && (std::isalpha(static_cast<unsigned char>(head[0])) || head[0] == '_');
}

bool computes(Assignment const& a) { return !a.head.empty() && a.head != "[]"; }

/// How many nodes of this head a statement may make.
std::size_t mentions(Assignment const& a, std::string const& like) {
    return a.head == like && a.once ? 1 : times(like, a.right);
}

/// Of a statement that names an operation several times: is this the last of those that one run of it made?
bool last_of_its_kind(Tape const& tape, NodeId id, std::string const& like, std::size_t each) {
    if (used_on_its_line(tape, id)) return false;
    std::size_t const earlier = earlier_likenesses(tape, id, like);
    std::size_t later         = 0;
    for (NodeId other = id + 1; other < tape.size() && other - id <= nearby; ++other)
        later += together(tape[other], tape[id]) && head(tape[other]) == like;
    return (earlier + 1 + later) % each == 0 ? (earlier + 1) % each == 0 : later == 0;
}

std::string assigned_name(Tape const& tape, NodeId id) {
    if (tape[id].value.where.part) return "";
    std::string const like = head(tape[id]);
    std::vector<Assignment const*> exact, calls;
    std::size_t computing = 0, mentioned = 0;
    for (Assignment const& a : assignments(tape[id].value.where)) {
        computing += computes(a), mentioned += mentions(a, like);
        if (a.head == like) exact.push_back(&a);
        else if (a.right.find('(') != std::string::npos && is_function(a.head)) calls.push_back(&a);
    }
    if (exact.size() == mentioned && !exact.empty())
        return single_name(*exact[exact.size() == 1 ? 0 : earlier_likenesses(tape, id, like) % exact.size()]);
    if (computing > 1 || !tape[id].rule) return "";
    if (!exact.empty()) return last_of_its_kind(tape, id, like, mentioned) ? single_name(*exact[0]) : "";
    return calls.size() == 1 && made_outermost(tape, id, *calls[0]) ? single_name(*calls[0]) : "";
}

/// The number in `xs[3]`; none where it is computed.
std::string_view literal_index(std::string_view right) {
    std::size_t const close = right.rfind(']'), open = right.rfind('[', close);
    if (close == std::string_view::npos || open == std::string_view::npos) return {};
    std::string_view const inside = right.substr(open + 1, close - open - 1);
    return inside.find_first_not_of("0123456789") == std::string_view::npos ? inside : std::string_view();
}

/// `f(x, [&]`, where the rest of a lambda was cut off.
bool ends_in_capture(std::string_view right) {
    std::size_t const open = right.rfind('[');
    return open + 1 < right.size() && std::string_view("&=]").find(right[open + 1]) != std::string_view::npos;
}

bool takes(Assignment const& a, Viewing const& v) {
    switch (v.kind) {
        case Viewing::index: return (a.head == "[]" && !ends_in_capture(a.right)) || a.head == "index";
        case Viewing::slice: return a.head == "slice";
        case Viewing::piece: return a.head == "piece";
        default: return false;
    }
}

/// `Var x = xs[t];`, `auto [i, f, g, o] = split<4>(z);`, `Var a = xs[0], b = xs[1];`; none where it could be another's.
std::string viewing_name(Window const& w) {
    bool const indexed = w.viewing.kind == Viewing::index;
    std::vector<Assignment const*> all, with_number;
    bool numbers = true;
    for (Assignment const& a : assignments(w.where)) {
        if (w.viewing.kind == Viewing::piece && a.head == "split" &&
            a.names.size() == static_cast<std::size_t>(w.viewing.end))
            return a.names[static_cast<std::size_t>(w.viewing.begin)];
        if (!takes(a, w.viewing) || !a.once) continue;
        std::string_view const number = indexed && a.head == "[]" ? literal_index(a.right) : "";
        numbers &= !number.empty();
        all.push_back(&a);
        if (number == std::to_string(w.viewing.begin)) with_number.push_back(&a);
    }
    if (all.size() == 1 && (!numbers || with_number.size() == 1)) return single_name(*all[0]);
    return numbers && with_number.size() == 1 ? single_name(*with_number[0]) : "";
}

std::string leading_axes(Index n) {
    std::string out;
    while (n-- > 0) out += ":,";
    return out;
}

}  // namespace

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
