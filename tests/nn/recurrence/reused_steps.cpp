// On a paused tape, the memory of a step of a cell that keeps nothing serves the next, and no number tells.
#include <nn/recurrence/paused.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;
using namespace paused_scans;

BOOST_AUTO_TEST_SUITE(reused_steps)

namespace {

/// What a cell says, or does not say: the type that it names is its own in one of two.
template <bool forgets, template <bool> class C> using Says = std::conditional_t<forgets, C<forgets>, void>;

/// A shipped cell that does not say that it forgets: what a class says is not what those derived from it say.
template <class C> struct Twin : C { using C::C; };

/// Weights in parts, and what options add.
struct ResetBefore : nn::GRUCell {
    using KeepsNoVars  = ResetBefore;
    using SameEachStep = ResetBefore;
    ResetBefore(Params p, Index in, Index hidden) : GRUCell(p, in, hidden, {.reset = nn::Reset::before}) {}
};
struct Varied : nn::LSTMCell {
    using KeepsNoVars  = Varied;
    using SameEachStep = Varied;
    Varied(Params p, Index in, Index hidden)
        : LSTMCell(p, in, hidden, {.peepholes = true, .coupled = true, .layer_norm = true}) {}
};

struct Three {
    Var h, a, b;
};

/// Two parts change places in each step, and a third is carried on for some time.
template <bool forgets> struct Swapping {
    using KeepsNoVars = Says<forgets, Swapping>;
    using State       = Three;
    nn::Linear W;
    Swapping(Params p, Index in, Index hidden) : W(p / "W", in, hidden) {}
    State operator()(Var x, State s, Index t) const {
        Var h = t % 5 == 3 ? s.h : Var(0.5 * s.a - s.b + W(x));
        return {h, s.b, s.a};
    }
};

/// The state is the product itself, which is computed in the place of another; a bias is first seen in the seventh step.
template <bool forgets> struct Projected {
    using KeepsNoVars = Says<forgets, Projected>;
    using State       = Var;
    nn::Linear W, U;
    Param& late;
    Projected(Params p, Index in, Index hidden)
        : W(p / "W", in, hidden), U(p / "U", hidden, hidden), late(p.uniform("late", {hidden}, -1, 1)) {}
    State operator()(Var x, State h, Index t) const {
        Var z = W(x) + U(h);
        return t < 7 ? z : Var(z + late);
    }
};

/// A state that cannot be copied as it lies ends it; later outputs stay where products are.
template <bool forgets> struct Ending : Projected<forgets> {
    using KeepsNoVars = Says<forgets, Ending>;
    using State       = Var;
    using Projected<forgets>::Projected;
    State operator()(Var x, State h, Index t) const {
        Var z = this->W(x) + this->U(h);
        return t == 12 ? transpose(contiguous(transpose(z))) : z;
    }
};

/// Parts of the state are views of others, in any order of axes.
template <bool forgets> struct Turning {
    using KeepsNoVars = Says<forgets, Turning>;
    struct State {
        Var h, turned;
    };
    nn::Linear W;
    Turning(Params p, Index in, Index hidden) : W(p / "W", in, hidden) {}
    State operator()(Var x, State s, Index t) const {
        Var h = tanh(W(x) + 0.3 * s.h);
        if (t > 9) return {h, transpose(transpose(h))};
        return {h, t % 3 == 0 ? flip(flip(s.h, 0), 0) : t % 3 == 1 ? s.turned : Var(h - s.turned)};
    }
};

/// Keeps what no state shows.
struct Remembering {
    using State = Var;
    std::vector<Var>& kept;
    Var operator()(Var x, Var h) const {
        Var z = x + h, y = tanh(z);
        kept.push_back(z);
        return y;
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(give_the_same_numbers) {
    agree<nn::LSTMCell, Twin<nn::LSTMCell>>("LSTM", false);  // its parts may not be of other batches
    agree<nn::GRUCell, Twin<nn::GRUCell>>("GRU", false);
    agree<nn::RNNCell, Twin<nn::RNNCell>>("RNN", false);
    agree<ResetBefore, Twin<ResetBefore>>("GRU, reset before", false);
    agree<Varied, Twin<Varied>>("LSTM, varied", false);
    agree<Swapping<true>, Swapping<false>>("parts that change places", false);
    agree<Projected<true>, Projected<false>>("a product as the state");
    agree<Ending<true>, Ending<false>>("an end of it");
    agree<Turning<true>, Turning<false>>("views as parts", false);
}

BOOST_AUTO_TEST_CASE(take_the_memory_of_outputs) {
    ScanSizes const s{2000, 8, 32, 32, false, false, float32};
    for (auto const& [kept, taken] : {std::pair(paused<Twin<nn::LSTMCell>>(s).second, paused<nn::LSTMCell>(s).second),
                                      std::pair(paused<Twin<nn::GRUCell>>(s).second, paused<nn::GRUCell>(s).second),
                                      std::pair(paused<Twin<nn::RNNCell>>(s).second, paused<nn::RNNCell>(s).second)}) {
        BOOST_TEST(taken <
                   2000 * (8 * 32 * 4 + 300) + 400'000);  // an output and a handle each; copies of weights, and blocks
        BOOST_TEST(3 * taken < 2 * kept);
    }
}

BOOST_AUTO_TEST_CASE(are_not_of_a_cell_that_keeps_what_it_computed) {
    Tape tape;
    Pause const pause(tape);
    Var const xs = noise(tape, {50, 4, 16}, 1);
    std::vector<Var> kept;
    Remembering const cell{kept};
    auto const ys = scan(cell, xs, tape.zeros({4, 16})).outputs;
    for (Index t = 0; t < 50; ++t)
        BOOST_TEST(Var(tanh(kept[static_cast<std::size_t>(t)])).value<float>() == ys[t].value<float>());
}

BOOST_AUTO_TEST_CASE(are_not_of_a_cell_with_a_function_of_the_users) {
    nn::RNNCellOptions const options{.activation = [](Var x) { return Var(tanh(x)); }};
    Params params;
    BOOST_TEST(nn::RNNCell(params / "a", 2, 3).forgets());
    BOOST_TEST(!nn::RNNCell(params / "b", 2, 3, options).forgets());
}

BOOST_AUTO_TEST_SUITE_END()
