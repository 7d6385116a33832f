// What docs/deploy.md says of streams.
#include <boost/test/unit_test.hpp>
#include <unspool.hpp>

using namespace unspool;

BOOST_AUTO_TEST_SUITE(page_of_deploying)

// clang-format off
BOOST_AUTO_TEST_CASE(shows_a_stream) {
    Params const params(1);
    nn::GRUCell const cell(params, 3, 8);
    std::vector<float> const x{1, 2, 3};

    nn::Stream stream(cell);                      // weights as they are now
    std::span<float const> y = stream(x);         // one step: x [1,in], y [1,hidden], until the next step
    stream.set_state("h", stream.state("h"));     // the parts of the state, by name
    stream.reset();                               // to what the cell's zeros() gives
    BOOST_TEST(y.size() == 8u);
    BOOST_TEST(stream.state("h")[0] == 0);
}
// clang-format on

BOOST_AUTO_TEST_SUITE_END()
