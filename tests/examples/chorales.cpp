// What the chorales are read from, and what is to be predicted of them.
#include <boost/filesystem.hpp>
#include <boost/test/unit_test.hpp>
#include <chorales/model.hpp>
#include <cmath>
#include <fstream>

using namespace chorales;

namespace {

std::filesystem::path written(std::string const& text) {
    std::filesystem::path const path =
        (boost::filesystem::temp_directory_path() / boost::filesystem::unique_path()).string();
    std::ofstream(path) << text;
    return path;
}

Collection read(std::string const& text) {
    auto const path = written(text);
    auto const gone = std::unique_ptr<void, std::function<void(void*)>>(&const_cast<std::filesystem::path&>(path),
                                                                        [&](void*) { std::filesystem::remove(path); });
    return read_collection(path);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(of_chorales)

BOOST_AUTO_TEST_CASE(every_frame_is_predicted_from_those_before) {
    Rolls const r = rolls({{{21, 60}, {108}, {}}});
    BOOST_TEST(r.size() == 1);
    auto const &x = r.inputs[0], &y = r.targets[0];
    BOOST_TEST(x.shape(0) == 3u);
    BOOST_TEST(x.shape(1) == 88u);
    for (std::size_t k = 0; k < 88; ++k) {
        BOOST_TEST(y(0, k) == (k == 0 || k == 39));
        BOOST_TEST(y(1, k) == (k == 87));
        BOOST_TEST(y(2, k) == 0);
        BOOST_TEST(x(0, k) == 0);
        BOOST_TEST(x(1, k) == y(0, k));
        BOOST_TEST(x(2, k) == y(1, k));
    }
}

BOOST_AUTO_TEST_CASE(parts_are_read_apart) {
    Collection const c = read(R"({"test": [[[60], [62]]], "train": [[[60]], [[61, 65]]], "valid": [[[50]]]})");
    BOOST_TEST(c.train.size() == 2);
    BOOST_TEST(c.validation.size() == 1);
    BOOST_TEST(c.test.size() == 1);
    BOOST_TEST(c.test.targets[0](1, 41) == 1);
}

BOOST_AUTO_TEST_CASE(what_is_no_collection_is_refused) {
    std::string const rest = R"(, "valid": [[[50]]], "test": [[[50]]]})";
    for (std::string const& text :
         {std::string("{"), R"({"train": [[[60]]]})" + std::string(), R"({"train": [[[20]]])" + rest,
          R"({"train": [[[109]]])" + rest, R"({"train": [[]])" + rest, R"({"train": [[["c"]]])" + rest})
        BOOST_CHECK_THROW(read(text), FileError);
    BOOST_CHECK_THROW(read_collection("/nowhere"), FileError);
}

// By hand: two songs of unequal length, all logits zero, so that each note costs ln 2, padding nothing; then one logit.
BOOST_AUTO_TEST_CASE(the_loss_is_a_sum_over_notes_and_a_mean_over_frames) {
    SequenceBatches batches(rolls({{{60}, {62}, {64}}, {{60}}}), {.size = 2, .shuffle = false});
    auto const batch = *batches.next();
    Tape tape(float64);
    xt::xtensor<double, 3> logits = xt::zeros<double>({3, 2, 88});
    BOOST_TEST(nll_of_frames(tape.constant(logits), batch).item() == 88 * std::log(2),
               boost::test_tools::tolerance(1e-12));
    logits(1, 0, 41)   = 3;   // a note that sounds
    logits(2, 1, 41)   = 50;  // padding
    double const saved = std::log(2) - std::log1p(std::exp(-3));
    BOOST_TEST(nll_of_frames(tape.constant(logits), batch).item() == 88 * std::log(2) - saved / 4,
               boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(dropout_is_for_training_only) {
    Params params(1);
    Model<nn::GRUCell> const model(params, 5);
    Tape tape;
    Random random(1);
    Var const xs          = tape.constant(xt::xtensor<float, 3>(xt::ones<float>({4, 2, 88})));
    auto const difference = [&](Var a, Var b) { return max(abs(a - b)).item(); };
    BOOST_TEST(difference(model(xs), model(xs, {.state = 0.5, .output = 0.5})) < 1e-5);
    BOOST_TEST(difference(model(xs), model(xs, {.state = 0.5, .output = 0}, &random)) > 1e-2);
    BOOST_TEST(difference(model(xs), model(xs, {.state = 0, .output = 0.5}, &random)) > 1e-2);
    BOOST_TEST(difference(model(xs), model(xs, {.state = 0, .output = 0}, &random)) < 1e-5);
}

BOOST_AUTO_TEST_CASE(made_up_chords_are_of_the_seed) {
    auto const a = made_up_collection(1), b = made_up_collection(1), c = made_up_collection(2);
    BOOST_TEST((a.train.targets == b.train.targets));
    BOOST_TEST((a.train.targets != c.train.targets));
    BOOST_TEST((a.train.targets[0] != a.test.targets[0]));
}

BOOST_AUTO_TEST_SUITE_END()
