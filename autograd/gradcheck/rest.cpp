// Tells rounding from steps by how large they are beside what a node computes with.
#include <algorithm>
#include <unspool/autograd/gradcheck/rest.hpp>

namespace unspool::core {

namespace {

/// Of those that are finite.
double largest_of(Numbers const& all) {
    double out = 0;
    for (double x : all) out = std::isfinite(x) ? std::max(out, std::abs(x)) : out;
    return out;
}

/// The largest of the numbers that stand in a node's equation.
double largest_number(Node const& n) {
    double out = 0;
    if (!n.rule) return out;
    Equation const said = n.rule->equation(n, std::vector<Equation>(n.operands.size(), "x"));
    for (auto const& t : said.terms())
        if (t.kind == Equation::Term::number) out = std::max(out, std::abs(t.value));
    return out;
}

/// What a change of that size is; what is computed within the node may be as large as its numbers.
Rest rest_of(Node const& n, double change, double largest_value) {
    constexpr double few = 2 * rounding;
    if (change == 0) return Rest::none;
    if (change <= few * largest_value) return Rest::rounded;
    return change <= few * largest_number(n) ? Rest::unclear : Rest::constant;
}

double largest_change(Numbers const& a, Numbers const& b) {
    double out = 0;
    for (std::size_t i = 0; i < a.size(); ++i) out = std::max(out, std::abs(a[i] - b[i]));
    return out;
}

}  // namespace

Rest rest(RecordedFunction& f, Line const& line, double still, double moved) {
    Snapshot const beside = f.plain_snapshot_at(line, still), below = f.plain_snapshot_at(line, -moved),
                   above = f.plain_snapshot_at(line, moved), here = f.plain_snapshot();
    if (here.kinds != beside.kinds || here.kinds != below.kinds || here.kinds != above.kinds) return Rest::constant;
    Rest out = Rest::none;
    for (NodeId id = 0; id < f.tape().size(); ++id) {
        Node const& n    = f.tape()[id];
        Numbers const& y = here.values[id];
        bool moves       = false;
        double all       = largest_of(y);
        for (Window const* w : n.operands) {
            if (w->node == no_node) continue;
            moves = moves || here.values[w->node] != beside.values[w->node];
            all   = std::max(all, largest_of(here.values[w->node]));
        }
        if (moves && y == beside.values[id])
            out = std::max(
                out,
                rest_of(n, std::max(largest_change(y, below.values[id]), largest_change(y, above.values[id])), all));
    }
    return out;
}

}  // namespace unspool::core
