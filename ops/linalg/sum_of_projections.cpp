// How sums of projections are computed, and differentiated.
#include <algorithm>
#include <unspool/autograd/backward/adjoints.hpp>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/cpu/ready_product.hpp>
#include <unspool/autograd/cpu/trace.hpp>
#include <unspool/autograd/statement/derivative.hpp>
#include <unspool/autograd/tape/differentiation.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <unspool/ops/linalg/linalg.hpp>
#include <unspool/ops/linalg/projection.hpp>
#include <unspool/ops/linalg/sum_of_projections.hpp>
#include <vector>

namespace unspool::core {

namespace {

using Attributes                 = SumOfProjections::Attributes;
constexpr std::size_t no_product = SumOfProjections::most;

constexpr SumOfProjections one(Projection::name), several("statement");

/// A vector as all the rows of a matrix.
template <class T> Array<T> repeated(Array<T> const& row, Shape const& matrix) {
    return {row.data, matrix, {0, row.strides[0]}};
}

template <class T> Matrix<T> matrix_of(Window const& w, Reusable* reusable = nullptr) {
    Rows const rows = w.shape.rank() == 2 ? Rows{true, w.shape[0], w.strides[0]} : rows_of(w.shape, w.strides);
    return {static_cast<T*>(w.data), rows.n, w.shape.back(), rows.stride, w.strides.back(), reusable};
}

/// The sum of the biases, if there are any, to all rows.
template <Real T> void fill_rows(Matrix<T> const& y, std::span<Window const* const> biases) {
    thread_local std::vector<T> memory;  // kept, so that a loop does not allocate
    auto const values = [](Window const* b) { return static_cast<T const*>(b->data); };
    auto const sums   = [&] {
        memory.resize(static_cast<std::size_t>(y.columns));
        for (Window const* b : biases)
            copy<T>({memory.data(), {y.columns}, {1}}, {values(b), b->shape, b->strides},
                    b == biases[0] ? WriteMode::assign : WriteMode::add);
        return memory.data();
    };
    T const* const row = biases.size() == 1 && biases[0]->strides[0] == 1 ? values(biases[0]) : sums();
    if (y.across == 1) copy_to_rows(y.data, y.down, y.rows, row, y.columns);
    else copy<T>(y.array(), {row, {y.rows, y.columns}, {0, 1}});
}

/// So many rows of it, from one on.
template <class T> Matrix<T> part(Matrix<T> const& a, Index first, Index rows) {
    return {a.data + first * a.down, rows, a.columns, a.down, a.across};
}

/// The operands of product k, the weight as it is multiplied with.
template <class T> struct Factors {
    Matrix<T const> x, weight;
    Factors(Tape const& tape, JoinedOperands const& s, std::size_t k)
        : x(matrix_of<T const>(s.x(k)))
        , weight(matrix_of<T const>(s.weight(k), tape.reusable(s.weight(k))).transposed()) {}
};

/// Adds up what the host, if there is one, does not hold already, in so many rows, from one on.
template <Real T>
void compute_rows(Tape const& tape, Matrix<T> const& value, JoinedOperands const& s, Index first, Index n) {
    Matrix<T> const y = part(value, first, n);
    bool const host   = s.attributes.hosted != no_product;
    if (!host && s.biases > 0) fill_rows<T>(y, s.bias());
    WriteMode fill = host || s.biases > 0 ? WriteMode::add : WriteMode::assign;
    for (std::size_t k = 0; k < s.attributes.products; ++k) {
        if (k == s.attributes.hosted) continue;
        Factors<T> const by(tape, s, k);
        multiply<T>(y, part(by.x, first, n), by.weight, fill);
        fill = WriteMode::add;
    }
}

template <Real T> void compute(Tape const& tape, Window const& value, JoinedOperands const& s, RowsAtOnce at_once) {
    Matrix<T> const y = matrix_of<T>(value);
    Index const n     = at_once.most == 0 ? y.rows : at_once.most;
    for (Index r = at_once.rest; r < y.rows; r += n) compute_rows(tape, y, s, r, std::min(n, y.rows - r));
    if (at_once.rest > 0) compute_rows(tape, y, s, 0, at_once.rest);
}

/// The kernels of all products that a host does not hold; empty where there are others than such.
template <Real T> std::vector<std::pair<std::size_t, ReadyProduct<T>>> kernels_of(Tape const& tape, Window const& value,
                                                                                  JoinedOperands const& s) {
    std::vector<std::pair<std::size_t, ReadyProduct<T>>> out;
    bool adds = s.attributes.hosted != no_product || s.biases > 0;
    for (std::size_t k = 0; k < s.attributes.products; ++k) {
        if (k == s.attributes.hosted) continue;
        Factors<T> const by(tape, s, k);
        auto ready =
            ReadyProduct<T>::of(matrix_of<T>(value), by.x, by.weight, adds ? WriteMode::add : WriteMode::assign);
        if (!ready) return {};
        out.emplace_back(k, std::move(*ready));
        adds = true;
    }
    return out;
}

/// The same again: the addresses are those of the value, and of each operand.
template <Real T> class TracedSum final : public Traced {
public:
    TracedSum(Tape const& tape, Window const& value, JoinedOperands const& s, RowsAtOnce at_once)
        : tape_(tape), value_(value), sum_(s), at_once_(at_once) {
        at.push_back(static_cast<std::byte*>(value.data));
        for (Window const* w : s.operands()) at.push_back(static_cast<std::byte*>(w->data)), operands_.push_back(*w);
        for (std::size_t k = 0; k < operands_.size(); ++k) sum_.list[k] = &operands_[k];
    }
    void run() override {
        value_.data = at[0];
        for (std::size_t k = 0; k < operands_.size(); ++k) operands_[k].data = at[k + 1];
        if (kernels_.empty() && at_once_.most == 0) kernels_ = kernels_of<T>(tape_, value_, sum_);
        if (kernels_.empty()) return compute<T>(tape_, value_, sum_, at_once_);
        if (sum_.attributes.hosted == no_product && sum_.biases > 0) fill_rows<T>(matrix_of<T>(value_), sum_.bias());
        for (auto const& [k, multiply] : kernels_)
            multiply(static_cast<T*>(value_.data), static_cast<T const*>(sum_.x(k).data));
    }
    std::size_t makes() const override {
        bool const alone = sum_.attributes.hosted == no_product && is_contiguous(value_);
        return alone ? static_cast<std::size_t>(count(value_.shape)) * sizeof(T) : 0;
    }
    bool same_work(Traced const& other) const override {
        auto const& o    = static_cast<TracedSum const&>(other);
        auto const alike = [](Window const& a, Window const& b) {
            return a.node == b.node && a.shape == b.shape && a.strides == b.strides;
        };
        return sum_.attributes.hosted == o.sum_.attributes.hosted &&
               sum_.attributes.products == o.sum_.attributes.products && at_once_ == o.at_once_ &&
               alike(value_, o.value_) &&
               std::equal(operands_.begin(), operands_.end(), o.operands_.begin(), o.operands_.end(), alike);
    }

private:
    Tape const& tape_;
    Window value_;
    JoinedOperands sum_;
    RowsAtOnce at_once_;
    std::vector<Window> operands_;
    std::vector<std::pair<std::size_t, ReadyProduct<T>>> kernels_;  // once there are panels
};

}  // namespace

Var record_sum(Tape& tape, Node* node, JoinedOperands const& s, RowsAtOnce at_once) {
    dispatch(tape.dtype(), [&](auto t) {
        using T = decltype(t);
        compute<T>(tape, node->value, s, at_once);
        if (trace_here)
            trace_here->add(&tape, std::make_unique<TracedSum<T>>(tape, node->value, s, at_once)), trace_here->expect();
    });
    Rule const* const rule = s.attributes.products == 1 ? &one : &several;
    if (!tape.recording()) return tape.record(node, rule, s.operands(), &s.attributes);  // no one goes back over it
    return tape.record(node, rule, tape.arena().copy(s.operands()), tape.arena().make<Attributes>(s.attributes));
}

namespace {

/// Adds the sum of the rows of g, made once, to the adjoint of each bias.  Rows that are asked for have met a 1 each, and
/// wait.
template <Real T> void pull_to_biases(Adjoints& adjoints, std::span<Window const* const> biases,
                                      Array<T const> const& g, std::vector<Increment<T>>& waiting) {
    static constexpr T unit = 1;
    Array<T const> const ones{&unit, {g.shape[0], 1}, {0, 0}};
    auto const has_gradient = [&](Window const* b) { return adjoints.tape().requires_grad(*b); };
    auto const by_rows      = [&](Window const* b) { return adjoints.rows() && can_wait(adjoints, *b, g.shape[0]); };
    auto const wanted       = [&](Window const* b) { return has_gradient(b) && !by_rows(b); };
    for (Window const* b : biases)
        if (has_gradient(b) && by_rows(b)) waiting.push_back({b, ones, Use::added});
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
        thread_local std::vector<Increment<T>> waiting;  // kept, so that a loop does not allocate
        waiting.clear();
        if (!node.host) pull_to_biases<T>(adjoints, bias, adjoint_for<Projection>(2, g), waiting);
        Array<T const> const for_x = adjoint_for<Projection>(0, g), for_w = adjoint_for<Projection>(1, g);
        for (std::size_t k = 0; k < a.products; ++k) {
            Window const &x = *node.operands[2 * k], &w = *node.operands[2 * k + 1];
            if (k == a.hosted) continue;
            auto const d = derivatives_of_product<Projection>(x, w);
            if (tape.requires_grad(x)) add<T>(adjoints, x, Product<T>{for_x, array_of<T const>(tape, *d.da)}, for_x);
            if (!tape.requires_grad(w)) continue;
            Array<T const> const rows = as_matrix(array_of<T const>(tape, *d.db));
            if (can_wait(adjoints, w, rows.shape[0])) waiting.push_back({&w, rows, Use::transposed});
            else add<T>(adjoints, w, Product<T>{transposed(for_w), rows}, for_w);
        }
        if (!waiting.empty()) adjoints.postpone<T>(for_w, std::span<Increment<T> const>(waiting));
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
    s.attributes.hosted = no_product;  // all of it: a host holds a part of the node's own value, not of this one
    s.biases            = operands.size() - 2 * s.attributes.products;
    dispatch(tape.dtype(), [&](auto t) { compute<decltype(t)>(tape, value, s, {}); });
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

}  // namespace unspool::core
