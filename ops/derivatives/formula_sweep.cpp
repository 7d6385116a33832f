// A statement is a formula of elementwise operations.  Each of them pulls its adjoint back by what it declares, as in the compiled loop;
// here all that is computed on the way is recorded.
#include <unspool/ops/arrays/shapes.hpp>
#include <unspool/ops/derivatives/derivation.hpp>
#include <unspool/ops/derivatives/formula_sweep.hpp>
#include <unspool/ops/derivatives/symbol.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

namespace {

/// How often an element is met along the axes in which neither of these sees that the loop repeats them.
double repetitions(Shape const& g, Shape const& x, Shape const& loop) {
    double out      = 1;
    auto const size = [&](Shape const& s, std::size_t from_last) {
        return from_last < s.rank() ? s[s.rank() - 1 - from_last] : 1;
    };
    for (std::size_t a = 0; a < loop.rank(); ++a)
        if (size(g, a) == 1 && size(x, a) == 1) out *= static_cast<double>(size(loop, a));
    return out;
}

class FormulaSweep {
public:
    FormulaSweep(Statement const& s, Differentiation& d);
    void run(Symbol const& g);

private:
    /// A part of the formula: its value is recorded when a derivative asks for it.
    struct Part final : Later {
        FormulaSweep* of        = nullptr;
        Derivation const* op    = nullptr;  // null for leaves and numbers
        bool own                = false;    // an operation of a user
        char const* name        = "";
        std::size_t operands[3] = {};
        std::size_t arity       = 0;
        std::size_t leaf        = 0;
        Symbol value            = {};
        bool known              = false;
        Symbol g                = 0;
        Symbol open             = 1;  // where it is chosen; elsewhere nothing passes
        bool wanted             = false;

        Var recorded() override;
        Symbol symbol() { return known ? value : Symbol(*this); }
    };

    void read(Statement const&);
    void pull(Part&);
    void add(Part const&);

    Differentiation& d_;
    Shape loop_;  // what all operands broadcast to
    std::vector<Part> parts_;
};

FormulaSweep::FormulaSweep(Statement const& s, Differentiation& d) : d_(d), parts_(s.type->tokens.size()) {
    for (Var const& x : d.operands()) broadcast(loop_, x.shape());
    read(s);
    Part& root = parts_.back();
    if (!s.reduces() && root.op) root.value = Symbol(d.value()), root.known = true;
}

void FormulaSweep::read(Statement const& s) {
    std::vector<std::size_t> stack;
    std::size_t leaves = 0, numbers = 0;
    for (std::size_t k = 0; k < parts_.size(); ++k) {
        Token const& token = s.type->tokens[k];
        Part& p            = parts_[k];
        p.of               = this;
        if (token.kind == Token::number) p.value = s.numbers[numbers++], p.known = true;
        if (token.kind == Token::leaf) {
            p.leaf   = leaves++;
            p.value  = Symbol(d_.operands()[p.leaf]);
            p.known  = true;
            p.wanted = d_.wants(p.leaf);
        }
        if (token.kind == Token::operation) {
            p.arity = static_cast<std::size_t>(token.op->arity), p.name = token.op->name;
            p.own = s.type->derivations[k];
            p.op  = p.own ? s.type->derivations[k] : derivation_of(*token.op, p.arity);
            if (!p.op) d_.refuse(token.op->name);
            std::copy_n(stack.end() - token.op->arity, p.arity, p.operands);
            stack.resize(stack.size() - p.arity);
            for (std::size_t j = 0; j < p.arity; ++j) p.wanted |= parts_[p.operands[j]].wanted;
        }
        stack.push_back(k);
    }
}

Var FormulaSweep::Part::recorded() {
    if (!known) {
        Symbol x[3];
        for (std::size_t j = 0; j < arity; ++j) x[j] = of->parts_[operands[j]].symbol();
        bool const any = !own || replace_masked({x, arity});
        value          = Symbol(any ? op->record({x, arity}) : *Under::mask());
        known          = true;
    }
    return value.var();
}

void FormulaSweep::run(Symbol const& g) {
    parts_.back().g = g;
    for (std::size_t k = parts_.size(); k-- > 0;) {
        Part& p = parts_[k];
        if (!p.wanted || p.g.is(0)) continue;
        if (p.op) pull(p);
        else add(p);
    }
}

/// Below an operation that selects, what it has not selected receives 0, even where a derivative is infinite.
void FormulaSweep::pull(Part& p) {
    Under const chosen_alone(p.open);
    Symbol x[3], dx[3], open[3];
    for (std::size_t j = 0; j < p.arity; ++j) x[j] = parts_[p.operands[j]].symbol();
    try {
        p.op->pull(dx, open, p.g, x, p.symbol());
    } catch (TypeError const&) { d_.refuse(p.name); }  // what it says is no formula
    for (std::size_t j = 0; j < p.arity; ++j) {
        Part& to = parts_[p.operands[j]];
        if (!to.wanted) continue;
        to.g    = dx[j];
        to.open = p.open * open[j];
    }
}

void FormulaSweep::add(Part const& leaf) {
    Shape const& shape = d_.operands()[leaf.leaf].shape();
    Var const dx       = fitted(leaf.g.var(), shape);
    double const times = repetitions(leaf.g.var().shape(), shape, loop_);
    d_.add(leaf.leaf, times == 1 ? dx : Var(dx * times));
}

}  // namespace

void differentiate_statement(Statement const& s, Node const& node, Differentiation& d) {
    Var g = d.adjoint();
    if (s.reduces()) {
        Shape loop;
        for (Window const* w : node.operands) broadcast(loop, w->shape);
        g = spread(g, s.reduction, loop);
        if (s.reduction.kind == Reduction::mean) g = g * s.scale;
    }
    FormulaSweep(s, d).run(Symbol(g));
}

}  // namespace unspool::core
