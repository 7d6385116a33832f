// Puts a node into words.
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/tape/site.hpp>
#include <unspool/autograd/text/elided.hpp>
#include <vector>

namespace unspool::core {

namespace {

void place_in_model(Site& out, ScopeRecord const* innermost) {
    std::vector<std::string_view> path;
    for (ScopeRecord const* s = innermost; s; s = s->parent) {
        if (!s->name.empty()) path.push_back(s->name);
        else if (out.step < 0) out.step = s->step;
    }
    std::reverse(path.begin(), path.end());
    out.module = elided(fmt::format("{}", fmt::join(path, ".")), longest_text);
}

std::string leaf_op(Node const& n) { return n.param ? "parameter" : n.requires_grad ? "input" : "constant"; }

}  // namespace

Site site_of(Tape const& tape, NodeId id) {
    Node const& n = tape[id];
    Site out{id, label(tape, n.value), n.rule ? head(n) : leaf_op(n), "", n.value.where, "", -1};
    if (n.rule) out.formula = formula_of(tape, n);
    place_in_model(out, n.scope);
    return out;
}

std::string text(Site const& s) {
    return fmt::format("{}{}{}    {}{}{}{}", s.name, s.formula.empty() ? "" : " = ", s.formula.empty() ? "" : s.formula,
                       text(s.where), s.module.empty() ? "" : ", in ", s.module,
                       s.step < 0 ? "" : fmt::format(", time step {}", s.step));
}

}  // namespace unspool::core
