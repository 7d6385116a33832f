// Threads that wait for work.
#include <algorithm>
#include <atomic>
#include <exception>
#include <fmt/format.h>
#include <system_error>
#include <thread>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/cpu/workers.hpp>
#include <unspool/autograd/system/fork.hpp>
#include <utility>
#include <vector>

namespace unspool::core {

namespace {
thread_local bool doing_a_part = false;
}

bool Workers::within() { return doing_a_part; }

class Workers::Team {
public:
    explicit Team(Index n) : forks_(forks()), failures_(static_cast<std::size_t>(n)) { start(); }
    ~Team() { stop(); }
    void run(Index n, Task, void* context);

private:
    void start();
    void start_after_fork();
    void attempt(Index k);
    void work(Index k);
    void stop();
    Index count() const { return std::ssize(failures_); }

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

Workers::Workers(Index n) : count_(n), team_(std::make_unique<Team>(n)) {}
Workers::~Workers() = default;

void Workers::run(Index n, Task task, void* context) { team_->run(n, task, context); }

void Workers::Team::start() {
    stopping_ = false, round_ = 0, working_ = 0;
    try {
        for (Index k = 1; k < count(); ++k) threads_.emplace_back(&Team::work, this, k);
    } catch (std::system_error const& e) {
        std::size_t const started = threads_.size();
        stop();
        throw MemoryError(
            fmt::format("{} threads were wanted, and {} more could be started: {}", count(), started, e.what()));
    } catch (...) {
        stop();
        throw;
    }
}

void Workers::Team::stop() {
    stopping_ = true;
    ++round_;
    round_.notify_all();
    for (auto& t : threads_)
        if (forks_ == forks()) t.join();
        else std::construct_at(&t);  // it is the parent's: there is nothing to wait for
    threads_.clear();
}

void Workers::Team::start_after_fork() {
    stop();
    forks_ = forks();
    std::fill(failures_.begin(), failures_.end(), nullptr);  // of what another thread was doing
    start();
}

void Workers::Team::run(Index n, Task task, void* context) {
    if (forks_ != forks() || std::ssize(threads_) + 1 < count()) start_after_fork();
    task_    = task;
    context_ = context;
    active_  = n;
    if (n > 1) {
        working_ = static_cast<Index>(threads_.size());
        ++round_;
        round_.notify_all();
    }
    attempt(0);
    if (forks_ != forks())
        throw Error("a part of work on several threads called fork(): in the child, the other parts will not be done");
    for (Index left = working_; left > 0; left = working_) working_.wait(left);
    auto const first = std::find_if(failures_.begin(), failures_.end(), [](auto& f) { return f != nullptr; });
    if (first == failures_.end()) return;
    auto const thrown = *first;
    std::fill(failures_.begin(), failures_.end(), nullptr);
    std::rethrow_exception(thrown);
}

void Workers::Team::attempt(Index k) {
    if (k >= active_) return;
    bool const before = std::exchange(doing_a_part, doing_a_part || active_ > 1);
    try {
        task_(context_, k);
    } catch (...) { failures_[static_cast<std::size_t>(k)] = std::current_exception(); }
    doing_a_part = before;
}

void Workers::Team::work(Index k) {
    for (unsigned seen = 0;;) {
        round_.wait(seen);
        seen = round_;
        if (stopping_) return;
        attempt(k);
        if (forks_ != forks()) return;  // the only thread of a child: the process ends
        if (--working_ == 0) working_.notify_one();
    }
}

}  // namespace unspool::core
