// evaluate() and predict(): as fit() validates, and in the order of the data.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <unspool.hpp>

using namespace unspool;

namespace {

/// Sequences of 1 to 5 steps, each with the number of its data set in all of its elements; the target is twice that.
Sequences<Features<double>, Outcomes<double>> numbered(std::size_t n) {
    Sequences<Features<double>, Outcomes<double>> out;
    for (std::size_t i = 0; i < n; ++i) {
        out.inputs.push_back(Features<double>({1 + i % 5, 1}, static_cast<double>(i)));
        out.targets.push_back(Outcomes<double>({1}, 2.0 * static_cast<double>(i)));
    }
    return out;
}

/// Says w times the first element of each sequence.
struct Scale {
    Params params{1, float64};
    Param& w = params.constant("w", {1}, 1);

    template <class B> Var operator()(Tape& tape, B const& batch) const { return w * tape.constant(batch.inputs)[0]; }
    auto loss() const {
        return [this](Tape& tape, auto const& batch, Mode) {
            Var y = (*this)(tape, batch);
            return LossAndMetrics(mse(y, batch.targets),
                                  {mean_absolute_error(y, batch.targets), root_mean_squared_error(y, batch.targets)});
        };
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(evaluate_and_predict)

BOOST_AUTO_TEST_CASE(scores_are_those_of_validation) {
    Scale model;
    Sgd sgd(model.params, {.rate = 1e-3});
    SequenceBatches seen(numbered(10), {.size = 4}), unseen(numbered(7), {.size = 3});
    History const h = fit(model.params, sgd, seen, model.loss(), unseen,
                          {.epochs = 2, .metrics = {{"root", [](double l) { return std::sqrt(l); }}}, .quiet = true});
    for (Index threads : {1, 2}) {
        Scores const s = evaluate(model.params, numbered(7), {.size = 3}, model.loss(),
                                  {.threads = threads, .metrics = {{"root", [](double l) { return std::sqrt(l); }}}});
        for (std::string const name : {"loss", "root", "mae", "rmse"})
            BOOST_TEST(s[name] == h.last("validation_" + name), boost::test_tools::tolerance(1e-13));
        BOOST_TEST(s["rmse"] == s["root"], boost::test_tools::tolerance(1e-13));  // not a mean of the batches' roots
    }
}

BOOST_AUTO_TEST_CASE(scores_have_names) {
    Scale const model;
    Scores const s = evaluate(model.params, numbered(3), {.size = 2, .drop_last = true}, model.loss());
    BOOST_TEST(text(s) == "loss 1.667, mae 1, rmse 1.291");  // all three, though the last batch is smaller
    BOOST_CHECK_THROW(s["accuracy"], NameError);
    BOOST_CHECK_THROW(evaluate(model.params, numbered(3), {}, model.loss(), {.threads = 0}), ValueError);
    std::vector<nn::Batch<Features<double>, Outcomes<double>>> const empty;
    BOOST_CHECK_THROW(evaluate(model.params, empty, model.loss()), ValueError);
}

BOOST_AUTO_TEST_CASE(the_loss_is_told_that_it_is_evaluated) {
    Scale const model;
    bool trained = false;
    evaluate(model.params, numbered(3), {}, [&](Tape& tape, auto const& batch, Random* random) {
        trained |= random != nullptr;
        return mse(model(tape, batch), batch.targets);
    });
    BOOST_TEST(!trained);
}

BOOST_AUTO_TEST_CASE(predictions_are_in_the_order_of_the_data) {
    Scale const model;
    SequenceBatches batches(numbered(23), {.size = 4, .seed = 3, .bucket = 2});  // shuffled
    xt::xarray<double> const y = predict(model.params, batches, model);
    BOOST_TEST((y.shape(0) == 23 && y.shape(1) == 1));
    for (std::size_t i = 0; i < 23; ++i) BOOST_TEST(y(i, 0) == static_cast<double>(i));
    BOOST_TEST((predict(model.params, numbered(23), {.size = 5, .bucket = 2}, model) == y));
}

BOOST_AUTO_TEST_CASE(sequences_lose_their_padding) {
    Scale const model;
    for (bool batch_first : {false, true}) {
        auto const all = predict_steps(model.params, numbered(12), {.size = 5, .bucket = 1, .batch_first = batch_first},
                                       [](Tape& tape, auto const& b) { return tape.constant(b.inputs); });
        BOOST_TEST(all.size() == 12U);
        for (std::size_t i = 0; i < all.size(); ++i) {
            BOOST_TEST((all[i].shape(0) == 1 + i % 5 && all[i].shape(1) == 1));
            for (double x : all[i]) BOOST_TEST(x == static_cast<double>(i));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_prediction_that_is_none_of_the_batch_is_refused) {
    Scale const model;
    auto const data = numbered(6);
    BOOST_CHECK_THROW(predict(model.params, data, {.size = 4},
                              [](Tape& tape, auto const& b) { return mean(tape.constant(b.inputs)); }),
                      ShapeError);
    BOOST_CHECK_THROW(predict_steps(model.params, data, {.size = 4},
                                    [](Tape& tape, auto const& b) { return tape.constant(b.inputs)[0]; }),
                      ShapeError);
}

BOOST_AUTO_TEST_CASE(metrics_count_what_the_mask_leaves) {
    Tape tape(float64);
    Var const p      = tape.constant(xt::xarray<double>{{0.9, 0.4}, {0.2, std::nan("")}}),
              mask   = tape.constant(xt::xarray<double>{{1, 1}, {1, 0}}),
              column = tape.constant(std::vector{0.9, 0.4, 0.6});
    xt::xarray<double> const t{{1, 1}, {0, 1}};
    Metric const right = binary_accuracy(p, t, {Over::mean, {}, mask}),
                 off   = mean_absolute_error(p, t, {Over::mean, {}, mask});
    BOOST_TEST((right.sum == 2 && right.weight == 3));
    BOOST_TEST(off.value() == 0.3, boost::test_tools::tolerance(1e-14));
    BOOST_TEST(binary_accuracy(p, t).sum == 2);  // a NaN is right about nothing
    BOOST_TEST(binary_accuracy(p, xt::xarray<double>{{1, 1}, {0, 0}}).sum == 2);
    BOOST_TEST(binary_accuracy(unsqueeze(column, -1), std::vector<Index>{1, 1, 0}).value() == 1.0 / 3);
    BOOST_TEST(binary_accuracy(column, std::vector<Index>{1, 1, 0}, {}, 0).value() == 2.0 / 3);  // as logits
    BOOST_CHECK_THROW(binary_accuracy(unsqueeze(column, -1), tape.constant(std::vector{1, 1, 0})), ShapeError);
}

BOOST_AUTO_TEST_CASE(metrics_are_not_recorded) {
    Tape tape(float64);
    Var const p     = tape.input(std::vector{0.9, 0.4});
    auto const size = tape.size();
    root_mean_squared_error(p, 0.5), binary_accuracy(p, std::vector<Index>{1, 0});
    BOOST_TEST(tape.size() == size);
}

BOOST_AUTO_TEST_SUITE_END()
