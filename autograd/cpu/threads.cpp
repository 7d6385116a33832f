// One pool of threads for the program, made when it is first needed.
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <thread>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/cpu/threads.hpp>
#include <unspool/autograd/cpu/workers.hpp>
#include <unspool/autograd/system/fork.hpp>

namespace unspool::core {

namespace {

std::atomic<double> enough =
    1 << 24;  // operations: about a tenth of a millisecond, several times what waking a thread takes

std::atomic<Index> wanted = std::max<Index>(1, static_cast<Index>(std::thread::hardware_concurrency()));

struct Pool {
    std::mutex in_use;
    std::unique_ptr<Workers> workers;
};
constinit Pool pool;

// In the child, no thread is using it.
[[maybe_unused]] int const opened = pthread_atfork(nullptr, nullptr, [] { std::construct_at(&pool.in_use); });

}  // namespace

void set_num_threads(Index n, Where where) {
    if (n < 1)
        throw ValueError(fmt::format("{}: set_num_threads: {} is given, but one thread is the least", text(where), n));
    wanted = n;
}

Index num_threads() { return wanted; }
void divide_from(double operations) { enough = operations; }

bool worth_dividing(Index n, double operations) {
    return operations >= enough && n > 1 && wanted > 1 && !Workers::within();
}

// A pool that another thread is using is not waited for.
void divide(Index n, DivisibleTask task, void* context) {
    std::unique_lock const lock(pool.in_use, std::try_to_lock);
    if (!lock) return task(context, 0, n);
    if (!pool.workers || pool.workers->count() != wanted) pool.workers = std::make_unique<Workers>(wanted);
    Index const parts = std::min(n, pool.workers->count());
    pool.workers->each(parts, [&](Index k) { task(context, n * k / parts, n * (k + 1) / parts); });
}

}  // namespace unspool::core
