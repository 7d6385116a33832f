// Recomputed scans of cells that hand on what they are given: outputs and parts of the state that are inputs, states, parameters, what was
// recorded before, constants, and views of these.  All that is the same Var in a plain scan has the same gradient in one that is recomputed.
#include <array>
#include <nn/recurrence/recomputed.hpp>
#include <runs.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;
using namespace recomputed;

namespace {

/// Of its seed, and of the number of the step.
struct HandingOn {
    struct State {
        Var a, h, b;
    };

    std::uint64_t seed;
    Param &W, &M;
    Var before, made_before;

    State operator()(Var x, State s, Index t) const {
        Random random(seed * 8 + static_cast<std::uint64_t>(t % (1 + static_cast<Index>(seed % 3))));
        std::vector<Var> values{x, x, s.a, s.h, s.b};
        auto const one = [&] { return values[static_cast<std::size_t>(random.below(values.size()))]; };
        auto const add = [&](Var v) { values.push_back(v); };
        for (int n = static_cast<int>(random.below(6)); n-- > 0;) add(something(random, one));
        Var const a = one(), h = random.below(2) ? one() : Var(tanh(a) * one());
        return {a, h, one()};
    }

    template <class One> Var something(Random& random, One one) const {
        switch (random.below(9)) {
            case 0: return before;
            case 1: return made_before;
            case 2: return before.tape().lift(M);
            case 3: return one().tape().constant(numbers({16, 4}, seed));
            case 4:
                return flip(random.below(2) ? before : made_before,
                            0);  // views of steps are copied, and sums of those in another order
            case 5: return tanh(slice(concat({one(), one()}, -1), -1, 1, 5));
            case 6: return Var(tanh(one())).detach();
            default: return tanh(linear(one(), W) + one());
        }
    }
};

/// A run, and all gradients that a plain scan has.
class Trial {
public:
    explicit Trial(std::uint64_t seed, Dtype dtype = Dtype::float32) : seed_(seed), tape_(dtype) {}

    Bits operator()(Index every, std::vector<bool>& has_gradient, Keep keep) {
        return bits(all_read(every), has_gradient, every == 0, keep);
    }

    /// gradient() by one of what a plain scan has a gradient of, alone, by all of them, and by parameters, and of all that once more; one number each.
    std::vector<double> recorded(Index every, std::vector<bool>& has_gradient) {
        std::vector<Var> const read = all_read(every);
        if (every == 0)
            for (Var const& x : read) has_gradient.push_back(x.requires_grad());
        std::vector<Var> by;
        for (std::size_t k = 0; k < read.size(); ++k)
            if (has_gradient[k]) by.push_back(read[k]);
        std::vector<double> out;
        if (!loss_.requires_grad() || by.empty()) return out;
        Random random(seed_ + 77);
        Var const alone = some(random, by);
        out.push_back(weighed(gradient(loss_, alone)).item());
        Var total = tape_.zeros({});
        for (Var const& g : gradient(loss_, by)) {
            Var const one = weighed(g);
            out.push_back(one.item());
            total = total + one;
        }
        for (Var const& g : gradient(loss_, params_)) {
            Var const one = weighed(g);
            out.push_back(one.item());
            total = total + one;
        }
        if (!total.requires_grad()) return out;
        for (Var const& g : gradient(total, {read[0], read[2]})) out.push_back(weighed(g).item());
        for (Var const& g : gradient(total, params_)) out.push_back(weighed(g).item());
        return out;
    }

private:
    /// A number that depends on each element.
    static Var weighed(Var const& g) {
        xt::xarray<double> weights(g.value<double>());
        double next = 0;
        for (double& w : weights) w = std::cos(next += 1.3);
        return sum(g * g.tape().constant(weights));
    }

    std::vector<Var> all_read(Index every) {
        tape_.rewind();
        Random random(seed_);
        Var const xs = tape_.input(numbers({11, 16, 4}, 1)), c = tape_.input(numbers({16, 4}, 2)), d = tanh(1.5 * c);
        HandingOn const cell{seed_, W_, M_, c, d};
        std::vector<Var> read{xs[2], xs[7], c, d};
        loss_        = sum(square(some(random, read)));
        Var const h0 = random.below(2) ? d : tape_.input(numbers({16, 4}, 3));
        HandingOn::State const start{h0, random.below(2) ? h0 : c, tape_.zeros({16, 4})};
        auto const r = scan(cell, xs, start, options(random, every));
        for (Var const& y : r.outputs) read.push_back(y);
        for (Var const& part : states::parts(r.state)) read.push_back(part);
        for (int n = 0; n < 8; ++n) loss_ = loss_ + sum(some(random, read) * some(random, read));
        return read;
    }

