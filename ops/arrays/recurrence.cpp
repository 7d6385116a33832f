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
    StepAdjoints(Receiver<T> const& to, Shape const& shape)
        : StepAdjoints(Array<T>{to.dx.data, shape, broadcast_strides(to.dx.shape, to.dx.strides, shape)}, to.fill) {
        Array<T> const& dx = to.dx;
        if (dx.shape == shape || fill_ != WriteMode::assign) return;
        static constexpr T zero = 0;  // what repeats gets several increments
        copy<T>(dx, {&zero, dx.shape, broadcast_strides({}, {}, dx.shape)});
        fill_ = WriteMode::add;
    }
    bool wanted() const { return fill_ != WriteMode::none; }
    /// Where numbers for a step may be put at once; there if they have to be added, or laid out.
    T* place(Index t, T* there) const {
        return in_place_ && fill_ == WriteMode::assign ? step_.data + t * stride_ : there;
    }
    void take(Index t, T const* numbers) const {
        if (!wanted() || numbers == step_.data + t * stride_) return;
        T* const to = step_.data + t * stride_;
        if (!in_place_) copy<T>({to, step_.shape, step_.strides}, {numbers, step_.shape, contiguous_}, fill_);
        else
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
template <Real T> void multiply(Index n, T* y, T const* a, T const* x) {
    each_register<T>(n, [&](auto kind, Index j) { store(load(kind, a + j) * load(kind, x + j), y + j); });
}
/// What reaches a state from it and from all that follow, s_t = g_t + a_{t+1} s_{t+1}, and what it adds to the adjoints of b_t and a_t.
template <bool last, Real T> void reach(Index n, T* s, T const* g, T const* next, T const* before, T* to_b, T* to_a) {
    each_register<T>(n, [&](auto kind, Index j) {
        auto reaching = load(kind, g + j);
        if constexpr (!last) reaching = load(kind, next + j) * load(kind, s + j) + reaching;
        store(reaching, s + j), store(reaching, to_b + j), store(reaching * load(kind, before + j), to_a + j);
    });
}

}  // namespace

Shape LinearRecurrence::result(std::span<Window const* const> xs) const {
    Shape out = xs[0]->shape;
    broadcast(out, xs[1]->shape);
    return out;
}

template <Real T> void LinearRecurrence::f(Array<T> y, Array<T const> a, Array<T const> b, Array<T const> h0) const {
    if (count(y.shape) == 0) return;  // no steps of any size, or any number of steps without numbers
    Steps<T> const as(a, y.shape, step_memory<T>(0)), bs(b, y.shape, step_memory<T>(1)),
        start(h0, y.shape, step_memory<T>(2));
    Index const n = size_of_step(y.shape);
    for (Index t = 0; t < y.shape[0]; ++t)
        multiply_add(n, y.data + t * n, as[t], t == 0 ? start[0] : y.data + (t - 1) * n, bs[t]);
}

template <Real T> void LinearRecurrence::together(std::array<Receiver<T>, 3> const& to, Array<T const> g,
                                                  Array<T const> y, Array<T const> a, Array<T const>,
                                                  Array<T const> h0) const {
    StepAdjoints<T> const to_a(to[0], g.shape), to_b(to[1], g.shape), to_start(to[2], g.shape);
    if (count(g.shape) == 0) return;
    Index const n = size_of_step(g.shape);
    Steps<T> const start(h0, y.shape, step_memory<T>(0)), as(a, y.shape, step_memory<T>(1));
    std::vector<T>&s = step_memory<T>(2), &of_b = step_memory<T>(3), &of_a = step_memory<T>(4);
    for (std::vector<T>* one : {&s, &of_b, &of_a}) one->resize(static_cast<std::size_t>(n));
    Index const last = g.shape[0] - 1;
    for (Index t = last; t >= 0; --t) {
        T const *const received = g.data + t * n, *const before = t == 0 ? start[0] : y.data + (t - 1) * n;
        T *const b_there = to_b.place(t, of_b.data()), *const a_there = to_a.place(t, of_a.data());
        if (t == last) reach<true>(n, s.data(), received, received, before, b_there, a_there);
        else reach<false>(n, s.data(), received, as[t + 1], before, b_there, a_there);
        to_b.take(t, b_there), to_a.take(t, a_there);
    }
    if (!to_start.wanted()) return;
    multiply(n, of_a.data(), as[0], s.data());
    to_start.take(0, of_a.data());
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
