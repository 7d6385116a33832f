// BLEU against what it is by hand.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <sstream>
#include <unspool.hpp>

using namespace unspool;

namespace {

/// A number for each word, the same wherever it occurs.
Symbols words_of(std::string const& text) {
    Symbols out;
    std::istringstream in(text);
    for (std::string word; in >> word;) {
        Index number = 0;
        for (char c : word) number = 31 * number + c;
        out.push_back(number);
    }
    return out;
}

double bleu_of(std::string const& candidate, std::vector<std::string> const& references, Index most = 4) {
    std::vector<std::vector<Symbols>> lists(1);
    for (auto const& r : references) lists[0].push_back(words_of(r));
    return bleu(std::vector<Symbols>{words_of(candidate)}, lists, most);
}

auto const tiny = boost::test_tools::tolerance(1e-12);

}  // namespace

BOOST_AUTO_TEST_SUITE(of_bleu)

// Papineni et al. (2002), example 2: seven times "the", of which the first reference has two.
BOOST_AUTO_TEST_CASE(clips_words_that_are_repeated) {
    std::vector<std::string> const cat{"the cat is on the mat", "there is a cat on the mat"};
    BOOST_TEST(bleu_of("the the the the the the the", cat, 1) == 2.0 / 7, tiny);
    BOOST_TEST(bleu_of("the the the the the the the", cat) == 0);
    // A word counts as often as in one reference, not as in all of them: "cat" once.
    BOOST_TEST(bleu_of("cat cat cat cat cat cat", cat, 1) == 1.0 / 6, tiny);
}

// The same, example 1: of 18 words 17 are in a reference, of 17 pairs 10.
BOOST_AUTO_TEST_CASE(looks_at_all_references) {
    std::vector<std::string> const guide{
        "it is a guide to action that ensures that the military will forever heed party commands",
        "it is the guiding principle which guarantees the military forces always being under the command of the party",
        "it is the practical guide for the army always to heed the directions of the party"};
    std::string const good =
        "it is a guide to action which ensures that the military always obeys the commands of the party";
    BOOST_TEST(bleu_of(good, guide, 1) == 17.0 / 18, tiny);
    BOOST_TEST(bleu_of(good, guide, 2) == std::sqrt(17.0 / 18 * 10 / 17), tiny);
}

BOOST_AUTO_TEST_CASE(punishes_what_is_short) {
    BOOST_TEST(bleu_of("a b c d", {"a b c d"}) == 1, tiny);
    BOOST_TEST(bleu_of("a b c d", {"a b c d e f"}) == std::exp(1 - 6.0 / 4), tiny);
    BOOST_TEST(bleu_of("a b c d", {"a b c d e f", "a b c x y"}) == std::exp(1 - 5.0 / 4), tiny);  // the nearest
    BOOST_TEST(bleu_of("a b c d", {"a b c d e", "a"}) == std::exp(1 - 5.0 / 4), tiny);
    BOOST_TEST(bleu_of("a b c d", {"a b c d e", "a b c"}) == 1, tiny);  // of two, the shorter
    BOOST_TEST(bleu_of("a b c d e f", {"a b c d"}) == std::pow(4.0 / 6 * 3 / 5 * 2 / 4 * 1 / 3, 0.25), tiny);
}

// The second sentence by itself would have 0.
BOOST_AUTO_TEST_CASE(is_of_a_corpus_and_not_a_mean_of_sentences) {
    std::vector<Symbols> const candidates{{1, 2, 3, 4, 5}, {1, 2, 9, 4, 5}},
        references{{1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}};
    BOOST_TEST(bleu(candidates, references) == std::pow(9.0 / 10 * 6 / 8 * 3 / 6 * 2 / 4, 0.25), tiny);
    // Lengths are added up, too: 4 and 6 words are as long as 5 and 5.
    BOOST_TEST(bleu(std::vector<Symbols>{{1, 2, 3, 4}, {1, 2, 3, 4, 5, 6}}, references, 1) == 9.0 / 10, tiny);
}

BOOST_AUTO_TEST_CASE(of_nothing_is_nothing) {
    BOOST_TEST(bleu(std::vector<Symbols>{}, std::vector<Symbols>{}) == 0);
    BOOST_TEST(bleu_of("", {"a"}) == 0);
    BOOST_TEST(bleu_of("a b c", {"a b c"}) == 0);  // there is no n-gram of four
    BOOST_TEST(bleu_of("a b c", {"a b c"}, 3) == 1, tiny);
}

BOOST_AUTO_TEST_CASE(refuses_what_cannot_be_compared) {
    std::vector<Symbols> const one{{1}}, two{{1}, {2}};
    BOOST_CHECK_EXCEPTION(bleu(one, two, 4, {"a/net.cpp", 7}), ValueError, [](Error const& e) {
        return std::string(e.what()) == "net.cpp:7: bleu: there are 1 candidates, but references of 2";
    });
    BOOST_CHECK_THROW(bleu(one, std::vector<std::vector<Symbols>>{{}}), ValueError);
    BOOST_CHECK_THROW(bleu(one, one, 0), ValueError);
}

BOOST_AUTO_TEST_SUITE_END()
