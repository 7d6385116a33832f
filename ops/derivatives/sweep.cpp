// A node's adjoint is complete when the sweep comes to it: all that it received is added up there, and named after the node.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/scope.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/derivatives/formula_sweep.hpp>
#include <unspool/ops/derivatives/passed.hpp>
#include <unspool/ops/derivatives/place.hpp>
#include <unspool/ops/derivatives/sweep.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <unspool/ops/linalg/linalg.hpp>

namespace unspool::core {

RecordedSweep::RecordedSweep(Tape& tape, std::span<Var const> wanted, Where where)
    : tape_(tape), where_(where), needed_(tape.size(), false) {
    for (Var const& x : wanted) {
        require_differentiable(x);
        NodeId const id = x.window().node;
        needed_[id]     = true;
        if (Node const& n = tape[id]; n.rule && n.rule->is_result()) needed_[n.operands[0]->node] = true;
        kept_.emplace(id, Var());
    }
    auto const is_needed = [&](Window const* w) { return w && w->node != no_node && needed_[w->node]; };
    for (NodeId id = 0; id < tape.size(); ++id) {
        Node const& n = tape[id];
        if (n.requires_grad && (is_needed(n.host) || std::any_of(n.operands.begin(), n.operands.end(), is_needed)))
            needed_[id] = true;
    }
}

void RecordedSweep::require_differentiable(Var const& x) const {
    if (!tape_.requires_grad(tape_.window(x, where_)))
        throw TapeError(fmt::format("{}: {} is a constant: it has no gradient", text(where_), label(x)));
}

void RecordedSweep::seed(Var const& y, Var const& seed) {
    Window const& w = tape_.window(y, where_);
    if (w.node == no_node || !needed_[w.node]) return;
    pieces_[w.node].push_back({&w, seed});
    last_ = std::max(last_, w.node);
}

void RecordedSweep::run(NodeId from) {
    for (NodeId id = last_ + 1; id-- > 0;) visit(id, id < from);
    while (!pieces_.empty())
        visit(pieces_.begin()->first, true);  // parameters that a later segment of a scan met first, once more
}

void RecordedSweep::visit(NodeId id, bool leaf) {
    auto const found = pieces_.find(id);
    if (found == pieces_.end()) return;
    Node const& node = tape_[id];
    OnBehalf const behalf(tape_, where_, scope_for(node.scope));
    node_ = &node;
    g_    = sum_of(node, found->second);
    name_after(node);
    pieces_.erase(found);
    if (auto const it = kept_.find(id); it != kept_.end()) it->second = it->second.empty() ? g_ : Var(it->second + g_);
    if (!node.rule || leaf) return;
    operands_.clear();
    for (Window const* x : node.operands) operands_.emplace_back(tape_, *x);
    node.rule->differentiate(node, *this);
}

/// "∂h", where it is called nothing yet.  Only what a program names itself: to read names off source lines takes longer than the sweep.
void RecordedSweep::name_after(Node const& node) {
    if (g_.window().name.empty() && !node.value.name.empty()) g_.named("∂" + std::string(node.value.name));
}

Var RecordedSweep::value() const { return {tape_, node_->value}; }

bool RecordedSweep::wants(std::size_t k) const {
    NodeId const id = node_->operands[k]->node;
    return id != no_node && needed_[id];
}

void RecordedSweep::add(std::size_t k, Contribution c) {
    if (!wants(k)) return;
    pieces_[node_->operands[k]->node].push_back({node_->operands[k], passed(node_->rule->name(), k, c)});
}

void RecordedSweep::add_to_host(Var g) {
    if (NodeId const id = node_->host->node; needed_[id]) pieces_[id].push_back({node_->host, passed("host", 0, g)});
}

void RecordedSweep::statement(Statement const& s) { differentiate_statement(s, *node_, *this); }

void RecordedSweep::refuse(std::string_view op) {
    throw TypeError(fmt::format("{}: {}, of {}, has no derivative that can be differentiated again", text(where_), op,
                                text(node_->value.where)));
}

namespace {

bool shows_all(Window const& w, Window const& value) {
    return w.data == value.data && w.shape == value.shape && is_contiguous(w);
}

/// Σ aᵀ b of all of them, as one product of their rows.
Var product_of_rows(std::span<Contribution const> all) {
    std::vector<Var> a, b;
    for (Contribution const& c : all) a.push_back(c.a), b.push_back(c.b);
    return all.size() == 1 ? matmul(transpose(a[0]), b[0]) : matmul(transpose(concat(a, 0)), concat(b, 0));
}

}  // namespace

/// Products with the same matrix first, then what lies in places, then what is all of it.
Var RecordedSweep::sum_of(Node const& node, std::span<Piece const> pieces) {
    std::vector<Var> whole, parts;
    std::vector<Placement> places;
    std::vector<Contribution> products;
    Window const* of_products = nullptr;
    auto const take           = [&](Window const& w, Var x) {
        if (shows_all(w, node.value)) return whole.push_back(x);
        parts.push_back(x), places.push_back(placement_of(tape_, w));
    };
    auto const multiply_out = [&] {
        if (!products.empty()) take(*of_products, product_of_rows(products));
        products.clear();
    };
    for (Piece const& p : pieces) {
        if (!p.what.is_product()) {
            take(*p.where, p.what.value);
            continue;
        }
        bool const same = of_products && p.where->data == of_products->data && p.where->shape == of_products->shape &&
                          p.where->strides == of_products->strides;
        if (!same) multiply_out();
        of_products = p.where, products.push_back(p.what);
    }
    multiply_out();
    if (!parts.empty()) whole.push_back(placed(tape_, node.value.shape, parts, places, where_));
    Var sum = whole[0];
    for (std::size_t k = 1; k < whole.size(); ++k) sum = sum + whole[k];
    return sum;
}

Var RecordedSweep::of(Var const& x) {
    Window const& w = x.window();
    OnBehalf const behalf(tape_, where_, scope_for(nullptr));
    Var const g = kept_.at(w.node);
    if (g.empty()) return tape_.zeros(w.shape, where_);
    Window const& value = tape_[w.node].value;
    return shows_all(w, value) ? g : taken(g, placement_of(tape_, w));
}

/// The node's modules and time step, within a module of their own.
ScopeRecord const* RecordedSweep::scope_for(ScopeRecord const* original) {
    auto const known = scopes_.find(original);
    if (known != scopes_.end()) return known->second;
    ScopeRecord const record = original ? ScopeRecord{scope_for(original->parent), original->name, original->step, true}
                                        : ScopeRecord{nullptr, "∂", -1, true};
    return scopes_[original] = tape_.arena().make<ScopeRecord>(record);
}

}  // namespace unspool::core
