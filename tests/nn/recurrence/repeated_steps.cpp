// Steps that are computed as those before them, without asking the cell, to the last bit.
#include <nn/recurrence/paused.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace paused_scans;

BOOST_AUTO_TEST_SUITE(repeated_steps)

namespace {

struct Three {
    Var h, a, b;
};

/// One that does the same at each step, and says so or does not; C is what it does.
template <bool says, class C> struct Same : C {
    using KeepsNoVars  = std::conditional_t<says, Same, void>;
    using SameEachStep = KeepsNoVars;
    using C::C;
};

/// Weights for cells that differ in what they make of them, and how often they were asked.
struct Weights {
    nn::Linear W, U;
    int mutable asked = 0;
    Weights(Params p, Index in, Index hidden) : W(p / "W", in, hidden), U(p / "U", hidden, hidden) {}
};
/// An output that is handed on as a part of the state.
struct HandedOn : Weights {
    using State = Three;
    using Weights::Weights;
    State operator()(Var x, State s) const {
        ++asked;
        Var h = tanh(W(x) + U(s.b) - 0.5 * s.a);
        return {h, s.h, Var(0.5 * s.a + s.b)};
    }
};
/// New parts of the state that are made while the old ones are still to be read, and a product of what it takes the place of.
struct MadeEarly : Weights {
    using State = Three;
    using Weights::Weights;
    State operator()(Var x, State s) const {
        ++asked;
        Var w = W(x), a = tanh(w + 0.5 * s.a), b = U(s.b);
        Var h = tanh(a - s.a + 0.3 * s.b + 0.2 * b);
        return {h, a, b};
    }
};
/// Two parts that are one result, made of both, and read again.
struct Twins : Weights {
    using State = Three;
    using Weights::Weights;
    State operator()(Var x, State s) const {
        ++asked;
        Var h    = tanh(W(x) + U(s.h));
        Var both = 0.5 * s.a - 0.3 * s.b + h;
        return {tanh(both + 0.5 * h), both, both};
    }
};
/// Hands on what lies in the place of its own element, for a later step to read.
struct LookingBack : Weights {
    using State = Three;
    using Weights::Weights;
    State operator()(Var x, State s) const {
        ++asked;
        Var w = W(x) + U(s.h);
        return {tanh(w - 0.5 * s.a + 0.2 * s.b), w, Var(0.3 * s.b - s.a)};
    }
};
/// One product twice, of which the second finds the place taken; a bias alone; a sum of rows of both shapes.
struct TwiceAsked : Weights {
    using State = Var;
    using Weights::Weights;
    Var operator()(Var x, Var h) const {
        ++asked;
        Var a = W(x), b = W(x) + U(h);
        return Var(sigmoid(a - b) * 0.3 + *U.bias * tanh(h));
    }
};
/// Two products with the whole sequence, of which one is taken in longer blocks than the other.
struct OfTwoWidths : Weights {
    using State = Var;
    nn::Linear V;
    OfTwoWidths(Params p, Index in, Index hidden) : Weights(p, in, hidden), V(p / "V", in, 16 * hidden) {}
    Var operator()(Var x, Var h) const {
        ++asked;
        Var const wide = V(x);
        return Var(tanh(W(x) + U(h)) - 0.2 * piece(wide, 3, 16) * piece(wide, 9, 16));
    }
};
/// A product of a part of the rows beside one of all: it is not taken from a block.
struct OfRows : Weights {
    using State = Var;
    using Weights::Weights;
    Var operator()(Var x, Var h) const {
        ++asked;
        Var first = W(slice(x, 0, 0, 1));
        return Var(tanh(W(x) + U(h)) + 0.1 * first);
    }
};
/// What no trace has: another kind of operation, and a scan in a scan.
struct Softened : Weights {
    using State = Var;
    using Weights::Weights;
    Var operator()(Var x, Var h) const {
        ++asked;
        return Var(softmax(W(x) + U(h)) - 0.1 * h);
    }
};
struct Nested {
    using State = Var;
    Same<true, TwiceAsked> inner;
    int mutable asked = 0;
    Nested(Params p, Index in, Index hidden) : inner(p, in, hidden) {}
    Var operator()(Var x, Var h) const {
        ++asked;
        return scan(inner, stack(std::vector<Var>(6, x)), h).state;
    }
};
/// A scan in a scan that computes for many steps at once, too, of a cell that says nothing: all of it is a part of the step.
struct PlainInside {
    using State = Var;
    Same<false, TwiceAsked> inner;
    bool takes_product = true;
    int mutable asked  = 0;
    PlainInside(Params p, Index in, Index hidden) : inner(p, in, hidden) {}
    Var operator()(Var x, Var h) const {
        ++asked;
        Var const start = takes_product ? Var(tanh(inner.W(x) + h)) : Var(0.5 * tanh(h));
        return scan(inner, within, start).state;
    }
    Var within;
};
/// Is stopped at a step, before or behind its product.
struct Stopped : Weights {
    using State = Var;
    int at      = -1;
    bool behind = false;
    using Weights::Weights;
    Var operator()(Var x, Var h) const {
        bool const now = asked++ == at;
        if (now && !behind) throw std::runtime_error("stopped");
        Var y = tanh(W(x) + U(h));
        if (now) throw std::runtime_error("stopped");
        return y;
    }
};
/// Leaves its state alone.
struct Still : Weights {
    using State = Var;
    using Weights::Weights;
    Var operator()(Var, Var h) const {
        ++asked;
        return h;
    }
};
/// A constant that is another at each step, and one that depends on it.
struct Drawing : Weights {
    using State = Var;
    using Weights::Weights;
    Random mutable random{1};
    Var operator()(Var x, Var h) const {
        ++asked;
        Var const noise = x.tape().filled(h.shape(), {}, [&](auto to) {
            for (auto& e : to) e = static_cast<std::remove_reference_t<decltype(e)>>(random.uniform(-1, 1));
        });
        return Var(tanh(W(x) + U(h)) + 0.1 * noise);
    }
};
/// Counts the steps in its state, in a number that is no Var.
struct Numbered : Weights {
    struct State {
        Var h;
        int count = 0;
    };
    using Weights::Weights;
    State operator()(Var x, State s) const {
        ++asked;
        return {Var(tanh(W(x) + U(s.h))), s.count + 1};
    }
};
/// Looks at a part of its state in one step of three, which takes a handle's memory and computes nothing.
struct Looking : Weights {
    using State = Var;
    int phase   = 0;
    using Weights::Weights;
    Var operator()(Var x, Var h) const {
        if (++asked % 3 == phase) static_cast<void>(h[0]);
        return tanh(W(x) + U(h));
    }
};
/// Computes on a tape of its own, too.
struct Elsewhere : Weights {
    using State = Var;
    using Weights::Weights;
    Var operator()(Var x, Var h) const {
        ++asked;
        Tape other(x.dtype());
        Pause const pause(other);
        Var const ones = other.zeros({16}) + 1;
        Var const twos = ones + ones;
        return Var(tanh(W(x) + U(h)) * twos[0].item());
    }
};

/// Compares what it reads with one element of the same sequence: whoever asks first for the product of one gets its place.
struct Comparing {
    using State        = Var;
    using KeepsNoVars  = Comparing;
    using SameEachStep = Comparing;
    Weights const& of;
    Var seen;
    Var operator()(Var x, Var h) const {
        Var a = of.W(seen) + of.U(h), b = of.W(x) + of.U(h);
        return tanh(a - b);
    }
};

/// How often a cell is asked for 1,000 steps of so many sequences.
template <class C> int times_asked(Index batch, bool paused) {
    Params params;
    Same<true, C> const cell(params, 5, 32);
    Tape tape;
    Var const xs = noise(tape, {1000, batch, 5}, 1);
    typename C::State state;
    auto parts = states::parts(state);
    for (Var& part : parts) part = tape.zeros({batch, 32});
    std::optional<Pause> pause;
    if (paused) pause.emplace(tape);
    scan(cell, xs, states::with_parts(state, parts.data()));
    return cell.asked;
}

template <class C> void agree_in_all_steps(char const* name, bool repeated, int most = 9) {
    static_assert(CellThatRepeats<Same<true, C>>);
    agree<Same<true, C>, Same<false, C>>(name, false);
    for (Index batch : {1, 8, 16}) {
        BOOST_TEST_CONTEXT(name << ", " << batch << " sequences") {
            int const asked = times_asked<C>(batch, true);
            if (repeated) BOOST_TEST(asked <= most, asked << " times asked");
            else BOOST_TEST(asked == 1000);
            BOOST_TEST(times_asked<C>(batch, false) == 1000);
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(are_those_of_each_cell_that_does_the_same) {
    agree_in_all_steps<HandedOn>("an output in the state", true);
    agree_in_all_steps<MadeEarly>("parts made early", true);
    agree_in_all_steps<Twins>("one part twice", true);
    agree_in_all_steps<LookingBack>("a product in the state", true);
    agree_in_all_steps<TwiceAsked>("a product asked for twice", true);
    agree_in_all_steps<OfTwoWidths>("products of two widths", true, 36);
    agree_in_all_steps<OfRows>("a product of some rows", true);
    agree_in_all_steps<Still>("a state that stays", true);
}

BOOST_AUTO_TEST_CASE(are_not_of_steps_that_have_no_trace) {
    agree_in_all_steps<Softened>("another operation", false);
    agree_in_all_steps<Nested>("a scan in a scan", false);
    agree_in_all_steps<Drawing>("a constant of each step", false);
    agree_in_all_steps<Elsewhere>("another tape", false);
    BOOST_TEST(times_asked<Numbered>(8, true) == 1000);
}

BOOST_AUTO_TEST_CASE(are_not_of_a_cell_that_looks_at_one_element) {
    auto const outputs = [](Index at, Index batch, bool paused) {
        Params params(2, float64);
        Weights const weights(params, 16, 16);
        Tape tape(float64);
        std::optional<Pause> pause;
        if (paused) pause.emplace(tape);
        Var const xs = noise(tape, {60, batch, 16}, 3);
        return xt::xarray<double>(
            stack(scan(Comparing{weights, xs[at]}, xs, noise(tape, {batch, 16}, 4)).outputs).value<double>());
    };
    for (Index at : {0, 5, 40, 59})
        for (Index batch : {1, 4, 16}) {
            double const apart = xt::amax(xt::abs(outputs(at, batch, true) - outputs(at, batch, false)))();
            BOOST_TEST(apart < 1e-13, "element " << at << " of " << batch << " sequences: " << apart);
        }
}

// In one step of three all arrays lie a little further: what moves for no good reason is not followed.
BOOST_AUTO_TEST_CASE(are_right_where_arrays_lie_elsewhere) {
    for (Index batch : {1, 2, 4, 5, 7, 8, 16})
        for (int phase : {0, 1, 2}) {
            auto const outputs = [&](auto cell) -> xt::xarray<float> {
                cell.phase = phase;
                Tape tape;
                Pause const pause(tape);
                Var const xs = noise(tape, {130, batch, 5}, 1);
                Var const ys = stack(scan(cell, xs, tape.zeros({batch, 16})).outputs);
                return ys.template value<float>();
            };
            Params a(2), b(2);
            BOOST_TEST(outputs(Same<true, Looking>(a, 5, 16)) == outputs(Same<false, Looking>(b, 5, 16)),
                       batch << ", " << phase);
        }
}

BOOST_AUTO_TEST_CASE(are_right_of_a_cell_with_a_scan_in_it) {
    auto const outputs = [](auto cell, Index batch, bool product) -> xt::xarray<float> {
        cell.takes_product = product;
        Tape tape;
        Pause const pause(tape);
        Var const xs = noise(tape, {300, batch, 5}, 1);
        cell.within  = noise(tape, {6, batch, 5}, 2);
        Var const ys = stack(scan(cell, xs, tape.zeros({batch, 16})).outputs);
        return ys.template value<float>();
    };
    for (Index batch : {1, 2, 8, 16})
        for (bool product : {false, true}) {
            Params a(2), b(2);
            Same<true, PlainInside> const once(a, 5, 16);
            Same<false, PlainInside> const each(b, 5, 16);
            BOOST_TEST(outputs(once, batch, product) == outputs(each, batch, product), batch << ", " << product);
        }
}

BOOST_AUTO_TEST_CASE(are_right_after_a_cell_that_was_stopped) {
    for (int at : {0, 1, 2, 3})
        for (bool behind : {false, true}) {
            Tape tape;
            Params params(2);
            Same<true, Stopped> cell(params, 5, 16);
            cell.at = at, cell.behind = behind;
            Pause const pause(tape);
            Var const xs = noise(tape, {300, 8, 5}, 1), h = tape.zeros({8, 16});
            BOOST_CHECK_THROW(scan(cell, xs, h), std::runtime_error);
            BOOST_TEST((trace_here == nullptr && trace_at_once == nullptr), at << ", " << behind);
            cell.at                    = -1;
            xt::xarray<float> const ys = stack(scan(cell, xs, h).outputs).value<float>();
            Params others(2);
            Same<false, Stopped> const plain(others, 5, 16);
            BOOST_TEST(ys == stack(scan(plain, xs, h).outputs).value<float>());
        }
}

// As many as there are blocks, one more and one fewer.
BOOST_AUTO_TEST_CASE(end_where_the_sequence_does) {
    auto const outputs = [](auto const& cell, Index steps, bool reverse) -> xt::xarray<float> {
        Tape tape;
        Pause const pause(tape);
        Var const xs = noise(tape, {steps, 8, 5}, 1);
        Var const ys = stack(scan(cell, xs, tape.zeros({8, 32}), {.reverse = reverse}).outputs);
        return ys.template value<float>();
    };
    for (Index blocks : {1, 2, 3, 4, 5})
        for (Index more : {-1, 0, 1})
            for (bool reverse : {false, true}) {
                Params a(2), b(2);
                Same<true, TwiceAsked> const once(a, 5, 32);
                Same<false, TwiceAsked> const each(b, 5, 32);
                Index const steps = blocks * 128 + more;
                BOOST_TEST(outputs(once, steps, reverse) == outputs(each, steps, reverse), steps << ", " << reverse);
                BOOST_TEST(once.asked <= 9, steps << " steps: " << once.asked);
            }
}

// Of which one is copied for each block, and one is not.
BOOST_AUTO_TEST_CASE(are_right_for_parts_of_other_sequences) {
    auto const outputs = [](auto const& cell, Index batch, bool across, bool reverse) -> xt::xarray<float> {
        Tape tape;
        Pause const pause(tape);
        Var const xs = across ? transpose(noise(tape, {500, 5, batch}, 1), {0, 2, 1})
                              : slice(noise(tape, {500, batch, 9}, 1), 2, 3, 8);
        Var const ys = stack(scan(cell, xs, tape.zeros({batch, 16}), {.reverse = reverse}).outputs);
        return ys.template value<float>();
    };
    for (Index batch : {1, 2, 5, 8})
        for (bool across : {false, true})
            for (bool reverse : {false, true}) {
                Params a(2), b(2);
                Same<true, TwiceAsked> const once(a, 5, 16);
                Same<false, TwiceAsked> const each(b, 5, 16);
                BOOST_TEST(outputs(once, batch, across, reverse) == outputs(each, batch, across, reverse),
                           batch << " sequences");
                BOOST_TEST((once.asked <= (across ? 24 : 10) && each.asked == 500),
                           across << ": " << once.asked << " times asked");
            }
}

BOOST_AUTO_TEST_SUITE_END()
