// What two recordings of one step must have in common.
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/cpu/copy.hpp>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/autograd/tape/dependence.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/deploy/recording.hpp>
#include <unspool/ops/derivatives/products.hpp>

namespace unspool::core {

namespace {

xt::xarray<double> numbers(Random& random, Shape const& shape, double scale) {
    auto out = xt::xarray<double>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
    for (double& x : out) x = scale * random.normal();
    return out;
}

void add_jacobians(Recording& r, std::vector<std::string> const& inputs, std::vector<std::string> const& parts) {
    auto const of = [&](std::string const& name, Var y) {
        auto const by = [&](std::vector<Var> const& xs, std::vector<std::string> const& names) {
            for (std::size_t k = 0; k < xs.size(); ++k)
                if (y.requires_grad())
                    r.results.push_back(jacobian(y, xs[k])), r.names.push_back("d" + name + "_d" + names[k]);
        };
        by(r.inputs, inputs), by(r.state, parts);
    };
    Var const output = r.results[0];
    for (std::size_t k = 0; k < r.next.size(); ++k) of(parts[k], r.next[k]);
    of("y", output);
}

}  // namespace

Recording::Recording(PlannableCell const& cell, PlanOptions const& o, std::vector<Shape> const& shapes, double scale,
                     Where where)
    : tape(o.dtype.value_or(float32)), names{"y"} {
    tape.mechanisms.hoist  = false;
    tape.mechanisms.sealed = true;
    Random random(1);
    for (std::size_t k = 0; k < shapes.size(); ++k) {
        Shape shape = shapes[k];
        shape.insert(0, o.batch, where);
        inputs.push_back(tape.input(numbers(random, shape, scale), cell.inputs[k], where));
    }
    for (std::size_t k = 0; k < cell.names.size(); ++k)
        state.push_back(tape.input(numbers(random, Shape::of(cell.zeros[k].shape()), scale),
                                   states::initial_name(cell.names[k]), where));
    auto [after, out] = cell.step(inputs, state);
    next              = std::move(after);
    results           = {o.head ? o.head(out) : out};
    for (std::vector<Var> const& all : {next, results})
        for (Var const& x : all) static_cast<void>(tape.window(x, where));  // or it is on another tape
    for (std::size_t k = 0; k < next.size(); ++k)
        if (!(next[k].shape() == state[k].shape()))
            throw ShapeError(fmt::format("{}: the state {} is {} before the step, and {} behind it", text(where),
                                         cell.names[k], text(state[k].shape()), text(next[k].shape())));
    if (o.jacobian) add_jacobians(*this, cell.inputs, cell.names);
}

namespace {

[[noreturn]] void refuse(Tape const& tape, Node const* n, std::string const& what, Where where) {
    std::string const line = n ? text(n->value.where) + ": " + formula_of(tape, *n) + "\n" : std::string();
    throw TapeError(
        fmt::format("{}: the step depends on its values, and so cannot be planned: {}\n{}", text(where), what, line));
}

/// Its right-hand side with its attributes and numbers, whatever its operands are called.
Equation form(Node const& n) { return n.rule->equation(n, std::vector<Equation>(n.operands.size(), "x")); }

bool same_window(Tape const& a, Window const& v, Tape const& b, Window const& w) {
    auto const offset = [](Tape const& tape, Window const& part) {
        return static_cast<std::byte const*>(part.data) -
               static_cast<std::byte const*>(tape[holder(tape, part)].value.data);
    };
    if (holder(a, v) != holder(b, w) || !(v.shape == w.shape) || !(v.strides == w.strides)) return false;
    return holder(a, v) == no_node || offset(a, v) == offset(b, w);
}

template <Real T> std::vector<T> elements(Window const& w) {
    std::vector<T> out(static_cast<std::size_t>(count(w.shape)));
    copy<T>({out.data(), w.shape, row_major(w.shape)}, {static_cast<T const*>(w.data), w.shape, w.strides});
    return out;
}

template <Real T> bool same_bits(std::vector<T> const& a, std::vector<T> const& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](T x, T y) { return (std::isnan(x) && std::isnan(y)) || std::memcmp(&x, &y, sizeof x) == 0; });
}
/// To what products of the same numbers in another order differ by.
template <Real T> bool nearly_same(std::vector<T> const& a, std::vector<T> const& b) {
    T const tolerance = std::sqrt(std::numeric_limits<T>::epsilon());
    T size            = 1;
    for (T const& x : a) size = std::isfinite(x) ? std::max(size, std::abs(x)) : size;
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](T x, T y) {
        return x == y || (std::isnan(x) && std::isnan(y)) || std::abs(x - y) <= tolerance * size;
    });
}

