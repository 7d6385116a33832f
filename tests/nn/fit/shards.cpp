// A batch in parts gives the loss and the gradients of the whole.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <in_child.hpp>
#include <thread>
#include <unspool/nn/fit/shards.hpp>
#include <unspool/nn/modules/linear.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

using Numbers = xt::xarray<double>;

struct Problem {
    Params params{7, float64};
    nn::Linear layer{params / "layer", 3, 2};
    xt::xarray<double> x = xt::reshape_view(xt::arange<double>(0, 21), {7, 3}) * 0.13 - 1;

    Var loss(Tape& tape, Index begin, Index end) const {
        Var y = layer(tape.constant(xt::view(x, xt::range(begin, end))));
        return mean(square(sigmoid(y) * y + 0.3));
    }
    LossAndGradients by(Shards& shards) const {
        return shards.run(7, [&](Tape& tape, Shard s) { return loss(tape, s.begin, s.end); });
    }
};

double distance(Values const& a, Values const& b) { return xt::amax(xt::abs(a.value<double>() - b.value<double>()))(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(shards)

BOOST_AUTO_TEST_CASE(parts_of_unequal_size_weigh_as_much_as_they_hold) {
    Problem const problem;
    Tape tape(float64);
    Var const loss           = problem.loss(tape, 0, 7);
    Gradients const expected = backward(loss);
    for (Index n : {1, 2, 3, 7, 9}) {
        Shards shards(n, float64);
        auto const [value, gradients] = problem.by(shards);
        BOOST_TEST(std::abs(value - loss.item()) < 1e-14);
        for (Param* p : problem.params.all())
            BOOST_TEST(distance(gradients[*p], expected[*p]) < 1e-14, n << " shards: " << p->path());
    }
}

BOOST_AUTO_TEST_CASE(parts_cover_the_batch_in_order) {
    Shards const shards(3);
    Index at = 0;
    for (Index k = 0; k < 3; ++k) {
        Shard const part = shards.part(k, 8);
        BOOST_TEST(part.begin == at);
        BOOST_TEST((part.size() == 2 || part.size() == 3));
        at = part.end;
    }
    BOOST_TEST(at == 8);
}

BOOST_AUTO_TEST_CASE(runs_repeat_to_the_last_bit) {
    Problem const problem;
    Shards shards(3, float64);
    auto const first = problem.by(shards);
    for (int i = 0; i < 20; ++i) {
        auto const again = problem.by(shards);
        BOOST_TEST(again.loss == first.loss);
        for (Param* p : problem.params.all()) BOOST_TEST(distance(again.gradients[*p], first.gradients[*p]) == 0);
    }
}

BOOST_AUTO_TEST_CASE(gradients_of_earlier_runs_stay) {
    Problem const problem;
    Shards shards(2, float64);
    auto const first        = problem.by(shards);
    Param const& w          = problem.layer.weight;
    xt::xarray<double> kept = first.gradients[w].value<double>();
    shards.run(4, [&](Tape& tape, Shard s) { return problem.loss(tape, s.begin, s.end); });
    BOOST_TEST((first.gradients[w].value<double>() == kept));
}

BOOST_AUTO_TEST_CASE(a_parameter_that_one_shard_alone_uses_has_a_gradient) {
    Params params(3, float64);
    Param& a = params.constant("a", {2}, 2);
    Param& b = params.constant("b", {2}, 3);
    Shards shards(2, float64);
    auto const [loss, gradients] =
        shards.run(2, [&](Tape& tape, Shard s) { return sum(square(tape.lift(s.number == 0 ? a : b))); });
    BOOST_TEST(loss == 0.5 * (8 + 18));
    BOOST_TEST(gradients[a].value<double>()(0) == 0.5 * 4);
    BOOST_TEST(gradients[b].value<double>()(1) == 0.5 * 6);
}

BOOST_AUTO_TEST_CASE(each_shard_has_a_thread_of_its_own) {
    Problem const problem;
    std::vector<std::thread::id> threads(3);
    Shards(3, float64, 3).run(7, [&](Tape& tape, Shard s) {
        threads[static_cast<std::size_t>(s.number)] = std::this_thread::get_id();
        return problem.loss(tape, s.begin, s.end);
    });
    BOOST_TEST((threads[0] == std::this_thread::get_id()));
    BOOST_TEST((threads[1] != threads[0] && threads[2] != threads[0] && threads[1] != threads[2]));
}

BOOST_AUTO_TEST_CASE(what_a_shard_throws_reaches_the_caller) {
    Problem const problem;
    Shards shards(3, float64);
    auto const expected = problem.by(shards).loss;
    auto const failing  = [&](Index first) {
        return [&, first](Tape& tape, Shard s) {
            if (s.number >= first) throw ValueError(s.number == 1 ? "one" : "two");
            return problem.loss(tape, s.begin, s.end);
        };
    };
    BOOST_CHECK_EXCEPTION(shards.run(7, failing(1)), ValueError,
                          [](auto& e) { return std::string(e.what()) == "one"; });
    BOOST_CHECK_EXCEPTION(shards.run(7, failing(2)), ValueError,
                          [](auto& e) { return std::string(e.what()) == "two"; });
    BOOST_TEST(problem.by(shards).loss == expected);
}

BOOST_AUTO_TEST_CASE(numbers_below_one_are_refused) {
    BOOST_CHECK_THROW(Shards(0), ValueError);
    BOOST_CHECK_THROW(Shards(-2), ValueError);
    Shards shards(2);
    BOOST_CHECK_THROW(shards.run(0, [](Tape& tape, Shard) { return tape.constant(1); }), ValueError);
}

BOOST_AUTO_TEST_CASE(gradients_of_other_types_are_not_added) {
    Problem const problem;
    Shards in_double(1, float64), in_single(1, float32);
    auto a = problem.by(in_double), b = problem.by(in_single);
    BOOST_CHECK_THROW(a.gradients += b.gradients, TypeError);
}

// ---- what a shard counts --------------------------------------------------------------------------------------------

namespace {

/// Of each element or class, numbers and which of them count.
struct Masked {
    static constexpr Index n = 9, steps = 3, classes = 4;

    Params params{11, float64};
    nn::Linear layer{params / "layer", 3, classes};
    Numbers x = xt::zeros<double>({n, steps, Index{3}}), y = xt::zeros<double>({n, steps, classes}), mask = y;
    xt::xarray<int> targets = xt::zeros<int>({n, steps});

    explicit Masked(std::uint64_t seed) {
        Random random(seed);
        for (double& v : x) v = random.uniform(-1, 1);
        for (double& v : y) v = random.uniform(0.1, 0.9);
        for (double& v : mask) v = random.uniform() < 0.5;
        for (int& t : targets) t = random.uniform() < 0.6 ? -100 : static_cast<int>(random.below(classes));
        auto const first                                          = static_cast<Index>(2 + random.below(3));
        xt::view(targets, xt::range(first, 6))                    = -100;  // all of a shard, where there are many
        xt::view(mask, xt::range(first, 6), xt::all(), xt::all()) = 0;
    }
    auto part(auto const& of, Shard s) const { return xt::eval(xt::view(of, xt::range(s.begin, s.end))); }
    Var logits(Tape& tape, Shard s) const { return layer(tape.constant(part(x, s))); }
};

using LossOf = std::function<Var(Masked const&, Tape&, Shard)>;

/// Every mean loss of numbers, of `a` and targets in (0, 1), as `options` says.
std::vector<std::pair<std::string, LossOf>> losses_of_numbers(bool masked) {
    std::vector<std::pair<std::string, LossOf>> out;
    auto add = [&](char const* name, auto f) {
        out.emplace_back(name, [=](Masked const& m, Tape& tape, Shard s) {
            LossOptions const how =
                masked ? LossOptions{Over::mean, tape.constant(m.part(m.y, s)), tape.constant(m.part(m.mask, s))}
                       : LossOptions{};
            return Var(f(m.logits(tape, s), tape.constant(m.part(m.y, s)), how));
        });
    };
    add("mse", [](Var a, Var b, auto& how) { return mse(a, b, how); });
    add("mae", [](Var a, Var b, auto& how) { return mae(a, b, how); });
    add("huber", [](Var a, Var b, auto& how) { return huber(a, b, 0.5, how); });
    add("bce", [](Var a, Var b, auto& how) { return bce(sigmoid(a), b, how); });
    add("bce_with_logits", [](Var a, Var b, auto& how) { return bce_with_logits(a, b, how); });
    add("kl_div", [](Var a, Var b, auto& how) { return kl_div(a, b, how); });
    add("hinge", [](Var a, Var b, auto& how) { return hinge(a, where(b > 0.5, 1, -1), how); });
    add("poisson_nll", [](Var a, Var b, auto& how) { return poisson_nll(a, b, how); });
    add("gaussian_nll", [](Var a, Var b, auto& how) { return gaussian_nll(a, b, exp(b), how); });
    if (!masked) add("cosine", [](Var a, Var b, auto& how) { return cosine(a, b, how); });
    return out;
}

std::vector<std::pair<std::string, LossOf>> losses_of_classes() {
    std::vector<std::pair<std::string, LossOf>> out;
    ClassLoss const plain{}, weighed{.weights = {1, 0.5, 2, 0.25}},
        smooth{.weights = {1, 0.5, 2, 0.25}, .smoothing = 0.1};
    for (auto& [name, how] : {std::pair{"cross_entropy", plain}, {"weights", weighed}, {"smoothing", smooth}})
        out.emplace_back(name, [how = how](Masked const& m, Tape& tape, Shard s) {
            return cross_entropy(m.logits(tape, s), m.part(m.targets, s), how);
        });
    for (auto& [name, how] : {std::pair{"nll", plain}, {"nll, weights", weighed}})
        out.emplace_back(name, [how = how](Masked const& m, Tape& tape, Shard s) {
            return nll(log_softmax(m.logits(tape, s)), m.part(m.targets, s), how);
        });
    out.emplace_back("in bits", [](Masked const& m, Tape& tape, Shard s) -> Var {
        return cross_entropy(m.logits(tape, s), m.part(m.targets, s)) / std::log(2.0);
    });
    out.emplace_back("with a penalty", [](Masked const& m, Tape& tape, Shard s) -> Var {
        return cross_entropy(m.logits(tape, s), m.part(m.targets, s)) + 0.1 * sum(square(tape.lift(m.layer.weight)));
    });
    out.emplace_back("as a view", [](Masked const& m, Tape& tape, Shard s) {
        return reshape(cross_entropy(m.logits(tape, s), m.part(m.targets, s)), {1, 1});
    });
    return out;
}

void compare_with_one_tape(Masked const& m, LossOf const& loss) {
    Tape tape(float64);
    Var const whole          = loss(m, tape, {0, 0, Masked::n});
    Gradients const expected = backward(whole);
    for (Index n : {1, 2, 3, 4, 5, 9, 12}) {
        Shards shards(n, float64);
        auto const [value, gradients] = shards.run(Masked::n, [&](Tape& t, Shard s) { return loss(m, t, s); });
        BOOST_TEST(std::abs(value - whole.item()) < 1e-13, n << " shards: " << value << " for " << whole.item());
        for (Param* p : m.params.all())
            BOOST_TEST(distance(gradients[*p], expected[*p]) < 1e-13, n << " shards: " << p->path());
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(parts_weigh_what_counts_in_them) {
    for (std::uint64_t seed : {1, 2, 3, 4})
        for (auto const& losses : {losses_of_classes(), losses_of_numbers(true), losses_of_numbers(false)})
            for (auto const& [name, loss] : losses)
                BOOST_TEST_CONTEXT(name << ", seed " << seed) compare_with_one_tape(Masked(seed), loss);
}

BOOST_AUTO_TEST_CASE(means_over_sequences_weigh_sequences) {
    auto const loss = [](Masked const& m, Tape& tape, Shard s) {
        std::vector<std::vector<Index>> targets;
        for (Index b = s.begin; b < s.end; ++b)
            targets.push_back(b % 3 == 0 ? std::vector<Index>{} : std::vector<Index>{1 + b % 2});
        return ctc(transpose(log_softmax(m.logits(tape, s)), {1, 0, 2}), targets);
    };
    compare_with_one_tape(Masked(5), loss);
}

BOOST_AUTO_TEST_CASE(a_batch_of_which_nothing_counts_is_what_it_is_on_one_tape) {
    Masked m(1);
    m.targets.fill(-100);
    Shards shards(3, float64);
    auto const r =
        shards.run(Masked::n, [&](Tape& t, Shard s) { return cross_entropy(m.logits(t, s), m.part(m.targets, s)); });
    BOOST_TEST(std::isnan(r.loss));
    for (Param* p : m.params.all()) BOOST_TEST(xt::amax(xt::abs(r.gradients[*p].value<double>()))() == 0);
}

BOOST_AUTO_TEST_CASE(a_loss_can_say_what_it_weighs) {
    Problem const problem;
    Shards shards(3, float64);
    auto const by_step = shards.run(7, [&](Tape& tape, Shard s) {
        return Weighed(problem.loss(tape, s.begin, s.end), 2.0 * static_cast<double>(s.number));
    });
    Tape tape(float64);
    Var const a = problem.loss(tape, 2, 4), b = problem.loss(tape, 4, 7);
    Var const both      = a / 3 + b * (2.0 / 3);
    auto const expected = backward(both);
    BOOST_TEST(std::abs(by_step.loss - both.item()) < 1e-14);
    for (Param* p : problem.params.all()) BOOST_TEST(distance(by_step.gradients[*p], expected[*p]) < 1e-14);
    for (double w : {-1.0, std::nan(""), HUGE_VAL, 1e308})
        BOOST_CHECK_THROW(shards.run(7, [&](Tape& t, Shard s) { return Weighed(problem.loss(t, s.begin, s.end), w); }),
                          ValueError);
}

BOOST_AUTO_TEST_CASE(several_means_count_by_sizes_unless_one_leaves_something_out) {
    Masked const m(2);
    auto const two = [](bool leave_out) -> LossOf {
        return [=](Masked const& x, Tape& tape, Shard s) -> Var {
            Var const z             = x.logits(tape, s);
            xt::xarray<int> targets = x.part(x.targets, s);
            if (!leave_out) targets = xt::abs(targets) % Masked::classes;
            return mean(stack({cross_entropy(z, targets), mse(z, 0.5)}));
        };
    };
    compare_with_one_tape(m, two(false));
    Shards shards(2, float64);
    BOOST_CHECK_EXCEPTION(
        shards.run(Masked::n, [&](Tape& t, Shard s) { return two(true)(m, t, s); }), ValueError,
        [](auto& e) { return std::string(e.what()).find("return Weighed{loss, weight}") != std::string::npos; });
}

// ---- in the child of a fork -----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(products_and_shards_of_the_parent_are_right_in_the_child) {
    Problem const problem;
    Shards shards(3, float64);
    auto const expected = problem.by(shards).loss;
    Numbers const a     = xt::reshape_view(xt::arange<double>(0, 400 * 400), {400, 400}) * 1e-5;
    auto const product  = [&] {
        Tape tape(float64);
        Var const x = tape.input(a);
        Var const y = matmul(x, x);
        return Numbers(y.value<double>());
    };
    Index const before = num_threads();
    set_num_threads(2);
    Numbers const aa = product();
    BOOST_TEST(in_child([&] {
        bool const same = product() == aa && problem.by(shards).loss == expected;
        return same && std::abs(Problem().by(shards).loss - expected) < 1e-14;
    }));
    BOOST_TEST((product() == aa));
    BOOST_TEST(problem.by(shards).loss == expected);
    set_num_threads(before);
}

// ---- what is refused ------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(losses_that_are_none_of_the_shard_are_refused) {
    Problem const problem;
    Shards shards(3, float64, 3);
    Tape foreign(float64);
    double const expected = problem.by(shards).loss;
    Var const elsewhere   = problem.loss(foreign, 0, 7);
    auto const refused    = [&](auto type, std::string const& words, auto loss) {
        auto const says = [&](auto const& e) {
            std::string const what = e.what();
            BOOST_TEST_MESSAGE(what);
            return what.find("shards.cpp:") == 0 && what.find(words) != std::string::npos && what.size() < 300;
        };
        BOOST_CHECK_EXCEPTION(shards.run(7, loss), decltype(type), says);
        BOOST_TEST(problem.by(shards).loss == expected);
    };
    TapeError const tape_error("");
    refused(tape_error, "the loss of shard 0 is an empty Var", [](Tape&, Shard) { return Var(); });
    refused(tape_error, "the loss of shard 0 is not on the tape", [&](Tape&, Shard) { return elsewhere; });
    refused(tape_error, "not on the tape", [&](Tape& tape, Shard s) {
        Var const own = problem.loss(tape, s.begin, s.end);
        return s.number == 2 ? elsewhere : own;
    });
    refused(tape_error, "another thread has recorded", [&](Tape& tape, Shard s) {
        Var const own = problem.loss(tape, s.begin, s.end);
        return s.number == 2 ? Var(foreign.input(1.0)) : own;
    });
    refused(tape_error, "before its tape was rewound", [&](Tape& tape, Shard s) {
        Var const loss = problem.loss(tape, s.begin, s.end);
        tape.rewind();
        return loss;
    });
    refused(tape_error, "has a gradient", [&](Tape& tape, Shard s) {
        Pause const pause(tape);
        return problem.loss(tape, s.begin, s.end);
    });
    refused(ShapeError(""), "its shape is [2]", [](Tape& tape, Shard) { return tape.input(Numbers{1, 2}); });
}

BOOST_AUTO_TEST_CASE(shards_do_not_run_within_their_own_loss) {
    Problem const problem;
    Shards shards(3, float64), others(2, float64);
    double const expected = problem.by(shards).loss;
    BOOST_CHECK_EXCEPTION(shards.run(7,
                                     [&](Tape& tape, Shard s) {
                                         problem.by(shards);
                                         return problem.loss(tape, s.begin, s.end);
                                     }),
                          TapeError, [](auto& e) {
                              return std::string(e.what()).find("while these shards are running") != std::string::npos;
                          });
    BOOST_TEST(problem.by(shards).loss == expected);
    auto const within = others.run(7, [&](Tape& tape, Shard s) {
        if (s.number == 0) BOOST_TEST(problem.by(shards).loss == expected);
        return problem.loss(tape, s.begin, s.end);
    });
    BOOST_TEST(std::abs(within.loss - expected) < 1e-14);
}

BOOST_AUTO_TEST_SUITE_END()
