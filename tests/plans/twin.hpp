// A cell as C and as a stream, beside the tape.
#pragma once
#include <plans/library.hpp>
#include <plans/paused.hpp>

namespace plans {

/// How far a step in C, and one of a stream, is from the tape's: of what comes out and of the next state.  Relative, to numbers above 1.
struct Worst {
    double in_c = 0, stream = 0;
};

template <class T> class Twin {
public:
    Twin(Library const& library, Trial const& trial)
        : trial_(trial)
        , tape_(trial.cell.plannable(trial.batch))
        , stream_(core::plan_of(trial.cell.plannable(trial.batch), {trial.batch, trial.cell.inputs, trial.dtype}, {}))
        , nudged_(stream_)
        , names_(stream_.state_names())
        , step_(library.function<void()>(trial.name() + "_step")) {
        for (std::size_t k = 0; k < names_.size(); ++k) state_.resize(state_.size() + tape_.state(k).size());
        y_.resize(static_cast<std::size_t>(count(stream_.plan().results[0].window.shape)));
        library.function<void(T*)>(trial.name() + "_reset")(state_.data());
        start_ = state_;
    }

    /// Each step from the tape's state, since a cell that is chaotic, or jumps, goes its own way from a last digit on; less eight times what
    /// other last digits of that state lead to, since some cells divide by what may be near 0.  A state that grows without bound starts again.
    Worst of_steps(int steps) {
        Random random(11);
        Worst out;
        if (from_tape(random); state_ != start_) out.in_c = 1e9;  // what its reset() gives
        for (int t = 0; t < steps; ++t) {
            auto const x = drawn<T>(trial_.cell.inputs, trial_.batch, random);
            if (from_tape(random) > 1000) tape_.reset(), from_tape(random);
            step(x);
            auto const expected = tape_.step(x);
            std::vector<std::span<T const>> spans;
            for (auto const& each : x) spans.emplace_back(each.data(), each.size());
            double const reach =
                std::max(difference(nudged_.step(spans), expected),
                         of_states([&](std::size_t k, std::size_t) { return nudged_.state(names_[k]); }));
            double const streamed =
                std::max(difference(stream_.step(spans), expected),
                         of_states([&](std::size_t k, std::size_t) { return stream_.state(names_[k]); }));
            double const d = std::max(
                difference(std::span<T const>(y_), expected),
                of_states([&](std::size_t, std::size_t at) { return std::span<T const>(state_).subspan(at); }));
            out.in_c   = std::max(out.in_c, d - 8 * reach);
            out.stream = std::max(out.stream, streamed - 8 * reach);
            if (t % 64 == 63) tape_.rewind();
        }
        return out;
    }
    /// The same of C alone, each step from its own state.
    double by_itself(int steps) {
        Random random(11);
        double out = 0;
        tape_.reset(), state_ = start_;
        for (int t = 0; t < steps; ++t) {
            auto const x = drawn<T>(trial_.cell.inputs, trial_.batch, random);
            step(x);
            out = std::max(out, difference(std::span<T const>(y_), tape_.step(x)));
            if (t % 64 == 63) tape_.rewind();
        }
        return out;
    }

private:
    static double difference(T a, T b) {
        if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
        double const d = std::abs(static_cast<double>(a - b)) / std::max(1., std::abs(static_cast<double>(b)));
        return std::isnan(d) ? 1e9 : d;
    }
    static double difference(std::span<T const> a, std::vector<T> const& b) {
        double out = 0;
        for (std::size_t i = 0; i < b.size(); ++i) out = std::max(out, difference(a[i], b[i]));
        return out;
    }
    /// f(part, where it begins) gives the numbers of a part.
    template <class F> double of_states(F f) const {
        double out     = 0;
        std::size_t at = 0;
        for (std::size_t k = 0; k < names_.size(); ++k) {
            auto const expected = tape_.state(k);
            out                 = std::max(out, difference(f(k, at), expected));
            at += expected.size();
        }
        return out;
    }
    /// Gives the tape's state to all, and with other last digits to one; returns its largest magnitude.
    double from_tape(Random& random) {
        double largest = 0;
        std::size_t at = 0;
        for (std::size_t k = 0; k < names_.size(); ++k) {
            auto numbers = tape_.state(k);
            std::copy(numbers.begin(), numbers.end(), state_.begin() + static_cast<std::ptrdiff_t>(at));
            at += numbers.size();
            stream_.set_state(names_[k], numbers);
            for (T& v : numbers) {
                largest = std::isnan(v) ? 1e9 : std::max(largest, std::abs(static_cast<double>(v)));
                v *= 1 + (random.uniform() < 0.5 ? -1 : 1) * std::numeric_limits<T>::epsilon();
            }
            nudged_.set_state(names_[k], numbers);
        }
        return largest;
    }
    void step(std::vector<xt::xarray<T>> const& x) {
        if (x.size() == 1) reinterpret_cast<void (*)(T*, T const*, T*)>(step_)(state_.data(), x[0].data(), y_.data());
        else
            reinterpret_cast<void (*)(T*, T const*, T const*, T*)>(step_)(state_.data(), x[0].data(), x[1].data(),
                                                                          y_.data());
    }

    Trial const& trial_;
    Paused<T> tape_;
    nn::Stream<T> stream_, nudged_;
    std::vector<std::string> names_;
    void (*step_)();
    std::vector<T> state_, start_, y_;
};

}  // namespace plans
