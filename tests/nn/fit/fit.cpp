// fit(): as the explicit loop, continued, stopped, interrupted, on several threads.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nn/cells.hpp>
#include <set>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unspool/nn/fit/log.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;
namespace fs = std::filesystem;

namespace {

/// A folder that is gone after the test.
struct Folder {
    fs::path path = fs::temp_directory_path() / fmt::format("unspool_fit_{}_{}", getpid(), ++count);
    Folder() { fs::create_directory(path); }
    ~Folder() { fs::remove_all(path); }
    static inline int count = 0;
};

std::string contents(fs::path const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Is the sum of the first and the last symbol even?  Sequences of 2 to 6 symbols.
Sequences<Symbols, Index> sums(Index n, std::uint64_t seed) {
    Sequences<Symbols, Index> out;
    Random random(seed);
    for (Index i = 0; i < n; ++i) {
        Symbols x(2 + random.below(5));
        for (Index& s : x) s = static_cast<Index>(random.below(4));
        out.targets.push_back((x.front() + x.back()) % 2);
        out.inputs.push_back(std::move(x));
    }
    return out;
}

using LabelledBatches = SequenceBatches<Symbols, Index>;

/// A small network, and its optimiser.
struct Model {
    Params params;
    nn::Embedding embed;
    nn::GRUCell gru;
    nn::Linear out;
    Adam adam;

    explicit Model(std::uint64_t seed = 1, Dtype dtype = float64)
        : params(seed, dtype)
        , embed(params / "embed", 4, 3)
        , gru(params / "gru", 3, 5)
        , out(params / "out", 5, 2)
        , adam(params, {.rate = 0.02}) {}

    Var logits(Tape& tape, Batch<Symbols, Index> const& batch) const {
        Var h  = gru.zeros(tape, batch.size());
        auto m = batch.mask();
        Var x  = embed(tape, batch.inputs);
        for (Index t = 0; t < batch.steps(); ++t) {
            xt::xarray<float> const keep = xt::view(m, t, xt::all(), xt::newaxis());
            Var next                     = gru(x[t], h);
            h                            = next * keep + h * (1 - xt::xarray<float>(keep));
        }
        return out(h);
    }
    auto loss() const {
        return [this](Tape& tape, Batch<Symbols, Index> const& batch, Mode) {
            Var y = logits(tape, batch);
            return LossAndMetrics(cross_entropy(y, batch.targets), {accuracy(y, batch.targets)});
        };
    }
    std::vector<double> numbers() const {
        std::vector<double> all;
        for (Param* p : params.all())
            for (double x : p->value<double>()) all.push_back(x);
        return all;
    }
};

LabelledBatches batches(std::uint64_t seed = 3) {
    return LabelledBatches(sums(50, 1), {.size = 8, .seed = seed, .bucket = 2});
}
LabelledBatches unseen() { return LabelledBatches(sums(20, 2), {.size = 8, .shuffle = false}); }

FitOptions quiet(FitOptions o) {
    o.quiet = true;
    return o;
}

bool same(History const& a, History const& b) {
    if (a.names() != b.names()) return false;
    for (auto const& name : a.names())
        if (name != "seconds" && a[name] != b[name]) return false;
    return true;
}

/// One number, and a loss that is its distance to each batch.
struct FiniteDifference {
    Params params{0, float64};
    Param& w = params.zeros("w", {1});
    Sgd sgd{params, {.rate = 1}};

    double value() const { return w.value<double>()(0); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(fit_)

BOOST_AUTO_TEST_CASE(is_the_explicit_loop_bit_for_bit) {
    Model a, b;
    auto train = batches(), again = batches();
    Tape tape(float64);
    auto const loss = a.loss();
    std::vector<double> means;
    Scheduler rate(a.adam, schedule::exponential(0.99));
    for (int epoch = 0; epoch < 3; ++epoch) {
        double sum = 0, weight = 0;
        for (auto const& batch : train.epoch()) {
            tape.rewind();
            Var l       = loss(tape, batch, Mode::train).loss;
            Gradients g = backward(l);
            sum += l.item() * batch.weight(), weight += batch.weight();
            clip_grad_norm(g, 0.5);
            a.adam.step(g), rate.step();
        }
        means.push_back(sum / weight);
    }
    History const h = fit(b.params, b.adam, again, b.loss(),
                          quiet({.epochs = 3, .clip_norm = 0.5, .by_step = schedule::exponential(0.99)}));
    BOOST_TEST((a.numbers() == b.numbers()));
    BOOST_TEST(h["loss"] == means, boost::test_tools::per_element());
    BOOST_TEST(h.last("rate") == a.adam.rate());
    BOOST_TEST((h.stopped == Stop::finished));
}

BOOST_AUTO_TEST_CASE(learns_and_validates) {
    Model a;
    auto train = LabelledBatches(sums(300, 1), {.size = 16}), validation = unseen();
    History const h = fit(a.params, a.adam, train, a.loss(), validation,
                          quiet({.epochs = 40, .metrics = {{"perplexity", perplexity}}}));
    BOOST_TEST(h.names() ==
                   (std::vector<std::string>{"loss", "perplexity", "accuracy", "validation_loss",
                                             "validation_perplexity", "validation_accuracy", "rate", "seconds"}),
               boost::test_tools::per_element());
    BOOST_TEST(h.last("validation_accuracy") > 0.9);
    BOOST_TEST((h.last("seconds") > 0 && h.last("seconds") < 60));
    double loss = 0, hit = 0;
    for (auto const& b : validation.epoch()) {  // what was validated is the model as it is now
        Tape tape(float64);
        auto j = a.loss()(tape, b, Mode::evaluate);
        loss += j.loss.item() * b.weight(), hit += j.metrics[0].sum;
    }
    BOOST_TEST(golden::distance(h.last("validation_loss"), loss / 20) < 1e-12);
    BOOST_TEST(h.last("validation_accuracy") == hit / 20);
    BOOST_TEST(golden::distance(h.last("validation_perplexity"), std::exp(loss / 20)) < 1e-12);
}

BOOST_AUTO_TEST_CASE(validates_without_training) {
    Model a;
    auto train = batches(), validation = unseen();
    std::set<Mode> modes;
    History const h = fit(
        a.params, a.adam, train,
        [&](Tape& tape, auto const& batch, Mode mode) {
            modes.insert(mode);
            if (mode == Mode::evaluate) BOOST_TEST(!tape.recording());
            return a.loss()(tape, batch, mode).loss;  // a Var alone will do
        },
        validation, quiet({.epochs = 1}));
    BOOST_TEST(modes.size() == 2u);
    BOOST_TEST(!h.contains("accuracy"));
}

BOOST_AUTO_TEST_CASE(on_two_threads_is_that_on_one) {
    for (auto over : {MeanOver::weight, MeanOver::size}) {
        Model a, b, c;
        std::mutex mutex;
        std::set<std::thread::id> threads;
        auto run = [&, over](Model& m, Index count) {
            auto train = batches(), validation = unseen();
            auto loss = [&](Tape& tape, auto const& batch, Mode mode) {
                std::lock_guard const one_by_one(mutex);
                threads.insert(std::this_thread::get_id());
                return m.loss()(tape, batch, mode);
            };
            return fit(m.params, m.adam, train, loss, validation,
                       quiet({.epochs = 3, .threads = count, .clip_norm = 1, .mean_over = over}));
        };
        History const one = run(a, 1), two = run(b, 2), three = run(c, 3);
        for (auto const& name : {"loss", "accuracy", "validation_loss", "validation_accuracy"})
            for (std::size_t e = 0; e < 3; ++e) {
                BOOST_TEST(golden::distance(one[name][e], two[name][e]) < 1e-11);
                BOOST_TEST(golden::distance(one[name][e], three[name][e]) < 1e-11);
            }
        BOOST_TEST(threads.size() >= 3u);
        for (std::size_t i = 0; i < a.numbers().size(); ++i)
            BOOST_TEST(golden::distance(a.numbers()[i], b.numbers()[i]) < 1e-9);
    }
}

BOOST_AUTO_TEST_CASE(weighs_parts_by_the_steps_that_count) {
    Sequences<Symbols, Symbols> data{{{0, 1, 2, 3, 0, 1, 2}, {1}, {2, 2}, {3}, {0, 0, 1}},
                                     {{1, 2, 3, 0, 1, 2, 3}, {2}, {3, -100}, {-100}, {1, 1, 2}}};
    auto run = [&](Index threads, BatchOptions options) {
        Params p(1, float64);
        nn::Embedding table(p / "table", 4, 4);
        Sgd sgd(p, {.rate = 0.5});
        SequenceBatches batches(data, options);
        auto const h = fit(
            p, sgd, batches,
            [&](Tape& tape, auto const& b, Mode) {
                Var y = table(tape, b.inputs);
                return LossAndMetrics(cross_entropy(y, b.targets), {accuracy(y, b.targets)});
            },
            quiet({.epochs = 2, .threads = threads}));
        std::vector<double> out{h["loss"][0], h["loss"][1], h["accuracy"][1]};
        for (double x : p["table.weight"].value<double>()) out.push_back(x);
        return out;
    };
    auto const one = run(1, {.size = 5, .shuffle = false});
    for (Index threads : {2, 3, 4, 5}) {  // with five, the fourth has nothing that counts
        auto const several = run(threads, {.size = 5, .shuffle = false});
        for (std::size_t i = 0; i < one.size(); ++i) BOOST_TEST(golden::distance(one[i], several[i]) < 1e-14);
    }
    for (double x : run(1, {.size = 1, .shuffle = false}))
        BOOST_TEST(std::isfinite(x));  // a batch in which nothing counts is left out
}

BOOST_AUTO_TEST_CASE(takes_batches_of_any_type) {
    FiniteDifference s;
    std::vector<double> const targets{1, 2, 6};
    History const h = fit(
        s.params, s.sgd, targets,
        [&](Tape& tape, double target, Mode) { return Var(0.25 * sum(square(tape.lift(s.w) - target))); },
        quiet({.epochs = 2}));
    double w = 0, first = 0;
    for (int epoch = 0; epoch < 2; ++epoch)
        for (double t : targets) {
            if (epoch == 0) first += (w - t) * (w - t) / 4 / 3;
            w -= (w - t) / 2;
        }
    BOOST_TEST(golden::distance(s.value(), w) < 1e-15);
    BOOST_TEST(golden::distance(h["loss"][0], first) < 1e-15);
    BOOST_TEST(has(message<ValueError>([&] {
                       fit(
                           s.params, s.sgd, targets, [&](Tape& tape, double, Mode) { return Var(sum(tape.lift(s.w))); },
                           quiet({.threads = 2}));
                   }),
                   "fit: several threads, ranks or parts need batches that have size() and part(begin, end)"));
}

BOOST_AUTO_TEST_CASE(takes_a_data_set) {
    Model a, b;
    auto const data  = sums(50, 1);
    auto const split = random_split(50, 0.2, 4);
    History h =
        fit(a.params, a.adam, data, {.size = 8, .seed = 4}, a.loss(), quiet({.epochs = 2, .validation_split = 0.2}));
    LabelledBatches train(select(data, split.train), {.size = 8, .seed = 4}),
        validation(select(data, split.validation), {.size = 8, .shuffle = false});
    BOOST_TEST(same(h, fit(b.params, b.adam, train, b.loss(), validation, quiet({.epochs = 2}))));
    BatchOptions how;  // variables of any kind mean the same
    auto some       = data;
    auto loss       = a.loss();
    FitOptions once = quiet({.epochs = 1, .validation_split = 0});
    BOOST_TEST(!fit(a.params, a.adam, some, how, loss, once).contains("validation_loss"));
    BOOST_TEST(!fit(a.params, a.adam, train, loss, once).contains("validation_loss"));
    BOOST_TEST(fit(a.params, a.adam, train, loss, validation, once).contains("validation_loss"));
}

BOOST_AUTO_TEST_CASE(stops_early_with_the_best_parameters) {
    FiniteDifference s;  // goes 1, 2, 3 … and is best at 3
    std::vector<double> const one{0};
    auto const train = [&](Tape& tape, double, Mode mode) -> Var {
        if (mode == Mode::evaluate) return sum(square(tape.lift(s.w) - 3.2));
        return -sum(tape.lift(s.w));
    };
    for (bool restore : {true, false}) {
        s.w.assign(0.0);
        History const h = fit(s.params, s.sgd, one, train, one,
                              quiet({.epochs = 20, .early = EarlyStopping{.patience = 2, .restore = restore}}));
        BOOST_TEST((h.stopped == Stop::no_better));
        BOOST_TEST(h.epochs() == 6);  // 3 is the best; after 4 and 5, patience is gone at 6
        BOOST_TEST(s.value() == (restore ? 3 : 6));
    }
    s.w.assign(0.0);  // without losing patience, too
    fit(s.params, s.sgd, one, train, one, quiet({.epochs = 5, .early = EarlyStopping{.patience = 10}}));
    BOOST_TEST(s.value() == 3);
    s.w.assign(0.0);  // by the training loss, which gets better for ever
    BOOST_TEST(
        fit(s.params, s.sgd, one, train, one, quiet({.epochs = 9, .early = EarlyStopping{.patience = 0, .of = "loss"}}))
            .epochs() == 9);
    s.w.assign(0.0);  // the most of what gets less from the second epoch on
    BOOST_TEST(fit(s.params, s.sgd, one, train, one,
                   quiet({.epochs = 9, .early = EarlyStopping{.patience = 0, .of = "loss", .most = true}}))
                   .epochs() == 2);
    s.w.assign(0.0);  // better by less than min_delta
    BOOST_TEST(fit(s.params, s.sgd, one, train, one,
                   quiet({.epochs = 9, .early = EarlyStopping{.patience = 0, .min_delta = 1.5, .of = "loss"}}))
                   .epochs() == 2);
    BOOST_CHECK_THROW(fit(s.params, s.sgd, one, train, one, quiet({.early = EarlyStopping{.of = "acuracy"}})),
                      NameError);
}

BOOST_AUTO_TEST_CASE(gets_its_patience_back_with_a_better_epoch) {
    FiniteDifference s;
    std::vector<double> const one{0}, losses{0, 5, 6, 4, 5, 3, 4, 2, 3, 3, 1};  // after so many epochs
    auto const judged = [&](Tape& tape, double, Mode mode) -> Var {
        if (mode == Mode::train) return -sum(tape.lift(s.w));
        return tape.constant(losses.at(static_cast<std::size_t>(s.value())));
    };
    History const h =
        fit(s.params, s.sgd, one, judged, one, quiet({.epochs = 10, .early = EarlyStopping{.patience = 1}}));
    BOOST_TEST(h.epochs() == 9);
    BOOST_TEST(s.value() == 7);
}

BOOST_AUTO_TEST_CASE(changes_the_rate) {
    FiniteDifference s;
    std::vector<double> const two{0, 0};
    auto const loss = [&](Tape& tape, double, Mode) -> Var { return sum(tape.lift(s.w)); };
    BOOST_TEST(fit(s.params, s.sgd, two, loss, quiet({.epochs = 3, .by_epoch = schedule::exponential(0.5)}))["rate"] ==
                   (std::vector<double>{1, 0.5, 0.25}),
               boost::test_tools::per_element());
    FiniteDifference t;
    auto const flat = [&](Tape& tape, double, Mode) -> Var { return 0 * sum(tape.lift(t.w)); };
    BOOST_TEST(fit(t.params, t.sgd, two, flat,
                   quiet({.epochs = 4, .plateau = PlateauOptions{.factor = 0.5, .patience = 1}}))["rate"] ==
                   (std::vector<double>{1, 1, 1, 0.5}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(continues_bit_for_bit) {
    Folder folder;
    auto const options = [&](Index epochs, std::string const& name) {
        return quiet({.epochs     = epochs,
                      .by_step    = schedule::cosine(60),
                      .early      = EarlyStopping{.patience = 4},
                      .checkpoint = name.empty() ? fs::path() : folder.path / name,
                      .log        = name.empty() ? fs::path() : folder.path / (name + ".csv")});
    };
    Model whole;
    auto train = batches(), validation = unseen();
    History const all = fit(whole.params, whole.adam, train, whole.loss(), validation, options(6, ""));
    for (int stop_at : {1, 4, 7, 10, 14, 21}) {  // in the middle of an epoch of seven batches, and at its end
        std::string const name = std::to_string(stop_at);
        {
            Model m;
            auto a = batches(), b = unseen();
            FitOptions o = options(6, name);
            int done     = 0;
            o.on_batch   = [&](TrainingProgress& now) {
                if (++done == stop_at) now.stop();
            };
            History const h = fit(m.params, m.adam, a, m.loss(), b, o);
            BOOST_TEST((h.stopped == Stop::asked));
        }
        Model m(99);  // nothing of it remains
        auto a = batches(98), b = unseen();
        History const h = fit(m.params, m.adam, a, m.loss(), b, options(6, name));
        BOOST_TEST(same(h, all));
        BOOST_TEST((m.numbers() == whole.numbers()));
        BOOST_TEST((h.stopped == all.stopped));
    }
}

// What the loss draws follows from the seed, the batch and the part, so that no stream has to be saved or shared.
BOOST_AUTO_TEST_CASE(gives_the_loss_something_to_draw_from) {
    for (Index threads : {1, 2}) {
        Folder folder;
        auto const options = [&](bool saved, std::uint64_t seed) {
            return quiet({.epochs     = 3,
                          .threads    = threads,
                          .seed       = seed,
                          .checkpoint = saved ? folder.path / "run" : fs::path()});
        };
        auto const loss_of = [](Model const& m) {
            return [&m](Tape& tape, Batch<Symbols, Index> const& batch, Random* random) {
                Var y = m.logits(tape, batch);
                if (random) y = dropout(y, 0.3, *random);
                return cross_entropy(y, batch.targets);
            };
        };
        auto const run = [&](Model& m, FitOptions const& o) {
            auto train = batches();
            return fit(m.params, m.adam, train, loss_of(m), unseen(), o);
        };
        Model whole, again, other, stopped, resumed(99);
        auto const all = run(whole, options(false, 5));
        BOOST_TEST(same(run(again, options(false, 5)), all));
        BOOST_TEST(!same(run(other, options(false, 6)), all));
        FitOptions o = options(true, 5);
        int done     = 0;
        o.on_batch   = [&](TrainingProgress& now) {
            if (++done == 10) now.stop();
        };
        run(stopped, o);
        BOOST_TEST(same(run(resumed, options(true, 5)), all));
        BOOST_TEST((resumed.numbers() == whole.numbers()));
    }
}

BOOST_AUTO_TEST_CASE(continues_from_any_update_that_was_saved) {
    Folder folder;
    Model whole;
    auto train   = batches();
    FitOptions o = quiet({.epochs = 3, .checkpoint = folder.path / "run", .every_batches = 3});
    int done     = 0;
    std::vector<double> at_ten;
    fit(whole.params, whole.adam, train, whole.loss(), quiet({.epochs = 3}));
    {
        Model m;
        auto a     = batches();
        o.on_batch = [&](TrainingProgress&) {
            if (++done == 12)
                throw std::runtime_error("power cut");  // last saved after the tenth: the third of the second epoch
        };
        BOOST_CHECK_THROW(fit(m.params, m.adam, a, m.loss(), o), std::runtime_error);
    }
    Model m(7);
    auto a     = batches();
    int rest   = 0;
    o.on_batch = [&](TrainingProgress&) { ++rest; };
    fit(m.params, m.adam, a, m.loss(), o);
    BOOST_TEST(rest == 21 - 10);
    BOOST_TEST((m.numbers() == whole.numbers()));
    rest = 0;
    fit(m.params, m.adam, a, m.loss(), o);  // there is nothing left to do
    BOOST_TEST(rest == 0);
    o.epochs = 4;
    fit(m.params, m.adam, a, m.loss(), o);  // unless more is asked for
    BOOST_TEST(rest == 7);
    o.resume = false, rest = 0;
    fit(m.params, m.adam, a, m.loss(), o);
    BOOST_TEST(rest == 28);
}

BOOST_AUTO_TEST_CASE(goes_on_in_the_middle_of_a_text) {
    Folder folder;
    std::string text;
    for (int i = 0; i < 400; ++i) text += "abcab"[i * i % 5];
    auto const v = Vocabulary::of_characters(text, {.unknown = false});
    auto run     = [&](int stop_at, std::string const& name) {
        Params p(1, float64);
        nn::Embedding table(p / "table", v.size(), v.size());
        Sgd sgd(p, {.rate = 0.5});
        Corpus corpus(v.encode(text), {.streams = 4, .steps = 9});
        FitOptions o = quiet({.epochs = 2, .threads = 2, .checkpoint = folder.path / name});
        int n        = 0;
        o.on_batch   = [&](TrainingProgress& m) {
            if (++n == stop_at) m.stop();
        };
        auto const h = fit(
                p, sgd, corpus,
                [&](Tape& tape, auto const& b, Mode) { return cross_entropy(table(tape, b.inputs), b.targets); }, o);
        auto const w = p["table.weight"].value<double>();
        return std::pair(n, std::vector<double>(w.begin(), w.end()));
    };
    auto const whole = run(0, "whole");
    BOOST_TEST(whole.first == 22);
    BOOST_TEST(run(16, "parts").first == 16);
    auto const rest = run(0, "parts");
    BOOST_TEST(rest.first == 6);
    BOOST_TEST((rest.second == whole.second));
}

BOOST_AUTO_TEST_CASE(keeps_what_the_loss_changes_too) {
    Folder folder;
    std::vector<double> const one{0, 0, 0};
    auto run = [&](FiniteDifference& s, int stop_at) {
        Random random(5);
        FitOptions o =
            quiet({.epochs = 2, .checkpoint = folder.path / "run", .also = [&](Fields f) { f.add("random", random); }});
        int n      = 0;
        o.on_batch = [&](TrainingProgress& m) {
            if (++n == stop_at) m.stop();
        };
        return fit(
            s.params, s.sgd, one,
            [&](Tape& tape, double, Mode) -> Var { return sum(tape.lift(s.w)) * random.uniform(); }, o);
    };
    FiniteDifference a, b, c;
    run(a, 0);
    fs::remove(folder.path / "run");
    run(b, 2), run(c, 0);
    BOOST_TEST(a.value() == c.value());
    BOOST_TEST(a.value() != b.value());
}

BOOST_AUTO_TEST_CASE(of_a_run_that_lost_patience_is_over) {
    Folder folder;
    std::vector<double> const one{0};
    FiniteDifference s, t;
    auto run = [&](FiniteDifference& x) {
        return fit(
            x.params, x.sgd, one,
            [&](Tape& tape, double, Mode) -> Var { return sum(square(tape.lift(x.w) + 2.0)) * 0.4; },
            quiet({.epochs     = 50,
                   .early      = EarlyStopping{.patience = 2, .min_delta = 0.1},
                   .checkpoint = folder.path / "run"}));
    };
    History const h = run(s), again = run(t);
    BOOST_TEST((again.stopped == Stop::no_better));
    BOOST_TEST(same(h, again));
    BOOST_TEST(h.epochs() < 50);
    BOOST_TEST(s.value() == t.value());
}

BOOST_AUTO_TEST_CASE(refuses_a_checkpoint_of_another_run) {
    Folder folder;
    Model m;
    auto a = batches();
    fit(m.params, m.adam, a, m.loss(), quiet({.epochs = 1, .checkpoint = folder.path / "run"}));
    auto fewer  = LabelledBatches(sums(40, 1), {.size = 8, .bucket = 2});
    auto before = m.numbers();
    auto error  = message<FileError>(
        [&] { fit(m.params, m.adam, fewer, m.loss(), quiet({.epochs = 2, .checkpoint = folder.path / "run"})); });
    BOOST_TEST(has(error, "run.train.examples"));
    BOOST_TEST((m.numbers() == before));
    BOOST_TEST(a.order().epoch() == 1);
}

BOOST_AUTO_TEST_CASE(stops_at_ctrl_c_and_saves) {
    Folder folder;
    Model m, whole, continued;
    auto a = batches(), b = batches(), c = batches();
    FitOptions o = quiet({.epochs = 3, .checkpoint = folder.path / "run"});
    int n        = 0;
    o.on_batch   = [&](TrainingProgress&) {
        if (++n == 9) std::raise(SIGINT);
    };
    auto* const before = std::signal(SIGINT, SIG_DFL);
    History const h    = fit(m.params, m.adam, a, m.loss(), o);
    BOOST_TEST((std::signal(SIGINT, before) == SIG_DFL));  // as it was before fit()
    BOOST_TEST((h.stopped == Stop::interrupted));
    BOOST_TEST(n == 9);
    BOOST_TEST(h.epochs() == 1);
    fit(whole.params, whole.adam, b, whole.loss(), quiet({.epochs = 3}));
    fit(continued.params, continued.adam, c, continued.loss(), o);
    BOOST_TEST((whole.numbers() == continued.numbers()));
}

BOOST_AUTO_TEST_CASE(is_killed_by_the_second_ctrl_c) {
    auto child = [](auto f) {
        std::fflush(nullptr);
        pid_t const id = fork();
        if (id == 0) {
            std::signal(SIGINT, SIG_DFL), std::signal(SIGABRT, SIG_DFL);
            f();
            _exit(0);
        }
        int status = 0;
        waitpid(id, &status, 0);
        return status;
    };
    auto run = [](int signals, bool catching, bool ignored = false) {
        FiniteDifference s;
        History const h = fit(
            s.params, s.sgd, std::vector<double>{0},
            [&](Tape& tape, double, Mode) -> Var {
                for (int i = 0; i < signals; ++i) std::raise(SIGINT);
                return sum(tape.lift(s.w));
            },
            quiet({.epochs = 2, .catch_interrupt = catching}));
        if (h.stopped != (ignored ? Stop::finished : Stop::interrupted)) _exit(1);
    };
    BOOST_TEST(child([&] { run(1, true); }) == 0);
    int const killed = child([&] { run(2, true); }), uncaught = child([&] { run(1, false); });
    BOOST_TEST((WIFSIGNALED(killed) && WTERMSIG(killed) == SIGINT));
    BOOST_TEST((WIFSIGNALED(uncaught) && WTERMSIG(uncaught) == SIGINT));
    BOOST_TEST(child([&] {
                   std::signal(SIGINT, SIG_IGN);  // as by nohup
                   run(2, true, true);
               }) == 0);
}

BOOST_AUTO_TEST_CASE(stops_at_nan_and_names_the_batch) {
    FiniteDifference s;
    int n           = 0;
    auto const loss = [&](Tape& tape, double, Mode mode) -> Var {
        if (mode == Mode::evaluate) return sum(square(tape.lift(s.w) - 1.1));
        return sum(tape.lift(s.w)) * (++n == 6 ? std::nan("") : -0.5);
    };
    std::vector<double> const two{0, 0};
    auto error = message<ValueError>(
        [&] { fit(s.params, s.sgd, two, loss, two, quiet({.early = EarlyStopping{.patience = 5}})); });
    BOOST_TEST(has(error, "fit.cpp:"));
    BOOST_TEST(has(error, "fit: the loss is nan in epoch 3, batch 2; the parameters are those after epoch 1"));
    BOOST_TEST(s.value() == 1);
    n = 0;
    s.w.assign(0.0);
    error = message<ValueError>([&] { fit(s.params, s.sgd, two, loss, quiet({})); });
    BOOST_TEST(has(error, "in epoch 3, batch 2"));
    BOOST_TEST(s.value() == 2.5);  // the update was not made
    auto const steep = [&](Tape& tape, double, Mode) -> Var { return sum(sqrt(tape.lift(s.w) * 0)); };
    BOOST_TEST(has(message<ValueError>([&] { fit(s.params, s.sgd, two, steep, quiet({.clip_norm = 1})); }),
                   "the norm of the gradients is"));
}

BOOST_AUTO_TEST_CASE(tells_callbacks_where_it_is) {
    Folder folder;
    Model m;
    auto a       = batches();
    FitOptions o = quiet({.epochs = 5});
    std::vector<std::pair<Index, Index>> seen;
    o.on_batch = [&](TrainingProgress& now) { seen.emplace_back(now.epoch, now.batch); };
    o.on_epoch = [&](TrainingProgress& now) {
        BOOST_TEST(now.history.epochs() == now.epoch + 1);
        BOOST_TEST(now.loss == now.history.last("loss"));
        BOOST_TEST(now.batch == 7);
        now.save(folder.path / "by_hand");
        if (now.epoch == 1) now.stop();
    };
    History const h = fit(m.params, m.adam, a, m.loss(), o);
    BOOST_TEST((h.stopped == Stop::asked));
    BOOST_TEST(h.epochs() == 2);
    BOOST_TEST(seen.size() == 14u);
    BOOST_TEST((seen[0] == std::pair<Index, Index>(0, 1) && seen[13] == std::pair<Index, Index>(1, 7)));
    BOOST_TEST(fs::exists(folder.path / "by_hand"));
}

BOOST_AUTO_TEST_CASE(writes_a_log) {
    Folder folder;
    std::vector<double> const one{0};
    auto run = [&](Index epochs) {
        FiniteDifference s;
        return fit(
            s.params, s.sgd, one,
            [&](Tape& tape, double, Mode) {
                return LossAndMetrics(sum(tape.lift(s.w)) * 0.5, {{"a,\"b\"", 1, 3}});
            },
            quiet({.epochs = epochs, .checkpoint = folder.path / "run", .log = folder.path / "log.csv"}));
    };
    run(2);
    std::ofstream(folder.path / "log.csv", std::ios::app) << "3,of a run that was killed before it saved\n";
    History const h = run(4);
    Csv const csv   = Csv::read(folder.path / "log.csv");
    BOOST_TEST(csv.names() == (std::vector<std::string>{"epoch", "loss", "a,\"b\"", "rate", "seconds"}),
               boost::test_tools::per_element());
    BOOST_TEST(csv.numbers("epoch") == (std::vector<double>{1, 2, 3, 4}), boost::test_tools::per_element());
    for (auto const& name : h.names()) BOOST_TEST(csv.numbers(name) == h[name], boost::test_tools::per_element());
    FiniteDifference s;
    BOOST_CHECK_THROW(fit(
                          s.params, s.sgd, one, [&](Tape& tape, double, Mode) -> Var { return sum(tape.lift(s.w)); },
                          quiet({.log = "/nowhere/log.csv"})),
                      FileError);
    BOOST_REQUIRE(::mkfifo((folder.path / "pipe").c_str(), 0600) == 0);  // which no one reads
    BOOST_CHECK_THROW(CsvLog(folder.path / "pipe", h), FileError);
}

BOOST_AUTO_TEST_CASE(refuses_what_makes_no_sense) {
    FiniteDifference s;
    auto const loss = [&](Tape& tape, double, Mode) -> Var { return sum(tape.lift(s.w)); };
    auto with       = [&](FitOptions o, std::vector<double> data = {0}) {
        return message<ValueError>([&] { fit(s.params, s.sgd, data, loss, quiet(std::move(o))); });
    };
    BOOST_TEST(has(with({.epochs = -1}), "fit: epochs is -1, but must be at least 0"));
    BOOST_TEST(has(with({.threads = 0}), "threads is 0"));
    BOOST_TEST(has(with({.clip_norm = -1}), "clip_norm is -1"));
    BOOST_TEST(has(with({.every = 0}), "every is 0"));
    BOOST_TEST(has(with({.every_batches = -1}), "every_batches is -1"));
    BOOST_TEST(has(with({.by_step = schedule::exponential(1), .by_epoch = schedule::exponential(1)}),
                   "there are two schedules"));
    BOOST_TEST(has(with({.early = EarlyStopping{.patience = -1}}), "patience is -1"));
    BOOST_TEST(has(with({.early = EarlyStopping{.min_delta = -1}}), "min_delta is -1"));
    BOOST_TEST(has(with({}, {}), "fit: there are no batches"));
    BOOST_TEST(fit(s.params, s.sgd, std::vector<double>{0}, loss, quiet({.epochs = 0})).epochs() == 0);
    BOOST_TEST(s.value() == 0);
    BOOST_CHECK_THROW(fit(
                          s.params, s.sgd, std::vector<double>{0},
                          [&](Tape& tape, double, Mode) {
                              return tape.lift(s.w) * xt::xarray<double>{1, 2};
                          },
                          quiet({})),
                      ShapeError);
    int n = 0;
    BOOST_CHECK_THROW(fit(
                          s.params, s.sgd, std::vector<double>{0, 0},
                          [&](Tape& tape, double, Mode) {
                              return LossAndMetrics(sum(tape.lift(s.w)), {{++n == 1 ? "a" : "b", 1, 1}});
                          },
                          quiet({})),
                      ValueError);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(metric)

BOOST_AUTO_TEST_CASE(counts_targets_among_the_largest) {
    Tape tape(float64);
    double nan = std::nan("");
    Var y = tape.constant(xt::xarray<double>{{1, 3, 2}, {5, 5, 1}, {5, 5, 1}, {0, 1, 2}, {nan, 1, 0}, {nan, nan, nan}});
    std::vector<Index> const targets{1, 0, 1, -100, 1, 0};
    Metric const a = accuracy(y, targets);
    BOOST_TEST(
        (a.name == "accuracy" && a.sum == 2 && a.weight == 5));  // the first two; of equal ones, the first is larger
    Metric const b = top_k(y, targets, 2);
    BOOST_TEST((b.name == "top_2" && b.sum == 4 && b.weight == 5));
    BOOST_TEST(b.value() == 0.8);
    Var z = tape.constant(xt::xarray<double>{{{1, 2}, {2, 1}}});
    BOOST_TEST(accuracy(z, xt::xtensor<Index, 2>{{1, 1}}).value() == 0.5);
    BOOST_TEST(accuracy(Var(transpose(z, {0, 2, 1})), xt::xtensor<Index, 2>{{1, 0}}).value() == 1);
    BOOST_TEST(has(message<ShapeError>([&] { accuracy(z, targets); }),
                   "accuracy: logits [...,c] are [1,2,2], but the targets [6]"));
    BOOST_TEST(has(message<IndexError>([&] {
                       accuracy(z, xt::xtensor<Index, 2>{{1, 2}});
                   }),
                   "target 2 is not one of 2 classes"));
    BOOST_CHECK_THROW(top_k(z, xt::xtensor<Index, 2>{{1, 1}}, 0), ValueError);
    BOOST_TEST(golden::distance(perplexity(std::log(65.0)), 65) < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(plot_)

BOOST_AUTO_TEST_CASE(draws_or_says_why_not) {
    Folder folder;
    History h;
    for (int e = 0; e < 5; ++e)
        h.add(
            {{"loss", std::exp(-e)}, {"validation_loss", e == 2 ? std::nan("") : 0.5 + std::exp(-e)}, {"other", 1.0}});
    BOOST_TEST(has(message<ValueError>([&] { plot(h, folder.path / "x.jpg"); }), "x.jpg\" ends neither in .svg"));
    BOOST_TEST(has(message<ValueError>([&] { plot(h, folder.path / "x.svg", {.width = 20}); }), "width is 20"));
    BOOST_TEST(has(message<ValueError>([&] { plot(h, folder.path / "x.svg", {.columns = {"accuracy"}}); }),
                   "nothing to draw of \"accuracy\""));
    BOOST_TEST(!fs::exists(folder.path / "x.svg"));
    plot(h, folder.path / "x.svg", {.title = "a 'title'"});
    auto const svg = contents(folder.path / "x.svg");
    for (char const* words : {">a &#39;title&#39;<", ">loss<", ">validation_loss<", ">epoch<", ">1<", ">5<"})
        BOOST_TEST(has(svg, words), words);
    plot(h, folder.path / "one.svg", {.columns = {"loss", "none"}, .logarithmic = true});
    auto const one = contents(folder.path / "one.svg");
    BOOST_TEST(has(one, ">0.1<"));
    BOOST_TEST(one.find(">loss<") == one.rfind(">loss<"));  // the axis names it
}

BOOST_AUTO_TEST_SUITE_END()
