// How sums of projections are recorded, for a whole sequence at once where a scan visits it, and how they are differentiated.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/backward/adjoints.hpp>
#include <unspool/autograd/statement/derivative.hpp>
#include <unspool/autograd/tape/at_weights.hpp>
#include <unspool/autograd/tape/differentiation.hpp>
#include <unspool/autograd/tape/hoisting.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <unspool/ops/linalg/linalg.hpp>
#include <unspool/ops/linalg/projection.hpp>
#include <vector>

namespace unspool::core {

namespace {

constexpr Signature without_bias = "[...,k] [n,k] -> [...,n]", with_bias = "[...,k] [n,k] [n] -> [...,n]";
constexpr std::size_t most = Gathered::most;  // products in one sum, and biases

/// A vector as all the rows of a matrix.
template <class T> Array<T> repeated(Array<T> const& row, Shape const& matrix) {
    return {row.data, matrix, {0, row.strides[0]}};
}

/// The rule of a sum of projections.  Its node's operands are a pair x, W for each product, and then the biases, as the
/// program wrote them, whatever part of the work its host has done.
class SumOfProjections final : public Rule {
public:
    struct Attributes {
        std::size_t products = 0;
        std::array<std::size_t, most> owner{};  // of each bias: the product it was written beside
        std::size_t hosted = most;              // the product that the host holds already, with all biases, if any
    };
    explicit constexpr SumOfProjections(std::string_view name) : name_(name) {}

    void pull_back(Node const&, Adjoints&) const override;
    void differentiate(Node const&, Differentiation&) const override;
    void recompute(Tape const&, Node const&, Window const& value, std::span<Window const* const>) const override;
    Equation equation(Node const&, std::span<Equation const> operands) const override;
    std::string_view name() const override { return name_; }

private:
    std::string_view name_;
};
using Attributes = SumOfProjections::Attributes;

constexpr SumOfProjections one(Projection::name), several("statement");

/// The operands of such a node, as its attributes sort them.
struct JoinedOperands {
    Window const* list[3 * most];
    Attributes attributes;
    std::size_t biases = 0;

    Window const& x(std::size_t k) const { return *list[2 * k]; }
    Window const& weight(std::size_t k) const { return *list[2 * k + 1]; }
    std::size_t size() const { return 2 * attributes.products + biases; }

    std::span<Window const* const> bias() const { return {list + 2 * attributes.products, biases}; }
    std::span<Window const* const> operands() const { return {list, size()}; }

