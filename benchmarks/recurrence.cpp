// A linear recurrence as one operation, beside a loop by hand and beside a statement a step.
#include "recurrence.hpp"

#include <memory>
#include <optional>
#include <unspool.hpp>

namespace bench {

namespace {

using namespace unspool;
using Floats = std::vector<float>;

struct Sizes {
    Index steps, units;
    Index all() const { return steps * units; }
    Shape shape() const { return {steps, units}; }
};
float a_at(Index i) { return 0.4f + 0.01f * static_cast<float>(i % 50); }
float b_at(Index i) { return 0.02f * static_cast<float>(i % 31) - 0.3f; }
xt::xarray<float> filled(Sizes s, float (*at)(Index)) {
    auto out = xt::xarray<float>::from_shape({static_cast<std::size_t>(s.steps), static_cast<std::size_t>(s.units)});
    for (Index i = 0; i < s.all(); ++i) out.flat(static_cast<std::size_t>(i)) = at(i);
    return out;
}

/// In the library: h, or the gradients by a and b where h receives numbers that are given.
template <class F> struct InLibrary {
    F recur;
    Tape tape;
    Var a, b, h;
    xt::xarray<float> seed;
    Tape::Mark begin;
    std::optional<Gradients> gradients;

    InLibrary(Sizes n, F f)
        : recur(f)
        , a(tape.input(filled(n, a_at)))
        , b(tape.input(filled(n, b_at)))
        , seed(filled(n, b_at))
        , begin(tape.mark()) {
        forward();
    }
    void forward() {
        tape.rewind(begin);
        h = recur(a, b);
    }
    void backward() {
        gradients.reset();  // whose memory is then taken again
        gradients.emplace(unspool::backward(h, seed));
    }
    Floats of_both() const {
        Floats out;
        for (Var const& x : {a, b}) {
            auto const g = (*gradients)[x].template value<float>();
            out.insert(out.end(), g.begin(), g.end());
        }
        return out;
    }
};
template <bool backward, class F> Ready in_library(Sizes s, F recur) {
    auto const state = std::make_shared<InLibrary<F>>(s, recur);
    if constexpr (backward) return {[=] { state->backward(); }, [=] { return state->of_both(); }};
    else
        return {[=] { state->forward(); },
                [=] {
                    auto const h = state->h.template value<float>();
                    return Floats(h.begin(), h.end());
                }};
}

/// By hand.
struct Loop {
    Sizes n;
    Floats a, b, h, seed, g, da, db, reaching, zeros;

    explicit Loop(Sizes s) : n(s), reaching(static_cast<std::size_t>(s.units)), zeros(reaching) {
        for (Floats* x : {&a, &b, &h, &seed, &g, &da, &db}) x->resize(static_cast<std::size_t>(s.all()));
        for (Index i = 0; i < s.all(); ++i)
            a[static_cast<std::size_t>(i)] = a_at(i), b[static_cast<std::size_t>(i)] = b_at(i);
        seed = b;
        forward();
    }
    void forward() {
        for (Index t = 0; t < n.steps; ++t)
            step(n.units, h.data() + t * n.units, a.data() + t * n.units, b.data() + t * n.units, t > 0);
    }
    static void step(Index n, float* __restrict h, float const* __restrict a, float const* __restrict b, bool later) {
        if (later)
            for (Index j = 0; j < n; ++j) h[j] = a[j] * (h - n)[j] + b[j];
        else std::copy_n(b, n, h);
    }
    void backward() {
        std::copy(seed.begin(), seed.end(), g.begin());
        std::fill(reaching.begin(), reaching.end(), 0.f);
        for (Index t = n.steps; t-- > 0;) {
            Index const at = t * n.units;
            back(n.units, reaching.data(), t + 1 < n.steps ? a.data() + at + n.units : a.data(), g.data() + at,
                 t > 0 ? h.data() + at - n.units : zeros.data(), da.data() + at, db.data() + at);
        }
    }
    static void back(Index n, float* __restrict s, float const* __restrict next, float const* __restrict g,
                     float const* __restrict before, float* __restrict da, float* __restrict db) {
        for (Index j = 0; j < n; ++j) {
            s[j]  = g[j] + next[j] * s[j];
            db[j] = s[j], da[j] = s[j] * before[j];
        }
    }
};
template <bool backward> Ready by_hand(Sizes s) {
    auto const loop = std::make_shared<Loop>(s);
    if constexpr (!backward) return {[=] { loop->forward(); }, [=] { return loop->h; }};
    return {[=] { loop->backward(); },
            [=] {
                Floats out = loop->da;
                out.insert(out.end(), loop->db.begin(), loop->db.end());
                return out;
            }};
}

Var by_steps(Var a, Var b) {
    std::vector<Var> all;
    Var h = b[0];
    all.push_back(h);
    for (Index t = 1; t < a.size(0); ++t) all.push_back(h = a[t] * h + b[t]);
    return stack(all);
}

template <bool backward> Contest contest(Sizes s) {
    std::vector<Contender> const peers{{"a loop by hand", [=] { return by_hand<backward>(s); }},
                                       {"a statement a step", [=] { return in_library<backward>(s, by_steps); }}};
    auto const ours = [=] { return in_library<backward>(s, [](Var a, Var b) { return linear_recurrence(a, b); }); };
    return {backward ? "linear recurrence, backward" : "linear recurrence, forward",
            "T" + std::to_string(s.steps) + " H" + std::to_string(s.units), 1, unspool_and(peers, ours),
            nanoseconds_per("element", static_cast<double>(s.all()))};
}

}  // namespace

std::vector<Contest> linear_recurrence_contests() {
    std::vector<Contest> out;
    for (Sizes const s : {Sizes{1000, 64}, {1000, 256}, {1000, 2048}})
        out.insert(out.end(), {contest<false>(s), contest<true>(s)});
    return out;
}

}  // namespace bench
