// Gradients while a network runs are those of backpropagation through time.
#include <nn/online/learning.hpp>
#include <plans/random_cell.hpp>

using namespace online;

namespace {

void check_rtrl(plans::NamedCell const& cell, Params const& params, Index batch) {
    auto const c = cell.stepped();
    Stream const stream(c, cell.inputs, batch, 6);
    Rtrl rtrl(c, params, {batch}, Where::here());
    double const error = apart(learn(rtrl, params, stream), through_time(c, params, stream, batch));
    BOOST_TEST(error <= 1e-12, cell.name << ", batch " << batch << ": " << error);
}

double error_of_snap(plans::NamedCell const& cell, Params const& params, Index order) {
    auto const c = cell.stepped();
    Stream const stream(c, cell.inputs, 1, 8);
    Snap snap(c, params, order, {}, Where::here());
    return apart(learn(snap, params, stream), through_time(c, params, stream, 1));
}

bool is_among(std::string const& name, std::vector<std::string> const& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(online_gradients)

BOOST_AUTO_TEST_CASE(of_shipped_cells_are_exact_by_rtrl) {
    Params const p(3, float64);
    for (auto const& cell : plans::shipped_cells(p))
        for (Index batch : {1, 2}) check_rtrl(cell, p, batch);
}

BOOST_AUTO_TEST_CASE(of_cells_from_papers_are_exact_by_rtrl) {
    Params const p(4, float64);
    for (auto const& cell : plans::example_cells(p))
        if (cell.name != "echo_state")  // which has nothing to learn
            for (Index batch : {1, 2}) check_rtrl(cell, p, batch);
}

// 10,000 of them have been tried.
BOOST_AUTO_TEST_CASE(of_random_cells_are_exact_by_rtrl) {
    char const* const more  = std::getenv("UNSPOOL_RANDOM_CELLS");
    std::uint64_t const end = more ? std::strtoull(more, nullptr, 10) : 300;
    for (std::uint64_t seed = 0; seed < end; ++seed) {
        Params const p(seed, float64);
        plans::RandomCell const cell(p, seed);
        Index const batch = 1 + static_cast<Index>(seed % 3 == 0);
        auto const c      = core::stepped_cell(cell);
        Stream const stream(c, {{cell.in()}}, batch, 5, seed);
        Rtrl rtrl(cell, p, {batch});
        double const error = apart(learn(rtrl, p, stream), through_time(c, p, stream, batch));
        BOOST_TEST(error <= 1e-12, "random cell " << seed << ": " << error);
    }
}

BOOST_AUTO_TEST_CASE(of_diagonal_cells_are_exact_by_snap_1) {
    Params const p(4, float64);
    for (auto const& cell : plans::example_cells(p))
        if (is_among(cell.name, {"indrnn", "min_gru", "min_lstm", "sru", "s4d", "selective"})) {
            double const error = error_of_snap(cell, p, 1);
            BOOST_TEST(error <= 1e-12, cell.name << ": " << error);
        }
}

// From a state of 0, at which no recurrent weight has a gradient: what it leads to is seen all the same.
BOOST_AUTO_TEST_CASE(of_dense_cells_are_exact_by_snap_2_and_near_by_snap_1) {
    Params const p(3, float64);
    for (auto const& cell : plans::shipped_cells(p))
        if (is_among(cell.name, {"rnn", "gru", "lstm", "mgu", "peephole_lstm"})) {
            double const error = error_of_snap(cell, p, 2), near = error_of_snap(cell, p, 1);
            BOOST_TEST(error <= 1e-12, cell.name << ": " << error);
            BOOST_TEST((near > 1e-6 && near < 0.9), cell.name << ": " << near);
        }
}

BOOST_AUTO_TEST_SUITE_END()
