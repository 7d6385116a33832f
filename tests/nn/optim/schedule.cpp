// Schedules, and the reduction on a plateau: the rates of PyTorch over 1,000 steps.
#include <nn/cells.hpp>
#include <numeric>
#include <unspool/nn/files/entry.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

using golden::Json;

/// An optimiser that has a rate and nothing else.
struct OnlyRate : Optimiser {
    double now;
    explicit OnlyRate(double r) : now(r) {}
    void step(Gradients const&, Where) override {}
    double rate() const override { return now; }
    void rate(double r, Where where) override {
        if (!(r >= 0)) throw ValueError(text(where) + ": no such rate");
        now = r;
    }
    void fields(Fields f) override { f.add("rate", now); }
};

Schedule named(std::string const& name) {
    using namespace schedule;
    double const low = 0.02 / 0.2;
    if (name == "step") return schedule::step(30, 0.9);
    if (name == "multi_step") return multi_step({23, 46, 300}, 0.3);
    if (name == "exponential") return exponential(0.99);
    if (name == "cosine") return cosine(300, low);
    if (name == "cosine_restarts") return cosine_restarts(70, 1, low);
    if (name == "cosine_restarts_longer") return cosine_restarts(23, 2, low);
    if (name == "warm_up") return warm_up(40, {}, 0.25);
    if (name == "warm_up_step") return warm_up(40, schedule::step(30, 0.9), 0.25);
    if (name == "warm_up_cosine") return warm_up(40, cosine(300, low), 0.25);
    throw std::runtime_error("no such schedule: " + name);
}

PlateauOptions plateau(Json const& o) {
    PlateauOptions out;
    out.factor     = o.value("factor", out.factor);
    out.patience   = o.value("patience", out.patience);
    out.threshold  = o.value("threshold", out.threshold);
    out.cooldown   = o.value("cooldown", out.cooldown);
    out.least_rate = o.value("min_lr", out.least_rate);
    out.eps        = o.value("eps", out.eps);
    if (o.value("mode", "min") == "max") out.goal = PlateauOptions::Goal::most;
    if (o.value("threshold_mode", "rel") == "abs") out.threshold_mode = PlateauOptions::Threshold::absolute;
    return out;
}