    void product(Window const& x, Window const& weight) {
        list[2 * attributes.products]     = &x;
        list[2 * attributes.products + 1] = &weight;
        ++attributes.products;
    }
    /// After all products.
    void add_bias(Window const& b, std::size_t owner) {
        attributes.owner[biases]                 = owner;
        list[2 * attributes.products + biases++] = &b;
    }
};

Shape result_shape(JoinedOperands const& s, std::size_t k) {
    Shape out  = s.x(k).shape;
    out.back() = s.weight(k).shape[0];
    return out;
}

/// Throws ShapeError unless the product, and the bias, if there is one, have shapes that fit.
void require_fit(Tape const& tape, Window const& x, Window const& w, Window const* b, Where where) {
    bool const fit = x.shape.rank() >= 1 && w.shape.rank() == 2 && x.shape.back() == w.shape[1] &&
                     (!b || (b->shape.rank() == 1 && b->shape[0] == w.shape[0]));
    if (fit) return;
    if (b) with_bias.infer(tape, Projection::name, std::array{&x, &w, b}, where);
    else without_bias.infer(tape, Projection::name, std::array{&x, &w}, where);
}

bool alike(JoinedOperands const& s) {
    for (std::size_t k = 1; k < s.attributes.products; ++k)
        if (!(result_shape(s, k) == result_shape(s, 0))) return false;
    return true;
}

JoinedOperands read(Tape& tape, std::span<Projection const> parts) {
    JoinedOperands s;
    auto on = [&](Argument const& a, Where where) -> Window const& { return tape.window(a.on(tape), where); };
    for (auto& p : parts) {
        s.product(on(p.x, p.where), on(p.weight, p.where));
        require_fit(tape, *s.list[s.size() - 2], *s.list[s.size() - 1], p.bias ? &on(*p.bias, p.where) : nullptr,
                    p.where);
    }
    for (std::size_t k = 0; k < parts.size(); ++k) {
        s.list[2 * k] = &with_regular_rows(at_weight(parts[k].x.on(tape), parts[k].where), parts[k].where).window();
        if (parts[k].bias) s.add_bias(on(*parts[k].bias, parts[k].where), k);
    }
    return s;
}

/// Adds up what the host, if there is one, does not hold already.
template <Real T> void compute(Tape const& tape, Window const& value, JoinedOperands const& s) {
    Array<T> const y = as_matrix(array_of<T>(tape, value));
    bool const host  = s.attributes.hosted != most;
    WriteMode fill   = host ? WriteMode::add : WriteMode::assign;
    for (Window const* b : host ? std::span<Window const* const>{} : s.bias()) {
        copy<T>(y, repeated(array_of<T const>(tape, *b), y.shape), fill);
        fill = WriteMode::add;
    }
    for (std::size_t k = 0; k < s.attributes.products; ++k) {
        if (k == s.attributes.hosted) continue;
        multiply<T>(y, {as_matrix(array_of<T const>(tape, s.x(k))), transposed(array_of<T const>(tape, s.weight(k)))},
                    fill);
        fill = WriteMode::add;
    }
}

Var record_sum(Tape& tape, Node* node, JoinedOperands const& s) {
    dispatch(tape.dtype(), [&](auto t) { compute<decltype(t)>(tape, node->value, s); });
    return tape.record(node, s.attributes.products == 1 ? &one : &several, tape.arena().copy(s.operands()),
                       tape.arena().make<Attributes>(s.attributes));
}

/// The product whose x is an element of the sequence being scanned, if what it is multiplied with is the same at all steps.
std::size_t hoistable(Tape const& tape, JoinedOperands const& s) {
    Scanning const* scan = tape.scanning();
    if (!scan || !tape.mechanisms.hoist || !better_at_once(rows_of(s.x(0).shape, s.x(0).strides).n)) return most;
    if (!std::all_of(s.bias().begin(), s.bias().end(), [&](Window const* b) { return scan->precedes(*b); }))
        return most;
    for (std::size_t k = 0; k < s.attributes.products; ++k)
        if (scan->visits(s.x(k)) && scan->precedes(s.weight(k))) return k;
    return most;
}

/// Product k of the whole sequence with all biases, at the element that this step is at; empty if that has been overwritten.
Var hoisted(Tape& tape, JoinedOperands const& s, std::size_t k, Where where) {
    Window const* others[most + 1] = {&s.weight(k)};
    std::copy(s.bias().begin(), s.bias().end(), others + 1);
    return tape.scanning()->take_element(s.x(k), {others, s.biases + 1}, [&](Var xs) {
        JoinedOperands whole;
        whole.product(with_regular_rows(xs, where).window(), s.weight(k));
        for (Window const* b : s.bias()) whole.add_bias(*b, 0);
        return record_sum(tape, tape.allocate(result_shape(whole, 0), where), whole);
    });
}

Var record_joined(Tape& tape, JoinedOperands s, Where where) {
    std::size_t const k = hoistable(tape, s);
    if (Var const element = k == most ? Var() : hoisted(tape, s, k, where); !element.empty()) {
        s.attributes.hosted = k;
        return record_sum(tape, tape.allocate_in(element.window(), where), s);
    }
    return record_sum(tape, tape.allocate(result_shape(s, 0), where), s);
}

/// As the formula says it: one node for each projection, and one for each sum.
Var record_apart(Tape& tape, std::span<Projection const> parts, Where where) {
    auto single = [&](Projection const& p) { return record_projections(tape, std::span(&p, 1), where.inside()); };
    Var out     = single(parts[0]);
    for (std::size_t k = 1; k < parts.size(); ++k)
        out = Var(out + single(parts[k]), k + 1 == parts.size() ? where : where.inside());
    return out;
}

std::array<Argument, 3> arguments(Projection const& p) { return {p.x, p.weight, p.bias ? *p.bias : p.weight}; }

Tape::Mark before(Tape const& tape, std::span<Projection const> parts) {
    Tape::Mark out = tape.mark();
    for (auto& p : parts)
        if (auto const m = core::before(tape, arguments(p)); m.memory < out.memory) out = m;
    return out;
}

}  // namespace

Tape& tape_of(std::span<Projection const> parts, Where where) {
    for (auto& p : parts)
        for (auto& a : arguments(p))
            if (a.on_a_tape()) return a.tape(where);
    return common_tape(arguments(parts[0]), Projection::name, parts[0].where);
}

Var record_projections(Tape& tape, std::span<Projection const> parts, Where statement) {
    Attempt const attempt(tape, before(tape, parts));
    Where where = parts.size() == 1 ? parts[0].where : statement;
    where.part  = statement.part;
    if (parts.size() == 1 || (parts.size() <= most && tape.mechanisms.fuse))
        if (JoinedOperands const s = read(tape, parts); alike(s)) return record_joined(tape, s, where);
    return record_apart(tape, parts, where);
}

namespace {

/// Adds the sum of the rows of g, made once, to the adjoint of each bias.
template <Real T>
void pull_to_biases(Adjoints& adjoints, std::span<Window const* const> biases, Array<T const> const& g) {
    auto wanted = [&](Window const* b) { return adjoints.tape().requires_grad(*b); };
    if (std::none_of(biases.begin(), biases.end(), wanted)) return;
    thread_local std::vector<T> memory;
    memory.assign(static_cast<std::size_t>(g.shape[1]), T(0));
    Array<T> const sum{memory.data(), {g.shape[1]}, {1}};
    copy<T>(repeated(sum, g.shape), g, WriteMode::add);
    for (Window const* b : biases)
        if (wanted(b)) copy<T>(array_of<T>(adjoints.into_zeroed(*b), *b), sum, WriteMode::add);
}

}  // namespace

void SumOfProjections::pull_back(Node const& node, Adjoints& adjoints) const {
    auto const& a   = *static_cast<Attributes const*>(node.attributes);
    auto const bias = node.operands.subspan(2 * a.products);
    dispatch(adjoints.tape().dtype(), [&](auto t) {
        using T          = decltype(t);
        Tape const& tape = adjoints.tape();
        Array<T const> const g =
            as_matrix(Array<T const>{static_cast<T const*>(adjoints.of(node)), node.value.shape, node.value.strides});
        if (!node.host) pull_to_biases<T>(adjoints, bias, adjoint_for<Projection>(2, g));
        thread_local std::vector<Increment<T>> waiting;  // kept, so that a loop does not allocate
        waiting.clear();
        for (std::size_t k = 0; k < a.products; ++k) {
            Window const &x = *node.operands[2 * k], &w = *node.operands[2 * k + 1];
            if (k == a.hosted) continue;
            auto const d = derivatives_of_product<Projection>(x, w);
            if (tape.requires_grad(x))
                add<T>(adjoints, x, Product<T>{adjoint_for<Projection>(0, g), array_of<T const>(tape, *d.da)});
            if (!tape.requires_grad(w)) continue;
            Array<T const> const rows = as_matrix(array_of<T const>(tape, *d.db));
            if (can_wait(tape, w, rows.shape[0])) waiting.push_back({&w, rows});
            else add<T>(adjoints, w, Product<T>{transposed(adjoint_for<Projection>(1, g)), rows});
        }
        if (!waiting.empty())
            adjoints.postpone<T>(adjoint_for<Projection>(1, g), std::span<Increment<T> const>(waiting));
    });
}

void SumOfProjections::differentiate(Node const& node, Differentiation& d) const {
    auto const& a   = *static_cast<Attributes const*>(node.attributes);
    auto const xs   = d.operands();
    auto const rows = [](Var v) { return reshape(v, {-1, v.shape().back()}); };
    Var const g     = rows(d.adjoint());
    if (node.host) d.add_to_host(d.adjoint());
    for (std::size_t k = 0; k < a.products; ++k) {
        if (k == a.hosted) continue;
        Var const x = xs[2 * k], w = xs[2 * k + 1];
        if (d.wants(2 * k)) d.add(2 * k, reshape(matmul(g, w), x.shape()));
        if (d.wants(2 * k + 1)) d.add(2 * k + 1, Contribution::product(g, rows(x)));
    }
    for (std::size_t b = 2 * a.products; b < xs.size() && !node.host; ++b)
        if (d.wants(b)) d.add(b, sum(g, 0));
}

void SumOfProjections::recompute(Tape const& tape, Node const& node, Window const& value,
                                 std::span<Window const* const> operands) const {
    JoinedOperands s;
    std::copy(operands.begin(), operands.end(), s.list);
    s.attributes        = *static_cast<Attributes const*>(node.attributes);
    s.attributes.hosted = most;  // all of it: a host holds a part of the node's own value, not of this one
    s.biases            = operands.size() - 2 * s.attributes.products;
    dispatch(tape.dtype(), [&](auto t) { compute<decltype(t)>(tape, value, s); });
}

Equation SumOfProjections::equation(Node const& node, std::span<Equation const> operands) const {
    auto const& a = *static_cast<Attributes const*>(node.attributes);
    Equation out;
    auto const add = [&](Equation const& x) {
        out = out.empty() ? x : Equation::of(operation_of<Add, 2>, std::array{std::move(out), x});
    };
    for (std::size_t k = 0; k < a.products; ++k) {
        add(Equation::of(matrix_product, std::array{operands[2 * k + 1], operands[2 * k]}));
        for (std::size_t b = 2 * a.products; b < operands.size(); ++b)
            if (a.owner[b - 2 * a.products] == k) add(operands[b]);
    }
    return out;
}

std::vector<Example> Projection::examples() {
    using Xs         = std::span<Var const>;
    auto const plain = [](Tape&, Xs v) -> Var { return linear(v[0], v[1]); };
    auto const added = [](Tape&, Xs v) -> Var { return linear(v[0], v[1], v[2]); };
    auto const two   = [](Tape&, Xs v) -> Var { return linear(v[0], v[1], v[2]) + linear(v[3], v[4]); };
    auto const three = [](Tape&, Xs v) -> Var {
        return linear(v[0], v[1]) + linear(v[2], v[3], v[4]) + linear(v[0], v[5], v[6]);
    };
    auto const steps = [](Tape&, Xs v) -> Var {
        Scanning const scanning(v[0]);
        Var h = v[1];
        for (Index t = 0; t < v[0].size(0); ++t) h = linear(h, v[2]) + linear(v[0][t], v[3], v[4]);
        return h;
    };
    std::vector<Example> out;
    for (auto const& [what, lead] :
         {std::pair{"a vector", Shape{}}, {"a batch", Shape{4}}, {"a sequence", Shape{4, 5}}}) {
        out.push_back({what, without_bias.examples(lead), plain});
        out.push_back({fmt::format("{}, with a bias", what), with_bias.examples(lead), added});
    }
    out.push_back({"as many rows as results", {{4, 3}, {4, 3}}, plain});
    out.push_back({"a sum of two", {{4, 3}, {5, 3}, {5}, {4, 2}, {5, 2}}, two});
    out.push_back({"a sum of three", {{2, 3}, {4, 3}, {2, 5}, {4, 5}, {4}, {4, 3}, {4}}, three});
    out.push_back({"a sum of different shapes", {{4, 3}, {5, 3}, {5}, {2}, {5, 2}}, two});
    out.push_back({"a recurrence", {{3, 2, 4}, {2, 5}, {5, 5}, {5, 4}, {5}}, steps});
    return out;
}

}  // namespace unspool::core