    /// One in two has none but the direction.
    ScanOptions options(Random& random, Index every) {
        ScanOptions out{.reverse = random.below(2) == 1, .recompute_every = every};
        noise_ = Random(seed_ + 3);
        switch (random.below(8)) {
            case 0: out.detach_every = 3; break;
            case 1: {
                xt::xarray<float> kept = numbers({11, 16}, seed_);
                for (float& one : kept) one = one > -0.3f;
                out.mask = tape_.constant(kept);
                break;
            }
            case 2: out.noise = {.zoneout = 0.3, .random = &noise_}; break;
            case 3: out.noise = {.zoneout = 0.2, .zoneout_memory = 0.4, .random = &noise_}, out.detach_every = 4; break;
            default: break;
        }
        return out;
    }

    Var some(Random& random, std::vector<Var> const& of) const {
        return of[static_cast<std::size_t>(random.below(of.size()))];
    }
    Bits bits(std::vector<Var> const& read, std::vector<bool>& has_gradient, bool plain, Keep keep) {
        Bits out;
        out.add("loss", loss_);
        if (plain) has_gradient.clear();
        if (!loss_.requires_grad()) return out;
        Gradients const g = backward(loss_, keep);
        for (std::size_t k = 0; k < read.size(); ++k) {
            if (plain) has_gradient.push_back(read[k].requires_grad());
            out.add(fmt::format("value {}", k), read[k]);
            bool const leaf = keep == Keep::all || k < 3;
            if (leaf && has_gradient[k]) out.add(fmt::format("gradient {}", k), g[read[k]]);
        }
        for (Param const* p : params_.all()) out.add(p->path(), g[*p]);
        return out;
    }

    std::uint64_t seed_;
    Params params_{5};
    Param &W_{params_.uniform("W", {4, 4}, -1, 1)}, &M_{params_.uniform("M", {16, 4}, -1, 1)};
    Random noise_{0};
    Tape tape_;
    Var loss_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(recomputed_scans_of_cells_that_hand_on)

BOOST_AUTO_TEST_CASE(have_the_gradients_of_plain_ones) {
    int apart = 0;
    for (int n = 0; n < runs(300, 3000); ++n) {
        Trial run(static_cast<std::uint64_t>(n));
        std::vector<bool> has_gradient;
        for (Keep const keep : {Keep::leaves, Keep::all}) {
            Bits const plain = run(0, has_gradient, keep);
            for (Index every : {1, 2, 4, 7}) {
                std::string const difference = first_difference(plain, run(every, has_gradient, keep));
                if (!difference.empty() && ++apart < 10)
                    BOOST_TEST(difference == "", "cell " << n << ", every " << every
                                                         << (keep == Keep::all ? ", all kept" : "") << ": "
                                                         << difference);
            }
        }
    }
    BOOST_TEST(apart == 0);
}

BOOST_AUTO_TEST_CASE(have_the_recorded_gradients_of_plain_ones) {
    int apart = 0;
    for (int n = 0; n < runs(100, 3000); ++n) {
        Trial run(static_cast<std::uint64_t>(n), Dtype::float64);
        std::vector<bool> has_gradient;
        std::vector<double> const plain = run.recorded(0, has_gradient);
        for (Index every : {1, 4}) {
            std::vector<double> const again = run.recorded(every, has_gradient);
            double difference               = again.size() == plain.size() ? 0 : 1;
            for (std::size_t k = 0; k < plain.size() && difference < 1; ++k)
                difference = std::max(difference, std::abs(again[k] - plain[k]) / (1 + std::abs(plain[k])));
            if (!(difference < 1e-10) && ++apart < 10)
                BOOST_TEST(difference < 1e-10, "cell " << n << ", every " << every << ": " << difference);
        }
    }
    BOOST_TEST(apart == 0);
}

BOOST_AUTO_TEST_SUITE_END()
