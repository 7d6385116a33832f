// Models that grow after their optimiser was made, and parameters of other models.
#include <boost/test/unit_test.hpp>
#include <nn/files/scratch.hpp>
#include <unspool/nn/files/checkpoint.hpp>
#include <unspool/nn/files/parameters.hpp>
#include <unspool/nn/optim/adagrad.hpp>
#include <unspool/nn/optim/adam.hpp>
#include <unspool/nn/optim/averaging.hpp>
#include <unspool/nn/optim/clip.hpp>
#include <unspool/nn/optim/pruning.hpp>
#include <unspool/nn/optim/rmsprop.hpp>
#include <unspool/nn/optim/sgd.hpp>

using namespace unspool;

namespace {

void add(Params p) { p.trained("late", xt::xarray<double>{1, -2, 3}), p.fixed("fixed", xt::xarray<double>{1, 1, 1}); }

template <class O> void train(O& optimiser, Params const& p) {
    Tape tape(float64);
    for (int k = 0; k < 5; ++k) {
        tape.rewind();
        Var const x = tape.constant(std::vector<double>{0.5, 1, 2});
        optimiser.step(backward(sum(square(p["early"] * x) + square(p["late"] * x * p["fixed"] - 1))));
    }
}

/// Made before or after the second parameter: the same.
template <class O, class Options> void follows(Options const& options) {
    Params one(1, float64), other(1, float64);
    one.constant("early", {3}, 2), other.constant("early", {3}, 2);
    O before(one, options);
    add(one), add(other);
    O after(other, options);
    train(before, one), train(after, other);
    for (char const* name : {"early", "late"})
        BOOST_TEST((one[name].value<double>() == other[name].value<double>()), name);
    BOOST_TEST((one["late"].value<double>()(0) != 1));
    BOOST_TEST((one["fixed"].value<double>() == xt::xarray<double>{1, 1, 1}));
}

std::string refused(auto f) {
    try {
        f();
    } catch (NameError const& e) { return e.what(); }
    return "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(growth)

BOOST_AUTO_TEST_CASE(optimisers_follow_their_model) {
    follows<Sgd>(SgdOptions{.rate = 0.01, .momentum = 0.9});
    follows<Adam>(AdamOptions{.rate = 0.01, .amsgrad = true});
    follows<AdamW>(AdamWOptions{.rate = 0.01});
    follows<RmsProp>(RmsPropOptions{.rate = 0.01, .momentum = 0.5});
    follows<Adagrad>(AdagradOptions{.rate = 0.01, .initial_sum = 0.3});
}

BOOST_AUTO_TEST_CASE(gradients_of_another_model_than_what_was_chosen_are_a_mistake) {
    Params mine(1, float64), others(1, float64);
    Param &a = mine.constant("part.a", {3}, 2), &b = mine.constant("b", {3}, 2), &c = others.constant("c", {3}, 2);
    Adam of_list({&a}), of_part(mine / "part");
    Tape tape(float64);
    Gradients g       = backward(sum(square(tape.lift(c))));
    auto const expect = [&](auto f) {
        std::string const said = refused(f);
        BOOST_TEST((said.find("part.a") != said.npos && said.find("but one is of c") != said.npos), said);
    };
    expect([&] { of_list.step(g); });
    expect([&] { of_part.step(g); });
    expect([&] { clip_grad_norm(g, (mine / "part").all(), 1); });
    expect([&] { clip_grad_value(g, (mine / "part").all(), 1); });
    of_list.step(backward(sum(square(tape.lift(a) * tape.lift(c)))));
    of_list.step(backward(sum(square(tape.lift(b)))));  // the rest of its model: this time, nothing to do either
}

BOOST_AUTO_TEST_CASE(what_could_not_be_followed_is_followed_later) {
    Params params(1);
    params.zeros("early", {1});
    core::ParamSet set(params);
    std::size_t seen = 0;
    auto const look  = [&](std::vector<Param*> const& all) { seen += all.size(); };
    set.follow(look);
    params.zeros("late", {1});
    BOOST_CHECK_THROW(set.follow([](auto const&) { throw std::bad_alloc(); }), std::bad_alloc);
    set.follow(look), set.follow(look);
    BOOST_TEST(seen == 3);
}

BOOST_AUTO_TEST_CASE(a_gradient_of_another_model_is_refused) {
    Params mine(1, float64), others(1, float64);
    Param &w = mine.constant("w", {3}, 2), &foreign = others.constant("encoder.w", {3}, 2);
    Tape tape(float64);
    Gradients const g = backward(sum(w * tape.lift(foreign)));
    Sgd whole(mine), listed(mine.all());
    std::string const words = refused([&] { whole.step(g); });
    BOOST_TEST((words.find("growth.cpp:") == 0u &&
                words.find("Sgd: encoder.w has a gradient, but is a parameter of another model") != words.npos),
               words);
    BOOST_TEST(w.value<double>()(0) == 2);
    listed.step(g);
    BOOST_TEST(w.value<double>()(0) < 2);
    BOOST_TEST(foreign.value<double>()(0) == 2);
}

BOOST_AUTO_TEST_CASE(a_part_is_of_one_optimiser_and_the_rest_of_another) {
    Params p(1, float64);
    Adam fast(p / "decoder"), slow(p / "encoder", {.rate = 1e-5});
    Param &d = p.constant("decoder.w", {3}, 2), &e = p.constant("encoder.w", {3}, 2);
    Tape tape(float64);
    Gradients const g = backward(sum(d * tape.lift(e)));
    fast.step(g), slow.step(g);
    BOOST_TEST(2 - d.value<double>()(0) > 1e-4);
    BOOST_TEST((2 - e.value<double>()(0) > 0 && 2 - e.value<double>()(0) < 1e-4));
}

BOOST_AUTO_TEST_CASE(nothing_to_change_is_refused) {
    Params p(1, float64);
    Param& w = p.constant("w", {3}, 2);
    Tape tape(float64);
    Gradients const g = backward(sum(tape.lift(w)));
    Adam none(p / "wrong");
    BOOST_TEST(refused([&] { none.step(g); }).find("Adam has no parameter to change") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(no_parameter_is_refused_where_it_is_used) {
    Params p(1, float64), q(1, float64);
    Param &w = p.constant("w", {3}, 2), &other = q.constant("other", {3}, 2);
    Params const none = p / "wrong";
    Tape tape(float64);
    Gradients g  = backward(sum(tape.lift(w)));
    auto average = Averaging::equal(none), ema = Averaging::exponential(none, 0.5);
    Pruning pruning(none), elsewhere({&other});
    Checkpoint run;
    run.add("model", none);
    files::TemporaryFolder const folder;
    save(p, folder / "there");
    auto const expect = [](std::string const& words, auto f) {
        std::string const said = refused(f);
        BOOST_TEST((said.starts_with("growth.cpp:") && said.find(words) != said.npos), said);
    };
    expect("clip_grad_norm has no parameter to clip", [&] { clip_grad_norm(g, none.all(), 1); });
    expect("clip_grad_value has no parameter to clip", [&] { clip_grad_value(g, none.all(), 1); });
    expect("Averaging has no parameter to average", [&] { average.update(); });
    expect("Averaging has no parameter to average", [&] { ema.update(); });
    expect("Pruning has no parameter to prune", [&] { pruning.prune(0.5); });
    expect("Pruning: no gradient is of other", [&] { elsewhere.mask(g); });
    expect("Checkpoint: model has no parameter to write", [&] { run.save(folder / "run"); });
    expect("Checkpoint: model has no parameter to write", [&] { run.bytes(); });
    expect("Checkpoint: model has no parameter to read", [&] { run.load(folder / "there"); });
    expect("save has no parameter to write", [&] { save(none, folder / "run"); });
    expect("load has no parameter to read", [&] { load(none, folder / "there", {.surplus = true}); });
    expect("there is a field model.other already", [&] { run.add("model", q), run.add("model", q); });
    BOOST_TEST(!std::filesystem::exists(folder / "run"));
    pruning.mask(g), average.swap();  // nothing was pruned, nothing averaged
}

BOOST_AUTO_TEST_CASE(averages_follow) {
    Params p(1, float64);
    Param& early = p.constant("early", {2}, 1);
    auto average = Averaging::exponential(p, 0.5);
    average.update();
    early.assign(3);
    Param& late = p.constant("late", {2}, 8);
    average.update();  // early: (1 + 3) / 2; late: as it is
    late.assign(4);
    average.update();
    auto const here = average.in_place();
    BOOST_TEST(early.value<double>()(0) == 2.5);
    BOOST_TEST(late.value<double>()(0) == 6);
}

BOOST_AUTO_TEST_CASE(prunings_follow) {
    Params p(1, float64);
    Pruning pruning(p);
    Param& w = p.trained("w", xt::xarray<double>{4, 1, 3, 2});
    pruning.prune(0.5);
    BOOST_TEST((w.value<double>() == xt::xarray<double>{4, 0, 3, 0}));
    BOOST_TEST(pruning.sparsity() == 0.5);
}

BOOST_AUTO_TEST_CASE(checkpoints_follow) {
    Params p(1, float64), q(1, float64);
    Adam adam(p), other(q);
    auto average = Averaging::equal(p), same = Averaging::equal(q);
    Checkpoint save, load;
    save.add("model", p), save.add("adam", adam), save.add("average", average);
    load.add("model", q), load.add("adam", other), load.add("average", same);
    p.constant("early", {3}, 2), add(p), q.constant("early", {3}, 0), add(q);
    train(adam, p), average.update();
    files::TemporaryFolder const folder;
    save.save(folder / "run");
    load.load(folder / "run");
    train(adam, p), train(other, q);
    for (char const* name : {"early", "late"}) BOOST_TEST((p[name].value<double>() == q[name].value<double>()), name);
}

BOOST_AUTO_TEST_SUITE_END()