class Comparison {
public:
    Comparison(Recording const& a, Recording const& b, Where where) : a_(a), b_(b), where_(where) {}

    void run() {
        NodeId const n = std::min(a_.tape.size(), b_.tape.size());
        for (NodeId id = 0; id < n; ++id) compare(id);
        if (a_.tape.size() != b_.tape.size()) {
            Tape const& longer = a_.tape.size() > n ? a_.tape : b_.tape;
            refuse(longer, longer[n].rule ? &longer[n] : nullptr, "once this was recorded, once not", where_);
        }
        compare_ends(a_.next, b_.next), compare_ends(a_.results, b_.results);
    }

private:
    bool given(NodeId id) const { return id < a_.inputs.size() + a_.state.size(); }

    void compare(NodeId id) {
        Node const &m = a_.tape[id], &n = b_.tape[id];
        auto const require = [&](bool same, char const* what) {
            if (!same) refuse(b_.tape, n.rule ? &n : m.rule ? &m : nullptr, what, where_);
        };
        require(m.rule == n.rule && m.param == n.param && m.operands.size() == n.operands.size(),
                "another operation was recorded");
        require(m.value.shape == n.value.shape, "a shape is another");
        if (!m.rule) return require(given(id) || m.param || same_elements(m.value, n.value), "a constant is another");
        require(form(m) == form(n), "a formula is another");
        for (std::size_t k = 0; k < m.operands.size(); ++k)
            require(same_operand(*m.operands[k], *n.operands[k]), "an operand is another");
        for (Window const* w : n.operands) require(count(w->shape) == 0 || holder(b_.tape, *w) != no_node, unknown);
        require(computes(m, n), "a number, index or mask that it holds is another");
    }
    bool same_operand(Window const& v, Window const& w) const { return same_window(a_.tape, v, b_.tape, w); }
    bool same_elements(Window const& v, Window const& w) const {
        return dispatch(a_.tape.dtype(),
                        [&](auto t) { return same_bits(elements<decltype(t)>(v), elements<decltype(t)>(w)); });
    }
    /// Does a node of `a` compute what one of `b` did, from what that was computed of?
    bool computes(Node const& m, Node const& n) const {
        return dispatch(a_.tape.dtype(), [&](auto t) {
            using T = decltype(t);
            Arena memory;
            Window again = n.value;
            again.data   = memory.array(static_cast<std::size_t>(count(n.value.shape)) * sizeof(T));
            m.rule->recompute(b_.tape, m, again, n.operands);
            auto const x = elements<T>(again), y = elements<T>(n.value);
            return uses(form(n), matrix_product) > 0 ? nearly_same(x, y) : same_bits(x, y);
        });
    }
    void compare_ends(std::vector<Var> const& a, std::vector<Var> const& b) const {
        for (std::size_t k = 0; k < a.size(); ++k) {
            Window const& w = b[k].window();
            if (!same_operand(a[k].window(), w)) refuse(b_.tape, nullptr, "what it gives out is another", where_);
            if (count(w.shape) > 0 && holder(b_.tape, w) == no_node) refuse(b_.tape, nullptr, unknown, where_);
        }
    }

    static constexpr char const* unknown = "it uses what was computed while recording was paused";

    Recording const &a_, &b_;
    Where where_;
};

}  // namespace

void require_same_structure(Recording const& a, Recording const& b, Where where) { Comparison(a, b, where).run(); }

}  // namespace unspool::core
