// A step of a stream takes no memory.  A program of its own, because it replaces the global operator new.
#include <boost/test/unit_test.hpp>
#include <counted_new.hpp>
#include <plans/random_cell.hpp>
#include <thread>

namespace {

using namespace unspool;

/// In the first steps of another thread than the one that made it, as an audio callback's is; or in those behind so many.
template <class C> std::size_t taken(C const& cell, Index batch, int behind = 0) {
    nn::Stream<float> stream(cell, {.batch = batch});
    std::vector<float> const x(static_cast<std::size_t>(cell.in() * batch), 0.5f);
    std::size_t during = 0;
    std::thread([&] {
        for (int t = 0; t < behind; ++t) stream(x);
        std::size_t const before = allocations;
        for (int t = 0; t < 20; ++t) stream(x), stream.set_state("h", stream.state("h"));
        stream.reset();
        during = allocations - before;
    }).join();
    return during;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stream_memory)

BOOST_AUTO_TEST_CASE(is_not_taken_by_steps) {
    for (Index batch : {1, 8}) {
        Params const p(2);
        BOOST_TEST(taken(nn::LSTMCell(p / "lstm", 3, 32), batch) == 0u);
        BOOST_TEST(taken(nn::GRUCell(p / "gru", 5, 7), batch) == 0u);
        BOOST_TEST(taken(nn::LayerNormLSTMCell(p / "norm", 2, 33), batch) == 0u);
        for (std::uint64_t seed = 0; seed < 50; ++seed)
            BOOST_TEST(taken(plans::RandomCell(Params(seed), seed), batch, 1) == 0u, "seed " << seed);
    }
    BOOST_TEST(allocations > 0u);
}

BOOST_AUTO_TEST_SUITE_END()
