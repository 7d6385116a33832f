// How sums of projections are recorded, and how their adjoints are passed on.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/ops/elementwise.hpp>
#include <unspool/ops/projection.hpp>
#include <vector>

namespace unspool {

namespace {

using Attributes = SumOfProjections::Attributes;

constexpr SumOfProjections one("linear"), several("statement");
constexpr std::size_t      most = SumOfProjections::most;

/// The operands of such a node, as its attributes sort them.
struct Sum {
    Window const* list[3 * most];
    Attributes    attributes;
    std::size_t   biases = 0;

    Window const& x(std::size_t k) const { return *list[2 * k]; }
    Window const& weight(std::size_t k) const { return *list[2 * k + 1]; }
    std::size_t   size() const { return 2 * attributes.products + biases; }

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

Sum read(Tape& tape, std::span<Projection const> parts) {
    Sum  s;
    auto on = [&](Argument const& a, Where where) -> Window const& { return tape.window(a.on(tape), where); };
    for (auto& p : parts) s.product(on(p.x, p.where), on(p.weight, p.where));
    for (std::size_t k = 0; k < parts.size(); ++k)
        if (parts[k].bias) s.add_bias(on(*parts[k].bias, parts[k].where), k);
    return s;
}

Shape result_shape(Sum const& s, std::size_t k) {
    Shape out  = s.x(k).shape;
    out.back() = s.weight(k).shape[0];
    return out;
}

bool fits(Sum const& s, std::size_t k) {
    Shape const &x = s.x(k).shape, &w = s.weight(k).shape;
    return x.rank() >= 1 && w.rank() == 2 && x.back() == w[1] && rows_of(x, s.x(k).strides).regular;
}

/// Can the products be summed in one array?
bool joinable(Sum const& s) {
    for (std::size_t k = 0; k < s.attributes.products; ++k)
        if (!fits(s, k) || !(result_shape(s, k) == result_shape(s, 0))) return false;
    Index const n = s.weight(0).shape[0];
    return std::all_of(s.bias().begin(), s.bias().end(), [&](Window const* b) { return b->shape.rank() == 1 && b->shape[0] == n; });
}

/// Adds up what the host, if there is one, does not hold already.
template <Real T> void compute(Tape const& tape, Window const& value, Sum const& s) {
    Array<T> const y    = as_matrix(array_of<T>(tape, value));
    bool const     host = s.attributes.hosted != most;
    Fill           fill = host ? Fill::add : Fill::assign;
    for (Window const* b : host ? std::span<Window const* const>{} : s.bias()) {
        copy<T>(y, repeated(array_of<T const>(tape, *b), y.shape), fill);
        fill = Fill::add;
    }
    for (std::size_t k = 0; k < s.attributes.products; ++k) {
        if (k == s.attributes.hosted) continue;
        multiply<T>(y, {as_matrix(array_of<T const>(tape, s.x(k))), transposed(array_of<T const>(tape, s.weight(k)))}, fill);
        fill = Fill::add;
    }
}

Var record_sum(Tape& tape, Window* value, Sum const& s, Where where, Window const* host = nullptr) {
    value->where = where;
    dispatch(tape.dtype(), [&](auto t) { compute<decltype(t)>(tape, *value, s); });
    return tape.record(value, s.attributes.products == 1 ? &one : &several, tape.arena().copy(s.operands()),
                       tape.arena().make<Attributes>(s.attributes), host);
}

/// The product whose x is an element of the sequence being scanned, if what it is multiplied with is the same at all steps.
std::size_t hoistable(Tape const& tape, Sum const& s) {
    Scanning const* scan = tape.scanning();
    if (!scan || !tape.mechanisms.hoist) return most;
    if (!std::all_of(s.bias().begin(), s.bias().end(), [&](Window const* b) { return scan->precedes(*b); })) return most;
    for (std::size_t k = 0; k < s.attributes.products; ++k)
        if (scan->visits(s.x(k)) && scan->precedes(s.weight(k))) return k;
    return most;
}

/// Product k of the whole sequence with all biases, at the element that this step is at; empty if that has been overwritten.
Var hoisted(Tape& tape, Sum const& s, std::size_t k, Where where) {
    Window const* others[most + 1] = {&s.weight(k)};
    std::copy(s.bias().begin(), s.bias().end(), others + 1);
    return tape.scanning()->take_element(s.x(k), {others, s.biases + 1}, [&](Var xs) {
        Sum whole;
        whole.product(regular_rows(xs, where).window(), s.weight(k));
        for (Window const* b : s.bias()) whole.add_bias(*b, 0);
        return record_sum(tape, tape.allocate(result_shape(whole, 0), where), whole, where);
    });
}

Window* in_place_of(Tape& tape, Window const& host) {
    auto* w    = tape.arena().make<Window>();
    w->data    = host.data;
    w->shape   = host.shape;
    w->strides = row_major(host.shape);
    return w;
}

Var record_joined(Tape& tape, Sum s, Where where) {
    std::size_t const k = hoistable(tape, s);
    if (Var const element = k == most ? Var() : hoisted(tape, s, k, where); !element.empty()) {
        s.attributes.hosted = k;
        return record_sum(tape, in_place_of(tape, element.window()), s, where, &element.window());
    }
    return record_sum(tape, tape.allocate(result_shape(s, 0), where), s, where);
}

/// As the formula says it: one node for each projection, and one for each sum.
Var record_apart(std::span<Projection const> parts, Where where) {
    auto single = [&](Projection const& p) { return record_projections(std::span(&p, 1), where.inside()); };
    Var  out    = single(parts[0]);
    for (auto& p : parts.subspan(1)) out = Var(out + single(p), where);
    return out;
}

}  // namespace

Tape& tape_of(std::span<Projection const> parts) {
    for (auto& p : parts)
        for (auto* a : {&p.x, &p.weight, p.bias ? &*p.bias : &p.x})
            if (a->on_a_tape()) return a->tape();
    return common_tape(std::array{parts[0].x, parts[0].weight}, "linear", parts[0].where);
}

Var record_projections(std::span<Projection const> parts, Where statement) {
    Tape&         tape = tape_of(parts);
    Attempt const attempt(tape);
    Where         where = parts.size() == 1 ? parts[0].where : statement;
    where.part          = statement.part;
    if (parts.size() <= most && (parts.size() == 1 || tape.mechanisms.fuse)) {
        Sum const s = read(tape, parts);
        if ((parts.size() > 1 || hoistable(tape, s) != most) && joinable(s)) return record_joined(tape, s, where);
    }
    return parts.size() == 1 ? project(parts[0].x, parts[0].weight, parts[0].bias, where) : record_apart(parts, where);
}

void SumOfProjections::pull_back(Node const& node, Adjoints& adjoints) const {
    auto const& a    = *static_cast<Attributes const*>(node.attributes);
    auto const  bias = node.operands.subspan(2 * a.products);
    dispatch(adjoints.tape().dtype(), [&](auto t) {
        using T                   = decltype(t);
        Tape const&          tape = adjoints.tape();
        Array<T const> const g = as_matrix(Array<T const>{static_cast<T const*>(adjoints.of(node)), node.value.shape, node.value.strides});
        for (Window const* b : bias)
            if (!node.host && tape.requires_grad(*b)) add_rows<T>(array_of<T>(adjoints.into_zeroed(*b), *b), g);
        for (std::size_t k = 0; k < a.products; ++k) {
            Window const &x = *node.operands[2 * k], &w = *node.operands[2 * k + 1];
            if (k == a.hosted) continue;
            if (tape.requires_grad(x)) add<T>(adjoints, x, Product<T>{g, array_of<T const>(tape, w)});
            if (tape.requires_grad(w)) add<T>(adjoints, w, Product<T>{transposed(g), as_matrix(array_of<T const>(tape, x))});
        }
    });
}

std::string SumOfProjections::formula(Node const& node, std::span<std::string const> operands) const {
    auto const&              a = *static_cast<Attributes const*>(node.attributes);
    std::vector<std::string> terms;
    for (std::size_t k = 0; k < a.products; ++k) {
        terms.push_back(product_text(operands[2 * k + 1], operands[2 * k]));
        for (std::size_t b = 2 * a.products; b < operands.size(); ++b)
            if (a.owner[b - 2 * a.products] == k) terms.push_back(operands[b]);
    }
    return fmt::format("{}", fmt::join(terms, " + "));
}

}  // namespace unspool
