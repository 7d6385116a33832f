// Threads that wait for work.  A training step is too short to start threads for it.
#pragma once
#include <memory>
#include <type_traits>
#include <unspool/autograd/array/shape.hpp>

namespace unspool::core {

/// In the child of a fork there is none of these threads; they are started again when there is work for them.
class Workers {
public:
    /// `n` in all: the caller, and n - 1 threads.  Throws std::system_error where the system gives no more.
    explicit Workers(Index n);
    ~Workers();
    Workers(Workers const&)            = delete;
    Workers& operator=(Workers const&) = delete;

    /// Is this thread doing one of several parts of such work?
    static bool within();

    Index count() const { return count_; }

    /// Calls `f(k)` for each k in [0, n), n ≤ count(), each on a thread of its own, f(0) on the caller's; returns when all are
    /// done, and throws again what the first of them threw.  Error, in the child, if f(0) forked.
    template <class F> void each(Index n, F&& f) {
        run(
            n, [](void* context, Index k) { (*static_cast<std::remove_reference_t<F>*>(context))(k); },
            const_cast<void*>(static_cast<void const*>(&f)));
    }

private:
    using Task = void (*)(void* context, Index k);

    void run(Index n, Task, void* context);

    class Team;
    Index count_;
    std::unique_ptr<Team> team_;
};

}  // namespace unspool::core
