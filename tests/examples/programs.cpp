// The first programs of many: a forecast and a sentiment, each with a figure that has to be reached.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <forecast/series.hpp>
#include <fstream>
#include <sentiment/reviews.hpp>

namespace fs = std::filesystem;
using namespace unspool;

namespace {

int status_of(std::string const& command) {
    int const status = std::system((UNSPOOL_EXAMPLES_DIR "/" + command + " > /dev/null 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// A folder with one file, gone after the test.
struct OneFile {
    fs::path folder = fs::temp_directory_path() / ("unspool_programs_" + std::to_string(getpid())),
             file   = folder / "a.txt";

    explicit OneFile(std::string const& text) {
        fs::create_directories(folder);
        std::ofstream(file) << text;
    }
    ~OneFile() { fs::remove_all(folder); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(programs)

BOOST_AUTO_TEST_CASE(a_tube_stage_in_c_sounds_like_the_tube) {
    OneFile const there("");
    BOOST_TEST(status_of("28_tube_stage --folder " + there.folder.string()) == 0);
    BOOST_TEST(status_of("28_tube_stage --updates 1 --folder " + there.folder.string()) == 1);
}

BOOST_AUTO_TEST_CASE(a_cell_goes_to_onnx_and_back) {
    OneFile const there("");
    BOOST_TEST(status_of("30_onnx --folder " + there.folder.string()) == 0);
}

BOOST_AUTO_TEST_CASE(a_forecast_is_better_than_the_step_before) {
    BOOST_TEST(status_of("15_forecast --plot '' --at-most 0.5") == 0);
    BOOST_TEST(status_of("15_forecast --plot '' --at-most 0.5 --epochs 1") == 1);  // one who has not learned misses it
}

BOOST_DATA_TEST_CASE(every_cell_tells_praise_from_complaints,
                     (std::vector<std::string>{"rnn", "lstm", "gru", "bidirectional", "attention"}), cell) {
    BOOST_TEST(status_of("16_sentiment --at-least 0.95 --cell " + cell) == 0);
}
BOOST_AUTO_TEST_CASE(who_has_not_read_enough_cannot_tell) {
    BOOST_TEST(status_of("16_sentiment --at-least 0.95 --epochs 1") == 1);
}

BOOST_AUTO_TEST_CASE(changes_are_undone) {
    for (double least : {1.0, -3.0}) {  // relative, and not
        forecast::Series const x{{least}, {2}, {5}, {4}}, before{{least}, {2}, {5}}, after{{2}, {5}, {4}};
        forecast::Changes const changes(x);
        BOOST_TEST(xt::allclose(changes.undo(before, core::steps_of(changes.of(x), 1, 4)), after));
        BOOST_TEST(changes.of(x)(2, 0) == (least > 0 ? 1.5 : 3));
    }
}

BOOST_AUTO_TEST_CASE(series_are_read_as_people_have_them) {
    OneFile const table("# CO2\nDate,Average\n1958-03,315.71,-01\n1958-04,-99.99\n1958-05,317.51,3,\n");
    auto const read = forecast::read_series(table.file.string(), "Average", {-99.99});
    BOOST_TEST((read.values == forecast::Series{{315.71}, {317.51}}));
    BOOST_TEST((forecast::read_series(table.file.string(), "2", {}).values.shape(0) == 3));
}

BOOST_AUTO_TEST_CASE(reviews_are_read_cut_and_numbered) {
    OneFile const lines("Wow... Loved this place!\t1\nNot tasty.\t0\n");
    auto const reviews = sentiment::read_reviews(lines.folder);
    BOOST_TEST(reviews.labels == (std::vector<Index>{1, 0}), boost::test_tools::per_element());
    BOOST_TEST(reviews.sentences[0] == "wow    loved this place ");
    auto const all = sentiment::encoded(reviews, {0}, 100, 3);  // the second one's words are not known
    BOOST_TEST(all.inputs[0].size() == 3U);                     // the last ones
    BOOST_TEST(all.inputs[1] == (Symbols{1, 1}), boost::test_tools::per_element());
    BOOST_CHECK_THROW(sentiment::read_reviews(OneFile("no label\n").folder), FileError);
}

// By the grammar's own rule: what is said behind a "but" counts, and a "not" turns it.
BOOST_AUTO_TEST_CASE(the_grammar_means_what_it_says) {
    auto const reviews = sentiment::made_up_reviews(500, 3);
    for (std::size_t i = 0; i < reviews.labels.size(); ++i) {
        std::string text = reviews.sentences[i];
        auto const but   = text.find(" but ");
        text             = but == text.npos ? text : text.substr(but);
        bool good        = false;
        for (char const* word : {"good", "great", "lovely", "excellent", "charming", "perfect"})
            good |= text.ends_with(std::string(" ") + word);
        BOOST_TEST((good != (text.find(" not ") != text.npos)) == (reviews.labels[i] == 1), reviews.sentences[i]);
    }
}

BOOST_AUTO_TEST_SUITE_END()
