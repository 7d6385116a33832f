// The outputs of a scan, in time and too late.
#include <boost/test/unit_test.hpp>
#include <nn/cells.hpp>
#include <unspool/nn/cells/rnn.hpp>
#include <unspool/nn/recurrence/scan.hpp>

using namespace unspool;
using cells::has, cells::message, cells::numbers;

BOOST_AUTO_TEST_SUITE(outputs)

BOOST_AUTO_TEST_CASE(are_read_by_step) {
    Params p(1, float64);
    nn::RNNCell const cell(p, 3, 4);
    Tape tape(float64);
    auto const run = scan(cell, tape.input(numbers({5, 2, 3}, 1)), cell.zeros(tape, 2));
    BOOST_TEST((run.outputs.size() == 5u && !run.outputs.empty()));
    BOOST_TEST((run.outputs.back().value<double>() == run.outputs[-1].value<double>()));
    BOOST_TEST((stack(run.outputs)[0].value<double>() == run.outputs.front().value<double>()));
    BOOST_TEST(has(message<IndexError>([&] { (void)run.outputs[5]; }), "outputs.cpp:"));
    Index n = 0;
    for (Var const& y : run.outputs) n += y.size(0);
    BOOST_TEST(n == 10);
}

BOOST_AUTO_TEST_CASE(are_refused_after_a_rewind) {
    Params p(1, float64);
    nn::RNNCell const cell(p, 3, 4);
    core::Outputs late;
    {
        Tape tape(float64);
        auto const run  = scan(cell, tape.input(numbers({5, 2, 3}, 1)), cell.zeros(tape, 2));
        auto const kept = tape.mark();
        auto const more = scan(cell, tape.input(numbers({5, 2, 3}, 1)), run.state);
        tape.rewind(kept);
        (void)tape.input(numbers({5, 2, 3}, 1));
        BOOST_TEST(has(message<TapeError>([&] { (void)more.outputs[0]; }), "after their tape was rewound"));
        BOOST_TEST(run.outputs[4].size(1) == 4);  // from before the mark
        late = run.outputs;
        tape.rewind();
        (void)tape.input(numbers({50, 2, 3}, 1));
        BOOST_TEST(has(message<TapeError>([&] { (void)run.outputs[0]; }), "outputs.cpp:"));
        BOOST_TEST(has(message<TapeError>([&] { (void)stack(run.outputs); }), "after their tape was rewound"));
    }
    BOOST_TEST(has(message<TapeError>([&] {
                       for (Var const& y : late) (void)y;
                   }),
                   "whose tape is gone"));
    Tape another(float64);  // in its place
    BOOST_TEST(has(message<TapeError>([&] { (void)late[0]; }), "whose tape is gone"));
}

BOOST_AUTO_TEST_SUITE_END()
