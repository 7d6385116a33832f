// The encoder-decoder: its gradients, and that it runs freely as it was taught.
#include <attention/speller.hpp>
#include <boost/test/unit_test.hpp>
#include <unspool/nn/recurrence/gradcheck.hpp>

using namespace attention;

namespace {

/// Two words of unequal length, whose targets are of other lengths.
Strings two_words(Symbols first = {3, 4, end}, Symbols second = {5, 6, 7, 8, end}) {
    Sequences<Symbols, Symbols> words{{{1, 2, 3, 4}, {9, 8}}, {std::move(first), std::move(second)}};
    return *SequenceBatches(std::move(words), {.size = 2, .shuffle = false, .aligned = false}).next();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(of_attention)

BOOST_AUTO_TEST_CASE(gradients) {
    Params params(1, float64);
    Speller const speller(params, 2, 3);
    Strings const batch = two_words();
    BOOST_TEST(
        gradcheck(params, [&](Tape& tape) { return cross_entropy(speller.taught(tape, batch), batch.targets); }));
}

// What it writes is what it finds most likely when it is taught with just that.
BOOST_AUTO_TEST_CASE(it_runs_freely_as_it_was_taught) {
    Params params(3);
    Speller const speller(params, 8, 12);
    for (Param* p : params.all()) nn::init::normal(*p, params.random(), 0, 1);
    Tape tape;
    auto const written = speller.written(tape, two_words(), 5);
    Symbols first, second;
    for (std::size_t t = 0; t < 5; ++t) first.push_back(written(t, 0)), second.push_back(written(t, 1));
    auto const again = argmax(speller.taught(tape, two_words(first, second))).numbers;
    BOOST_TEST(std::vector<Index>(again.begin(), again.end()) == std::vector<Index>(written.begin(), written.end()),
               boost::test_tools::per_element());
    BOOST_TEST((first != second));
    BOOST_TEST((first != Symbols(5, first[0])));
}

BOOST_AUTO_TEST_CASE(it_looks_at_letters_that_there_are) {
    Params params(3);
    Speller const speller(params, 8, 12);
    Tape tape;
    Recorder recorder;
    speller.written(tape, two_words(), 3, &recorder);
    Var const weights = recorder.sequence("weights");  // [3,2,4]
    BOOST_TEST((weights.shape() == Shape{3, 2, 4}));
    for (Index t = 0; t < 3; ++t) {
        BOOST_TEST(sum(weights[t][0]).item() == 1, boost::test_tools::tolerance(1e-6));
        BOOST_TEST(sum(weights[t][1]).item() == 1, boost::test_tools::tolerance(1e-6));
        BOOST_TEST(weights[t][1][2].item() == 0);
        BOOST_TEST(weights[t][1][3].item() == 0);
    }
}

BOOST_AUTO_TEST_SUITE_END()
