// Puts a node into words.
#include <fmt/format.h>
#include <unspool/autograd/label.hpp>
#include <unspool/autograd/params.hpp>
#include <unspool/autograd/site.hpp>
#include <unspool/autograd/source.hpp>

namespace unspool {

namespace {

void place_in_model(Site& out, ScopeRecord const* innermost) {
    for (ScopeRecord const* s = innermost; s; s = s->parent) {
        if (!s->name.empty()) out.module = std::string(s->name) + (out.module.empty() ? "" : ".") + out.module;
        else if (out.step < 0) out.step = s->step;
    }
}

std::string leaf_op(Node const& n) { return n.param ? "parameter" : n.requires_grad ? "input" : "constant"; }

}  // namespace

Site site_of(Tape const& tape, NodeId id) {
    Node const&              n = tape[id];
    Site                     out{id, label(tape, n.value), leaf_op(n), "", n.value.where, "", -1};
    std::vector<std::string> operands;
    for (Window const* w : n.operands) operands.push_back(label(tape, *w));
    if (n.rule) {
        out.formula = n.rule->formula(n, operands);
        out.op      = n.rule->name() == "statement" ? head_of(out.formula) : std::string(n.rule->name());
    }
    place_in_model(out, n.scope);
    return out;
}

std::string text(Site const& s) {
    return fmt::format("{}{}{}    {}{}{}{}", s.name, s.formula.empty() ? "" : " = ", s.formula.empty() ? "" : s.formula, text(s.where),
                       s.module.empty() ? "" : ", in ", s.module, s.step < 0 ? "" : fmt::format(", time step {}", s.step));
}

}  // namespace unspool