/// Every 23rd rate, and the sum of all.
template <class Step> void compare(Json const& expected, OnlyRate& optimiser, Step step) {
    std::vector<double> rates;
    for (int t = 0; t < 1000; ++t) rates.push_back(optimiser.rate()), step(t);
    Json const& some = expected["rates"]["data"];
    for (std::size_t k = 0; k < some.size(); ++k) BOOST_TEST_CONTEXT("step " << 23 * k) {
            double const e = golden::number(some[k]);
            BOOST_TEST(std::abs(rates[23 * k] - e) <= 1e-10 * e);
        }
    double const sum = golden::number(expected["sum"]);
    BOOST_TEST(std::abs(std::accumulate(rates.begin(), rates.end(), 0.0) - sum) <= 1e-10 * sum);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(schedules)

BOOST_AUTO_TEST_CASE(are_those_of_pytorch) {
    Json const file = golden::file("training");
    for (auto const& one : file["schedules"]) BOOST_TEST_CONTEXT(one["name"]) {
            OnlyRate optimiser(0.2);
            Scheduler scheduler(optimiser, named(one["name"]));
            compare(one, optimiser, [&](int) { scheduler.step(); });
        }
}

BOOST_AUTO_TEST_CASE(reduce_on_a_plateau_as_pytorch) {
    Json const file = golden::file("training");
    for (auto const& one : file["plateaus"]) BOOST_TEST_CONTEXT(one["options"]) {
            OnlyRate optimiser(0.2);
            Random random(12);
            ReduceOnPlateau plateau_(optimiser, plateau(one["options"]));
            double const sign = one["options"].value("mode", "min") == "max" ? -1 : 1;
            compare(one, optimiser, [&](int t) {
                double const before = optimiser.rate();
                bool const reduced  = plateau_.step(sign * (2 / (1 + 0.01 * t) + 0.5 * random.uniform()));
                BOOST_TEST(reduced == (optimiser.rate() < before));
            });
        }
}

BOOST_AUTO_TEST_CASE(are_any_function) {
    OnlyRate optimiser(3);
    Scheduler scheduler(optimiser, [](Index t) { return 1 / (1.0 + static_cast<double>(t)); });
    scheduler.step(), scheduler.step();
    BOOST_TEST(optimiser.rate() == 1);
    BOOST_TEST(scheduler.steps() == 2);
}

BOOST_AUTO_TEST_CASE(go_on_where_they_were) {
    auto const schedule = schedule::warm_up(5, schedule::cosine_restarts(7, 2, 0.1));
    OnlyRate a(0.5), b(0.25);
    Scheduler one(a, schedule), other(b, schedule);
    for (int t = 0; t < 9; ++t) one.step();
    Fields from, to;
    from.add("schedule", one), to.add("schedule", other);
    BOOST_TEST(to.all()[0].path == "schedule.base");
    *std::get<double*>(to.all()[0].field)         = *std::get<double*>(from.all()[0].field);
    *std::get<BoundedIndex>(to.all()[1].field).at = *std::get<BoundedIndex>(from.all()[1].field).at;
    for (int t = 0; t < 30; ++t) {
        one.step(), other.step();
        BOOST_TEST(a.rate() == b.rate());
    }
}

BOOST_AUTO_TEST_CASE(restart_at_any_distance) {
    auto const most = Fields::most / 2;
    for (Index longer : {Index{1}, Index{2}, Index{1'000'003}, most, Fields::most}) {
        double const x = schedule::cosine_restarts(3, longer)(most);
        BOOST_TEST((x >= 0 && x <= 1));
    }
    BOOST_TEST(schedule::cosine_restarts(5, Fields::most)(4) < 0.1);
    BOOST_TEST(schedule::cosine_restarts(5, Fields::most)(5) == 1);
}

BOOST_AUTO_TEST_CASE(do_not_take_nan_for_an_improvement) {
    OnlyRate optimiser(1);
    ReduceOnPlateau plateau_(optimiser, {.factor = 0.5, .patience = 1});
    BOOST_TEST(plateau_.best() == std::numeric_limits<double>::infinity());
    plateau_.step(2);
    BOOST_TEST(!plateau_.step(std::nan("")));
    BOOST_TEST(plateau_.step(std::nan("")));
    BOOST_TEST(optimiser.rate() == 0.5);
    BOOST_TEST(plateau_.best() == 2);
}

BOOST_AUTO_TEST_CASE(leave_all_as_it_was_when_they_fail) {
    OnlyRate optimiser(1);
    Scheduler scheduler(optimiser, [](Index t) { return t == 1 ? -1.0 : 1.0; });
    BOOST_CHECK_THROW(scheduler.step(), ValueError);
    BOOST_TEST(optimiser.rate() == 1);
    BOOST_TEST(scheduler.steps() == 0);
}

BOOST_AUTO_TEST_CASE(refuse_numbers_outside_their_range) {
    OnlyRate optimiser(1);
    int const line = __LINE__ + 1;
    auto m         = message<ValueError>([&] { schedule::step(0); });
    BOOST_TEST(m == "schedule.cpp:" + std::to_string(line) + ": schedule::step: every is 0, but must be at least 1");
    BOOST_CHECK_THROW(schedule::step(1, -1), ValueError);
    BOOST_CHECK_THROW(schedule::multi_step({1}, std::nan("")), ValueError);
    BOOST_CHECK_THROW(schedule::exponential(-0.1), ValueError);
    BOOST_CHECK_THROW(schedule::cosine(0), ValueError);
    BOOST_CHECK_THROW(schedule::cosine(1, -1), ValueError);
    BOOST_CHECK_THROW(schedule::cosine_restarts(0), ValueError);
    BOOST_CHECK_THROW(schedule::cosine_restarts(1, 0), ValueError);
    BOOST_CHECK_THROW(schedule::warm_up(0), ValueError);
    BOOST_CHECK_THROW(schedule::warm_up(1, {}, -1), ValueError);
    BOOST_TEST(has(message<ValueError>([&] { Scheduler(optimiser, {}); }), "Scheduler: the schedule is empty"));
    BOOST_TEST(has(message<ValueError>([&] { ReduceOnPlateau(optimiser, {.factor = 1}); }),
                   "ReduceOnPlateau: factor is 1, but must be in [0, 1)"));
    BOOST_CHECK_THROW(ReduceOnPlateau(optimiser, {.patience = -1}), ValueError);
    BOOST_CHECK_THROW(ReduceOnPlateau(optimiser, {.cooldown = -1}), ValueError);
    BOOST_CHECK_THROW(ReduceOnPlateau(optimiser, {.least_rate = std::nan("")}), ValueError);
}

BOOST_AUTO_TEST_SUITE_END()
