// In the child of a fork, work that was divided among the parent's threads is done all the same.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <in_child.hpp>
#include <thread>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/cpu/threads.hpp>
#include <unspool/autograd/cpu/workers.hpp>
#include <vector>

using namespace unspool;
using namespace unspool::core;

namespace {

/// Does each part of some large work get done, once?
bool divided() {
    std::vector<int> done(1000, 0);
    in_parts(1000, 1e9, [&](Index begin, Index end) {
        for (Index i = begin; i < end; ++i) ++done[static_cast<std::size_t>(i)];
    });
    return done == std::vector<int>(1000, 1);
}

bool each_once(Workers& workers, Index n) {
    std::vector<int> done(static_cast<std::size_t>(n), 0);
    workers.each(n, [&](Index k) { ++done[static_cast<std::size_t>(k)]; });
    return done == std::vector<int>(static_cast<std::size_t>(n), 1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(forks)

BOOST_AUTO_TEST_CASE(work_is_divided_in_the_child_and_its_child) {
    Index const before = num_threads();
    set_num_threads(3);
    BOOST_TEST(divided());
    BOOST_TEST(in_child([] { return divided() && divided() && in_child(divided); }));
    BOOST_TEST(divided());
    set_num_threads(before);
}

BOOST_AUTO_TEST_CASE(workers_of_the_parent_work_in_the_child) {
    Workers workers(4);
    BOOST_TEST(each_once(workers, 4));
    BOOST_TEST(in_child([&] {
        bool const all = each_once(workers, 4) && each_once(workers, 2) && each_once(workers, 4);
        Workers fresh(3);
        return all && each_once(fresh, 3);
    }));
    BOOST_TEST(each_once(workers, 4));
}

BOOST_AUTO_TEST_CASE(workers_that_the_child_does_not_use_end_with_it) {
    auto workers = std::make_unique<Workers>(4);
    BOOST_TEST(each_once(*workers, 4));
    BOOST_TEST(in_child([&] {
        workers.reset();
        return true;
    }));
}

BOOST_AUTO_TEST_CASE(a_fork_while_others_divide_leaves_the_child_its_own) {
    std::atomic<bool> stop = false;
    std::thread busy([&] {
        while (!stop) static_cast<void>(divided());
    });
    for (int i = 0; i < 10; ++i) BOOST_TEST(in_child([] { return divided(); }));
    stop = true;
    busy.join();
}

BOOST_AUTO_TEST_CASE(a_fork_within_a_part_ends_in_an_error) {
    Workers workers(3);
    BOOST_TEST(in_child([&] {
        pid_t inner = -1;
        int status  = 0;
        try {
            workers.each(3, [&](Index k) {
                if (k > 0) return;
                inner = fork();
                if (inner == 0) alarm(20);
                else waitpid(inner, &status, 0);
            });
        } catch (Error const&) { _exit(inner == 0 ? 7 : 1); }
        return WIFEXITED(status) && WEXITSTATUS(status) == 7;
    }));
    BOOST_TEST(each_once(workers, 3));
}

BOOST_AUTO_TEST_SUITE_END()
