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

template <class T> constexpr T one = 1;

/// Operands that are parameters with a gradient.
std::size_t parameters_read(Tape const& tape, Node const& node) {
    auto const is_param = [&](Window const* w) { return tape.requires_grad(*w) && tape[w->node].param; };
    return static_cast<std::size_t>(std::count_if(node.operands.begin(), node.operands.end(), is_param));
}

}  // namespace

bool WeightRows::whole() const { return m * n == param->count(); }

Values WeightRows::input() const {
    Index const width = adjoint_is_left ? n : m;
    if (inputs) return {inputs->begin, dtype, {rows, width}, {width, 1}};
    return {dispatch(dtype, [](auto t) -> void const* { return &one<decltype(t)>; }), dtype, {rows, width}, {0, 0}};
}
Values WeightRows::adjoint() const { return {adjoints->begin, dtype, {rows, adjoints->width}, {adjoints->width, 1}}; }

Scratch& GradientRows::memory(Adjoints& adjoints) { return beside_ ? adjoints.scratch() : own_; }

void GradientRows::clear() {
    own_.clear();
    weights_.clear(), stacks_.clear(), blocks_.clear(), direct_.clear();
}

void GradientRows::pull_back(Node const& node, Adjoints& adjoints) {
    node_                    = node.value.node;
    void const* const from   = adjoints.of(node);
    std::size_t const before = blocks_.size();
    node.rule->pull_back(node, adjoints);
    if (node.host) return;  // a sum of projections: what it did not pull back, its host will
    if (parameters_read(adjoints.tape(), node) == blocks_.size() - before) return;
    std::size_t const bytes = static_cast<std::size_t>(count(node.value.shape)) * size_of(adjoints.tape().dtype());
    direct_.push_back({node_, std::memcpy(memory(adjoints).take(bytes), from, bytes)});
}

namespace {

/// With room for more, of which there will be many.
void make_room(Scratch& memory, RowStack& s, Index more, std::size_t size) {
    if (s.rows + more <= s.capacity) return;
    auto const bytes      = [&](Index rows) { return static_cast<std::size_t>(rows * s.width) * size; };
    Index const capacity  = 4 * (s.rows + more);
    auto* const all       = static_cast<std::byte*>(memory.take(bytes(capacity)));
    std::byte* const from = s.begin;
    s.begin               = all + bytes(capacity - s.rows);
    if (s.rows > 0) std::memcpy(s.begin, from, bytes(s.rows));
    if (s.capacity > 0) memory.give_back(from - bytes(s.capacity - s.rows), bytes(s.capacity));
    s.capacity = capacity;
}

template <Real T> void put_in_front(Scratch& memory, RowStack& s, Array<T const> const& rows) {
    make_room(memory, s, rows.shape[0], sizeof(T));
    s.begin -= static_cast<std::size_t>(count(rows.shape)) * sizeof(T);
    s.rows += rows.shape[0];
    copy<T>({reinterpret_cast<T*>(s.begin), rows.shape, row_major(rows.shape)}, rows, WriteMode::assign);
}

/// The same rows, in memory of their own.
RowStack copied(Scratch& memory, RowStack const& s, std::size_t size) {
    RowStack out{s.width};
    make_room(memory, out, s.rows, size);
    out.rows         = s.rows;
    auto const bytes = static_cast<std::size_t>(s.rows * s.width) * size;
    std::memcpy(out.begin -= bytes, s.begin, bytes);
    return out;
}

}  // namespace

/// Keeps an adjoint that some weights have met.  As long as the same weights always meet together, it is kept once.
template <Real T>
void GradientRows::share(Scratch& memory, std::vector<std::size_t>& weights, Array<T const> const& adjoint) {
    while (!weights.empty()) {
        RowStack* stack  = weights_[weights.back()].adjoints;
        auto const same  = std::partition(weights.begin(), weights.end(),
                                          [&](std::size_t w) { return weights_[w].adjoints != stack; });
        auto const users = weights.end() - same;
        if (!stack || stack->shared != users) {
            if (stack) stack->shared -= users;
            stack = &stacks_.emplace_back(stack ? copied(memory, *stack, sizeof(T)) : RowStack{adjoint.shape[1]});
            stack->shared = users;
            for (auto w = same; w != weights.end(); ++w) weights_[*w].adjoints = stack;
        }
        put_in_front<T>(memory, *stack, adjoint);
        weights.erase(same, weights.end());
    }
}

template <Real T>
void GradientRows::put(Adjoints& adjoints, Array<T const> const& a, std::span<Increment<T> const> increments) {
    for (Increment<T> const& i : increments) {
        bool const right    = i.use == Use::right;
        std::size_t const k = like<T>(adjoints, a, i);
        if (std::find(together_.begin(), together_.end(), k) != together_.end())
            share<T>(memory(adjoints), together_, a);
        together_.push_back(k);
        WeightRows& w = weights_[k];
        if (w.inputs) put_in_front<T>(memory(adjoints), *w.inputs, right ? a : i.b);
        if (right) share<T>(memory(adjoints), together_, i.b);
        w.rows += a.shape[0];
        blocks_.push_back({node_, k, a.shape[0]});
    }
    share<T>(memory(adjoints), together_, a);
}
void GradientRows::take(Adjoints& s, Array<float const> const& a, std::span<Increment<float> const> i) {
    put<float>(s, a, i);
}
void GradientRows::take(Adjoints& s, Array<double const> const& a, std::span<Increment<double> const> i) {
    put<double>(s, a, i);
}

/// Which of the weights that there are is met as this one is; a new one if there is none.
template <Real T>
std::size_t GradientRows::like(Adjoints& adjoints, Array<T const> const& a, Increment<T> const& increment) {
    Array<T> part     = with_rows<T>(a.shape[1], *increment.weight);
    bool const turned = part.strides[0] == 1 && part.strides[1] != 1, left = (increment.use != Use::right) != turned;
    if (turned) part = transposed(part);
    NodeId const leaf     = increment.weight->node;
    Node const& node      = adjoints.tape()[leaf];
    bool const of_columns = increment.use == Use::left, added = increment.use == Use::added;
    WeightRows const wanted{node.param,    leaf,          part.data - static_cast<T const*>(node.value.data),
                            part.shape[0], part.shape[1], part.strides,
                            left,          of_columns,    dtype_of<T>};
    auto const same = [&](WeightRows const& w) {
        return w.leaf == leaf && w.begin == wanted.begin && w.m == wanted.m && w.n == wanted.n &&
               w.strides == wanted.strides && w.adjoint_is_left == left && w.of_columns == of_columns &&
               w.added() == added;
    };
    auto const found = std::find_if(weights_.begin(), weights_.end(), same);
    if (found != weights_.end()) return static_cast<std::size_t>(found - weights_.begin());
    static_cast<void>(adjoints.into_zeroed(node.value));  // so that there is a gradient
    weights_.push_back(wanted);
    if (!added) weights_.back().inputs = &stacks_.emplace_back(RowStack{left ? part.shape[1] : part.shape[0]});
    return weights_.size() - 1;
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
