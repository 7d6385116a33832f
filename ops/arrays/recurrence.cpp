// Runs along the steps, forward to the states, and backward to the adjoints of what they were made of.
#include <fmt/format.h>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/operands.hpp>
#include <unspool/ops/arrays/recurrence.hpp>
#include <unspool/ops/arrays/registers.hpp>
#include <unspool/ops/arrays/shapes.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <vector>

namespace unspool::core {

namespace {

Shape step_of(Shape shape) {
    shape.erase(0);
    return shape;
}
Index size_of_step(Shape const& shape) { return count(step_of(shape)); }

/// Memory for one step, kept for the next call.
template <Real T> std::vector<T>& step_memory(std::size_t which) {
    thread_local std::vector<T> kept[5];
    return kept[which];
}

/// The steps of an array that repeats where it is smaller than `shape`, each as contiguous numbers: in place if they are so.
template <Real T> class Steps {
public:
    Steps(Array<T const> const& x, Shape const& shape, std::vector<T>& memory)
        : Steps(Array<T const>{x.data, shape, broadcast_strides(x.shape, x.strides, shape)}, memory) {}

    T const* operator[](Index t) const {
        T const* const first = step_.data + t * stride_;
        if (in_place_) return first;
        copy<T>({memory_.data(), step_.shape, row_major(step_.shape)}, {first, step_.shape, step_.strides});
        return memory_.data();
    }

private:
    Steps(Array<T const> const& x, std::vector<T>& memory)
        : step_(at(x, 0))
        , stride_(x.strides[0])
        , in_place_(is_contiguous(step_.shape, step_.strides))
        , memory_(memory) {
        if (!in_place_) memory_.resize(static_cast<std::size_t>(count(step_.shape)));
    }

    Array<T const> step_;
    Index stride_;
    bool in_place_;
    std::vector<T>& memory_;
};

/// Takes numbers for one step after another of an adjoint.
template <Real T> class StepAdjoints {
public:
    StepAdjoints(Array<T> const& dx, Shape const& shape, WriteMode fill)
        : StepAdjoints(Array<T>{dx.data, shape, broadcast_strides(dx.shape, dx.strides, shape)}, fill) {
        if (dx.shape == shape || fill != WriteMode::assign) return;
        static constexpr T zero = 0;  // what repeats gets several increments
        copy<T>(dx, {&zero, dx.shape, broadcast_strides({}, {}, dx.shape)});
        fill_ = WriteMode::add;
    }
    void take(Index t, T const* numbers) const {
        T* const to = step_.data + t * stride_;
        if (!in_place_) copy<T>({to, step_.shape, step_.strides}, {numbers, step_.shape, contiguous_}, fill_);
        else if (fill_ == WriteMode::assign) std::copy_n(numbers, n_, to);
        else if (fill_ == WriteMode::add)
            each_register<T>(n_,
                             [&](auto kind, Index j) { store(load(kind, to + j) + load(kind, numbers + j), to + j); });
    }

private:
    StepAdjoints(Array<T> const& dx, WriteMode fill)
        : step_(at(dx, 0))
        , contiguous_(row_major(step_.shape))
        , stride_(dx.strides[0])
        , n_(count(step_.shape))
        , in_place_(is_contiguous(step_.shape, step_.strides))
        , fill_(fill) {}

    Array<T> step_;
    Strides contiguous_;
    Index stride_, n_;
    bool in_place_;
    WriteMode fill_;
};

/// y = a x + b, of n numbers.
template <Real T> void multiply_add(Index n, T* y, T const* a, T const* x, T const* b) {
    each_register<T>(
        n, [&](auto kind, Index j) { store(load(kind, a + j) * load(kind, x + j) + load(kind, b + j), y + j); });
}
template <Real T> void multiply_steps(Index n, T* y, T const* a, T const* x) {
    each_register<T>(n, [&](auto kind, Index j) { store(load(kind, a + j) * load(kind, x + j), y + j); });
}

/// What reaches a state from it and from all that follow, s_t = g_t + a_{t+1} s_{t+1}: from the last step to the first.
template <Real T> class Reaching {
public:
    Reaching(Array<T const> const& g, Array<T const> const& a)
        : g_(g)
        , a_(a, g.shape, step_memory<T>(3))
        , n_(size_of_step(g.shape))
        , t_(g.shape[0] - 1)
        , s_(step_memory<T>(4)) {
        if (left()) s_.assign(numbers(), numbers() + n_);
    }
    bool left() const { return t_ >= 0; }
    void next() {
        if (--t_ >= 0) multiply_add(n_, s_.data(), a_[t_ + 1], s_.data(), numbers());
    }
    Index t() const { return t_; }
    T const* data() const { return s_.data(); }

private:
    T const* numbers() const { return g_.data + t_ * n_; }

    Array<T const> const& g_;
    Steps<T> a_;
    Index n_, t_;
    std::vector<T>& s_;
};

}  // namespace

Shape LinearRecurrence::result(std::span<Window const* const> xs) const {
    Shape out = xs[0]->shape;
    broadcast(out, xs[1]->shape);
    return out;
}

template <Real T> void LinearRecurrence::f(Array<T> y, Array<T const> a, Array<T const> b, Array<T const> h0) const {
    Steps<T> const as(a, y.shape, step_memory<T>(0)), bs(b, y.shape, step_memory<T>(1)),
        start(h0, y.shape, step_memory<T>(2));
    Index const n = size_of_step(y.shape);
    for (Index t = 0; t < y.shape[0]; ++t)
        multiply_add(n, y.data + t * n, as[t], t == 0 ? start[0] : y.data + (t - 1) * n, bs[t]);
}

template <Real T> void LinearRecurrence::pull_a(Array<T> da, WriteMode fill, Array<T const> g, Array<T const> y,
                                                Array<T const> a, Array<T const> h0) {
    Index const n = size_of_step(g.shape);
    Steps<T> const start(h0, y.shape, step_memory<T>(0));
    StepAdjoints<T> const to(da, g.shape, fill);
    std::vector<T>& products = step_memory<T>(1);
    products.resize(static_cast<std::size_t>(n));
    for (Reaching<T> s(g, a); s.left(); s.next()) {
        multiply_steps(n, products.data(), s.data(), s.t() == 0 ? start[0] : y.data + (s.t() - 1) * n);
        to.take(s.t(), products.data());
    }
}
template <Real T> void LinearRecurrence::pull_b(Array<T> db, WriteMode fill, Array<T const> g, Array<T const> a) {
    StepAdjoints<T> const to(db, g.shape, fill);
    for (Reaching<T> s(g, a); s.left(); s.next()) to.take(s.t(), s.data());
}
template <Real T> void LinearRecurrence::pull_start(Array<T> dh0, Array<T const> g, Array<T const> a) {
    if (g.shape[0] == 0) return;
    Reaching<T> s(g, a);
    while (s.t() > 0) s.next();
    std::vector<T>& products = step_memory<T>(0);
    products.resize(static_cast<std::size_t>(size_of_step(g.shape)));
    multiply_steps(std::ssize(products), products.data(), s.data(), Steps<T>(a, g.shape, step_memory<T>(1))[0]);
    StepAdjoints<T>(dh0, g.shape, WriteMode::add).take(0, products.data());
}

namespace {

/// Of a and b, and of the first state, if there is one.
void require_steps(std::span<Var const> xs, Where where) {
    auto const refuse = [&](std::string const& what) {
        throw ShapeError(
            describe(where, LinearRecurrence::name, what, "[t,...] [t,...] [...] -> [t,...]", shown_of(xs)));
    };
    Shape joint = xs[0].shape(where);
    if (!broadcast(joint, xs[1].shape())) refuse(fmt::format("{} and {} do not broadcast", label(xs[0]), label(xs[1])));
    if (joint.empty()) refuse("a scalar has no steps");
    Shape const step = step_of(joint);
    Shape start      = step;
    if (xs.size() == 3 && (!broadcast(start, xs[2].shape()) || !(start == step)))
        refuse(fmt::format("{} does not broadcast to a step, {}", label(xs[2]), text(step)));
}

}  // namespace

Var linear_recurrence(Argument a, Argument b, Argument h0, Where where) {
    return with_operands(std::array{a, b, h0}, LinearRecurrence::name, where, [&](Var x, Var y, Var start) {
        require_steps(std::array{x, y, start}, where);
        return call(LinearRecurrence{}, where, x, y, start);
    });
}
Var linear_recurrence(Argument a, Argument b, Where where) {
    return with_operands(std::array{a, b}, LinearRecurrence::name, where, [&](Var x, Var y) {
        require_steps(std::array{x, y}, where);
        return call(LinearRecurrence{}, where, x, y, x.tape(where).constant(0, {}, where.inside()));
    });
}

std::vector<Example> LinearRecurrence::examples() {
    using Inputs     = std::span<Var const>;
    auto const whole = [](Tape&, Inputs x) { return linear_recurrence(x[0], x[1], x[2]); };
    return {{"a sequence", {{5, 2, 3}, {5, 2, 3}, {2, 3}}, whole},
            {"the same at all steps", {{4, 3}, {3}, {3}}, whole},
            {"a decay of each feature", {{3}, {4, 2, 3}, {2, 1}}, whole},
            {"numbers", {{6}, {6}, {}}, whole},
            {"one step", {{1, 19}, {1, 19}, {19}}, whole},
            {"from zeros", {{4, 17}, {4, 17}}, [](Tape&, Inputs x) { return linear_recurrence(x[0], x[1]); }}};
}

Var backward_recurrence(Var a, Var g) {
    Var const next = pad(slice(flip(a, 0), 0, 0, a.size(0) - 1), 0, 1, 0);
    return flip(linear_recurrence(next, flip(g, 0)), 0);
}

Var LinearRecurrence::gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const {
    if (count(y.shape()) == 0) return x[k] * 0;
    Var const a = fitted(x[0], y.shape()), s = backward_recurrence(a, g);
    if (k == 1) return fitted(s, x[1].shape());
    if (k == 2) return fitted(a[0] * s[0], x[2].shape());
    Var const start = unsqueeze(fitted(x[2], s[0].shape()), 0), states[]{start, slice(y, 0, 0, y.size(0) - 1)};
    return fitted(s * concat(states, 0), x[0].shape());
}

}  // namespace unspool::core
