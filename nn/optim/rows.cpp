// Takes rows from the last on, each in front of those that are there.
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <unspool/autograd/backward/adjoints.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/optim/rows.hpp>

namespace unspool::core {

namespace {

/// As a matrix with m rows: a vector is a column, or, where it is multiplied with a matrix, a row.
template <Real T> Array<T> with_rows(Index m, Window const& w) {
    Array<T> const all{static_cast<T*>(w.data), w.shape, w.strides};
    if (w.shape.rank() != 1) return as_matrix(all);
    Index const n = w.shape[0], step = w.strides[0];
    return m == n ? Array<T>{all.data, {n, 1}, {step, 1}} : Array<T>{all.data, {1, n}, {n * step, step}};
}

/// Operands that are parameters with a gradient.
std::size_t parameters_read(Tape const& tape, Node const& node) {
    auto const is_param = [&](Window const* w) { return tape.requires_grad(*w) && tape[w->node].param; };
    return static_cast<std::size_t>(std::count_if(node.operands.begin(), node.operands.end(), is_param));
}

}  // namespace

bool WeightRows::whole() const { return m * n == param->count(); }

void GradientRows::clear() {
    memory_.rewind({});
    weights_.clear(), blocks_.clear(), direct_.clear();
}

void GradientRows::pull_back(Node const& node, Adjoints& adjoints) {
    node_ = node.value.node, adjoint_ = adjoints.of(node);
    std::size_t const before = blocks_.size();
    node.rule->pull_back(node, adjoints);
    if (node.host) return;  // a sum of projections: what it did not pull back, its host will
    if (parameters_read(adjoints.tape(), node) == blocks_.size() - before) return;
    std::size_t const bytes = static_cast<std::size_t>(count(node.value.shape)) * size_of(adjoints.tape().dtype());
    direct_.push_back({node_, std::memcpy(memory_.array(bytes), adjoint_, bytes)});
}

template <Real T> void GradientRows::put(Adjoints& adjoints, Array<T const> const& a, Increment<T> const& increment) {
    Array<T> part       = with_rows<T>(a.shape[1], *increment.weight);
    Array<T const> left = a, right = increment.b;
    if (part.strides[0] == 1 && part.strides[1] != 1) part = transposed(part), std::swap(left, right);
    WeightRows& w = like(adjoints, increment.weight->node, part, left.data == adjoint_);
    make_room(w, a.shape[0]);
    auto const prepend = [](std::byte*& to, Array<T const> const& rows) {
        to -= static_cast<std::size_t>(count(rows.shape)) * sizeof(T);
        copy<T>({reinterpret_cast<T*>(to), rows.shape, row_major(rows.shape)}, rows, WriteMode::assign);
    };
    prepend(w.left_begin, left), prepend(w.right_begin, right);
    w.rows += a.shape[0];
    blocks_.push_back({node_, static_cast<std::size_t>(&w - weights_.data()), a.shape[0]});
}

template <Real T>
WeightRows& GradientRows::like(Adjoints& adjoints, NodeId leaf, Array<T> const& part, bool adjoint_is_left) {
    Node const& node  = adjoints.tape()[leaf];
    Index const begin = part.data - static_cast<T const*>(node.value.data);
    for (WeightRows& w : weights_)
        if (w.leaf == leaf && w.begin == begin && w.m == part.shape[0] && w.n == part.shape[1] &&
            w.strides == part.strides && w.adjoint_is_left == adjoint_is_left)
            return w;
    static_cast<void>(adjoints.into_zeroed(node.value));  // so that there is a gradient
    return weights_.emplace_back(
        WeightRows{node.param, leaf, begin, part.shape[0], part.shape[1], part.strides, adjoint_is_left, dtype_of<T>});
}

void GradientRows::make_room(WeightRows& w, Index more) {
    if (w.rows + more <= w.capacity) return;
    w.capacity       = 2 * w.rows + more;
    auto const moved = [&](std::byte* from, Index width) {
        auto const bytes = [&](Index n) { return static_cast<std::size_t>(n * width) * size_of(w.dtype); };
        auto* const end  = static_cast<std::byte*>(memory_.array(bytes(w.capacity))) + bytes(w.capacity);
        return w.rows == 0 ? end : static_cast<std::byte*>(std::memcpy(end - bytes(w.rows), from, bytes(w.rows)));
    };
    w.left_begin = moved(w.left_begin, w.m), w.right_begin = moved(w.right_begin, w.n);
}

void GradientRows::add_products(Gradients& gradients) const {
    for (WeightRows const& w : weights_)
        dispatch(w.dtype, [&](auto type) {
            using T = decltype(type);
            multiply<T>(w.part_of(gradients.mutable_data<T>(*w.param)),
                        {transposed(typed<T>(w.left())), typed<T>(w.right())}, WriteMode::add);
        });
}

WeightRows const& GradientRows::operator[](Asked<Param> asked) const {
    auto const is_of = [&](WeightRows const& w) { return w.param == &asked.x; };
    if (auto const n = std::count_if(weights_.begin(), weights_.end(), is_of); n != 1)
        throw ValueError(fmt::format("{}: rows of {}: products were taken with it in {} ways, not in one",
                                     text(asked.where), asked.x.path(), n));
    return *std::find_if(weights_.begin(), weights_.end(), is_of);
}

Gradients backward(Var const& loss, GradientRows& rows, Where where) {
    require_scalar(loss, where);
    rows.clear();
    Gradients out = sweep(loss, nullptr, Keep::leaves, where, &rows);
    rows.add_products(out);
    return out;
}

}  // namespace unspool::core
