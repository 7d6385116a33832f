// A tape that goes back to a mark is as it was there: whatever was recorded in between leaves no trace, in names, in parameters, or in numbers.
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <runs.hpp>
#include <unspool.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

/// Records at random, all of one shape but for views; two of the same seed do the same.
class Twin {
public:
    explicit Twin(std::uint64_t seed) : random_(seed), seed_(seed) {
        tape_.mechanisms.pack =
            false;  // a weight's copy is forgotten with what was recorded: products by it round otherwise
        for (int k = 0; k < 3; ++k)
            known_.push_back(tape_.input(xt::xarray<double>(xt::ones<double>({4, 4}) * (0.1 * k + 0.2))));
    }

    void record(Random& random) {
        auto const some = [&] { return known_[static_cast<std::size_t>(random.below(known_.size()))]; };
        Param& p        = *params_.all()[static_cast<std::size_t>(random.below(3))];
        switch (random.below(8)) {
            case 0: known_.push_back(some().named(name(random))); return;
            case 1: tape_.replace(p, some()); return;
            case 2: known_.push_back(tape_.lift(p)); return;
            case 3: known_.push_back(flip(some(), 0)); return;
            case 4: {
                Scope const inner(tape_, name(random));
                known_.push_back(tanh(some() + 0.5));
                return;
            }
            case 5: {
                Var h = linear(some(), p) + some();
                known_.push_back(tanh(0.3 * h));
                return;
            }
            case 6: static_cast<void>(transpose(some()).named(name(random))); return;
            default: known_.push_back(some() * some() - some());
        }
    }
    void record() { record(random_); }

    /// Goes somewhere, and back; by an error, at times.
    void go_and_return(std::uint64_t seed) {
        Random random(seed);
        std::vector<Var> const known = known_;
        Tape::Mark const mark        = tape_.mark();
        bool const fails             = random.below(3) == 0;
        try {
            Attempt const attempt(tape_);
            for (int n = 0; n < 6; ++n) record(random);
            if (fails) throw TapeError("enough");
        } catch (TapeError const&) {}
        if (!fails) tape_.rewind(mark);
        known_                        = known;
        xt::xarray<double> const junk = xt::ones<double>({64}) * 1e300;
        for (int n = 0; n < 4; ++n) static_cast<void>(tape_.input(junk));  // where the excursion was
        tape_.rewind(mark);
    }

    /// All that can be seen of it.
    std::string seen() {
        Var loss        = sum(square(known_.back()));
        std::string out = fmt::format("{} nodes\n", tape_.size());
        for (Var const& x : known_) {
            xt::xarray<double> const v(x.value<double>());
            out += fmt::format("{} = {}: {}\n", label(x), tape_[x.window().node].value.name, fmt::join(v, " "));
            loss = loss + 0.1 * sum(x);
        }
        Gradients const g = backward(loss);
        for (Param const* p : params_.all()) {
            xt::xarray<double> const v(g[*p].value<double>());
            out += fmt::format("{}: {}\n", p->path(), fmt::join(v, " "));
        }
        return out + Graph(loss).dot();
    }

private:
    std::string name(Random& random) { return fmt::format("called_{}_{}", seed_, random.below(1000000)); }

    Random random_;
    std::uint64_t seed_;
    Params params_{5};
    Param &U_{params_.uniform("U", {4, 4}, -1, 1)}, &V_{params_.uniform("V", {4, 4}, -1, 1)},
        &W_{params_.uniform("W", {4, 4}, -1, 1)};
    Tape tape_{float64};
    std::vector<Var> known_;
};

/// An RNN that may try its step before it takes it.
struct Trying {
    using State = Var;
    Param &W, &U;
    std::uint64_t tries;

    Var operator()(Var x, Var h) const {
        Tape& tape = x.tape();
        Var wx     = linear(x, W);
        if (tries % 2 == 1) {
            Tape::Mark const mark = tape.mark();
            Var trial             = tanh(wx + linear(h, U));
            trial                 = trial * (tries % 4 == 3 ? Var(linear(x, U) + wx) : trial);
            tape.rewind(mark);
        }
        return tanh(wx + linear(h, U));
    }
};

std::string run_of(std::uint64_t tries, Index batch) {
    Params params(3);
    Param &W = params.uniform("W", {5, 5}, -1, 1), &U = params.uniform("U", {5, 5}, -1, 1);
    Tape tape(float64);
    tape.mechanisms.pack = false;
    Var const xs         = tape.input(xt::xarray<double>(xt::ones<double>({6, static_cast<int>(batch), 5}) * 0.3));
    auto const r         = scan(Trying{W, U, tries}, xs, tape.zeros({batch, 5}));
    Var loss             = tape.zeros({});
    for (Var const& y : r.outputs) loss = loss + sum(square(y));
    Gradients const g = backward(loss);
    xt::xarray<double> const w(g[W].value<double>()), u(g[U].value<double>()), x(g[xs].value<double>());
    return fmt::format("{}: {}, {}, {}", loss.item(), fmt::join(w, " "), fmt::join(u, " "), fmt::join(x, " "));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(excursions_of_a_tape)

BOOST_AUTO_TEST_CASE(leave_no_trace) {
    for (int n = 0; n < runs(200, 10000); ++n) {
        auto const seed = static_cast<std::uint64_t>(n);
        Twin straight(seed), wandering(seed);
        Random where(seed + 9);
        for (int step = 0; step < 12; ++step) {
            straight.record(), wandering.record();
            if (where.below(3) == 0) wandering.go_and_return(seed * 100 + static_cast<std::uint64_t>(step));
        }
        std::string const expected = straight.seen(), found = wandering.seen();
        auto const [a, b] = std::mismatch(expected.begin(), expected.end(), found.begin(), found.end());
        if (expected == found) continue;
        BOOST_ERROR("program " << n << ": " << std::string(a, std::min(a + 80, expected.end())) << "\nand "
                               << std::string(b, std::min(b + 80, found.end())));
        return;
    }
}

BOOST_AUTO_TEST_CASE(within_a_step_of_a_scan_leave_no_trace) {
    for (Index batch : {1, 3, 20})
        for (std::uint64_t tries : {1u, 3u}) BOOST_TEST(run_of(tries, batch) == run_of(0, batch));
}

BOOST_AUTO_TEST_SUITE_END()
