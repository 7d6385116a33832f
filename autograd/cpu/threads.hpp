// The threads that one tape's large loops and products are divided among.  How many there are changes no result.
#pragma once
#include <type_traits>
#include <unspool/autograd/array/shape.hpp>
#include <unspool/autograd/array/where.hpp>

namespace unspool::core {

/// How many threads the library may use: for large work on one tape, and for `Shards` made after.  At first as many as the
/// processor runs at once.  Not to be called while another thread computes.  ValueError unless n is at least 1.  The child of a
/// fork() may use as many: it has threads of its own, started when they are needed.
void set_num_threads(Index n, Where = Where::here());
Index num_threads();  ///< how many it may use now
/// Work of fewer operations stays on one thread.  At first as many as several times what waking another takes; tests want less.
void divide_from(double operations);

using DivisibleTask = void (*)(void* context, Index begin, Index end);
bool worth_dividing(Index n, double operations);
void divide(Index n, DivisibleTask, void* context);

/// What a product of [m,k] and [k,n] takes, in operations of an elementwise loop, which is not as fast.
inline double operations_in_product(Index m, Index n, Index k) {
    return static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k) / 4;
}

/// Calls `f(begin, end)` for parts of [0, n), on several threads if `operations` are enough to pay for them.  Within a part
/// of such work, and in the other threads of `Workers`, everything is done on the thread at hand.
template <class F> void in_parts(Index n, double operations, F&& f) {
    if (!worth_dividing(n, operations)) return f(Index{0}, n);
    divide(
        n,
        [](void* context, Index begin, Index end) { (*static_cast<std::remove_reference_t<F>*>(context))(begin, end); },
        const_cast<void*>(static_cast<void const*>(&f)));
}

}  // namespace unspool::core

namespace unspool {

using core::num_threads, core::set_num_threads;

}  // namespace unspool
