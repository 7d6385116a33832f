// Threads that wait for work.  A training step is too short to start threads for it.
#pragma once
#include <atomic>
#include <exception>
#include <thread>
#include <type_traits>
#include <unspool/autograd/array/shape.hpp>
#include <vector>

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

    Index count() const { return static_cast<Index>(failures_.size()); }

    /// Calls `f(k)` for each k in [0, n), n ≤ count(), each on a thread of its own, f(0) on the caller's; returns when all are
    /// done, and throws again what the first of them threw.  Error, in the child, if f(0) forked.
    template <class F> void each(Index n, F&& f) {
        task_ = [](void* context, Index k) { (*static_cast<std::remove_reference_t<F>*>(context))(k); };
        run(n, const_cast<void*>(static_cast<void const*>(&f)));
    }

private:
    using Task = void (*)(void* context, Index k);

    void start();
    void start_after_fork();
    void run(Index n, void* context);
    void attempt(Index k);
    void work(Index k);
    void stop();

    Task task_     = nullptr;
    void* context_ = nullptr;
    Index active_  = 0;
    bool stopping_ = false;
    unsigned forks_;
    std::atomic<unsigned> round_ = 0;           // each begins when this changes
    std::atomic<Index> working_  = 0;           // threads that are not done yet
    std::vector<std::exception_ptr> failures_;  // one for each worker
    std::vector<std::thread> threads_;
};

}  // namespace unspool::core
