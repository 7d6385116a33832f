// Large work on several threads gives what one thread gives, to the last bit.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <pthread.h>
#include <set>
#include <thread>
#include <unspool.hpp>
#include <xtensor/xrandom.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

using Types = std::tuple<float, double>;

struct Threads {
    Index const before = num_threads();
    ~Threads() { set_num_threads(before); }
};

/// The values and gradients of large statements and products, on so many threads.
template <class T> std::vector<xt::xarray<T>> large(Index threads) {
    set_num_threads(threads);
    xt::random::seed(3);
    Params params(3, dtype_of<T>);
    Param& w = params.uniform("w", {300, 700}, -1, 1);
    Tape tape(dtype_of<T>);
    xt::xarray<T> const a = xt::random::rand<T>({900, 700}, -1, 1), b = xt::random::rand<T>({900, 300}, -1, 1);
    Var x = tape.input(a), y = tape.input(b), z = linear(x, w);
    Var s             = tanh(z) * sigmoid(y) + slice(x, 1, 16, 316) * y;  // of whole arrays, and of rows of a wider one
    Gradients const g = backward(mean(s * s));
    return {z.value<T>(), s.value<T>(), g[x], g[y], g[w]};
}

/// The gradients of a row that all others share, and of parts that overlap: each thread adds to what another adds to.
template <class T> std::vector<xt::xarray<T>> shared(Index threads) {
    set_num_threads(threads);
    xt::random::seed(3);
    Tape tape(dtype_of<T>);
    xt::xarray<T> const a = xt::random::rand<T>({4096, 64}, -1, 1), b = xt::random::rand<T>({64}, -1, 1);
    xt::xarray<T> const c = xt::random::rand<T>({64 * 4096 + 16}, -1, 1);
    Var x = tape.input(a), row = tape.input(b), line = tape.input(c);
    Var y             = tanh(x * row) + row;
    Var z             = slice(line, 0, 0, 64 * 4096) * slice(line, 0, 16, 64 * 4096 + 16);
    Gradients const g = backward(mean(y * y) + mean(z * z));
    return {g[x], g[row], g[line]};
}

/// While it lives, no thread can be started: each asks for more memory than there are addresses.
class NoMoreThreads {
public:
    NoMoreThreads() {
        pthread_getattr_default_np(&before_);
        pthread_attr_t huge = {};
        pthread_attr_init(&huge);
        pthread_attr_setstacksize(&huge, std::size_t{1} << 52);
        pthread_setattr_default_np(&huge);
    }
    ~NoMoreThreads() { pthread_setattr_default_np(&before_); }
    NoMoreThreads(NoMoreThreads const&)            = delete;
    NoMoreThreads& operator=(NoMoreThreads const&) = delete;

private:
    pthread_attr_t before_ = {};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(threads, Threads)

BOOST_AUTO_TEST_CASE_TEMPLATE(change_no_result, T, Types) {
    auto const alone = large<T>(1);
    for (Index n : {2, 3, 8}) {
        auto const together = large<T>(n);
        for (std::size_t k = 0; k < alone.size(); ++k)
            BOOST_TEST((together[k] == alone[k]), n << " threads, array " << k);
    }
}

BOOST_AUTO_TEST_CASE(that_cannot_be_started_are_an_error) {
    auto const alone = large<float>(1);
    {
        NoMoreThreads const none;
        BOOST_CHECK_THROW(Shards(3, float32, 3), MemoryError);
        BOOST_CHECK_THROW(large<float>(5), MemoryError);
    }
    BOOST_TEST(Shards(3, float32, 3).count() == 3);
    auto const together = large<float>(5);
    for (std::size_t k = 0; k < alone.size(); ++k) BOOST_TEST((together[k] == alone[k]));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(do_not_add_to_one_place_at_once, T, Types) {
    auto const alone = shared<T>(1);
    for (int turn = 0; turn < 5; ++turn) {
        auto const together = shared<T>(4);
        for (std::size_t k = 0; k < alone.size(); ++k) BOOST_TEST((together[k] == alone[k]), "array " << k);
    }
}

BOOST_AUTO_TEST_CASE(share_large_work_only) {
    set_num_threads(3);
    auto parts = [](Index n, double operations) {
        std::set<std::thread::id> ids;
        std::mutex one_at_a_time;
        std::atomic<Index> sum = 0;
        in_parts(n, operations, [&](Index begin, Index end) {
            sum += end - begin;
            std::lock_guard const lock(one_at_a_time);
            ids.insert(std::this_thread::get_id());
        });
        BOOST_TEST(sum == n);
        return ids.size();
    };
    BOOST_TEST(parts(100, 1e9) == 3u);
    BOOST_TEST(parts(2, 1e9) == 2u);
    BOOST_TEST(parts(100, 1e3) == 1u);
    BOOST_TEST(parts(0, 1e9) == 1u);
    std::size_t inside = 0;
    in_parts(3, 1e9, [&](Index begin, Index) {
        if (begin == 0) inside = parts(100, 1e9);  // a part is not divided again
    });
    BOOST_TEST(inside == 1u);
    set_num_threads(1);
    BOOST_TEST(parts(100, 1e9) == 1u);
}

BOOST_AUTO_TEST_CASE(hand_on_what_a_part_throws) {
    set_num_threads(2);
    auto fail = [](Index begin, Index) {
        if (begin > 0) throw ValueError("enough");
    };
    BOOST_CHECK_THROW(in_parts(2, 1e9, fail), ValueError);
    BOOST_CHECK_THROW(set_num_threads(0), ValueError);
    BOOST_TEST(num_threads() == 2);
}

BOOST_AUTO_TEST_CASE(of_two_tapes_do_not_wait_for_each_other) {
    auto const alone       = large<float>(1);
    std::atomic<int> wrong = 0;
    std::vector<std::thread> users;
    set_num_threads(2);
    for (int k = 0; k < 3; ++k)
        users.emplace_back([&] {
            for (int turn = 0; turn < 5; ++turn) {
                Tape tape;
                xt::xarray<float> const a = xt::ones<float>({700, 700}) * 0.5f;
                Var const x = tape.input(a), s = tanh(x) * x;
                wrong += backward(sum(s))[x].value<float>()(699, 699) != backward(sum(s))[x].value<float>()(0, 0);
            }
        });
    for (auto& u : users) u.join();
    BOOST_TEST(wrong == 0);
    BOOST_TEST((large<float>(2).front() == alone.front()));
}

BOOST_AUTO_TEST_SUITE_END()
