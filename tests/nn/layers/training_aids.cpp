// Noise on states, truncated backpropagation, what is carried, embeddings with padding, sequential layers, attention.
#include <cmath>
#include <nn/cells.hpp>
#include <unspool/nn/files/entry.hpp>
#include <xtensor/xadapt.hpp>
#include <xtensor/xindex_view.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

xt::xarray<double> values(Var x) { return x.value<double>(); }

struct Fixture {
    Params params{5, float64};
    Tape tape{float64};
    xt::xarray<double> xs = numbers({5, 3, 4}, 1);
};

/// Gradients by all parameters, one after another.
std::vector<double> flattened(Params const& p, Gradients const& g) {
    std::vector<double> out;
    for (Param* q : p.all()) {
        xt::xarray<double> const d = g[*q];
        out.insert(out.end(), d.begin(), d.end());
    }
    return out;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(training_aids, Fixture)

// ---- noise ----------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(one_mask_serves_all_steps) {
    Random random(3);
    auto const y = values(variational_dropout(tape.input(xt::ones<double>({6, 4, 50})), 0.25, random));
    for (std::size_t t = 1; t < 6; ++t) BOOST_TEST(golden::near(xt::view(y, t), xt::view(y, 0), 0));
    double const kept = xt::sum(xt::cast<double>(xt::view(y, 0) > 0))() / 200;
    BOOST_TEST((kept > 0.65 && kept < 0.85));
    BOOST_TEST(golden::near(xt::filter(y, y > 0),
                            xt::ones<double>({static_cast<std::size_t>(kept * 200 + 0.5) * 6}) / 0.75, 1e-14));
    BOOST_CHECK_THROW(variational_dropout(tape.input(xs), 1.5, random), ValueError);
    BOOST_CHECK_THROW(variational_dropout(tape.input(1.0), 0.5, random), ShapeError);
}

BOOST_AUTO_TEST_CASE(dropout_of_the_state_is_the_same_in_each_step) {
    nn::LSTMCell const cell(params, 4, 40);
    Random random(4);
    nn::LSTMCell::State const s0 = {tape.input(numbers({3, 40}, 2)), tape.input(numbers({3, 40}, 3))};
    auto const r                 = scan(cell, tape.input(xs), s0, {.noise = {.dropout = 0.5, .random = &random}});
    // The mask, found from the first step, explains all others.
    Random again(4);
    Var const mask        = dropout(tape.constant(xt::ones<double>({3, 40})), 0.5, again);
    nn::LSTMCell::State s = s0;
    for (Index t = 0; t < 5; ++t) {
        s = cell(tape.input(xt::xarray<double>(xt::view(xs, t))), {s.h * mask, s.c});
        BOOST_TEST(golden::near(values(r.outputs[static_cast<std::size_t>(t)]), values(s.h), 1e-13));
    }
    BOOST_TEST(golden::near(values(r.state.c), values(s.c), 1e-13));
    auto const still = scan(cell, tape.input(xs), s0, {.noise = {.dropout = 0.5}});  // evaluation
    BOOST_TEST(golden::near(values(still.state.h), values(scan(cell, tape.input(xs), s0).state.h), 1e-13));
}

BOOST_AUTO_TEST_CASE(zoneout_keeps_units_as_they_were) {
    struct Counter {  // adds 1 to each unit
        using State = nn::LSTMCell::State;
        State operator()(Var x, State s) const { return {s.h + x, s.c + x}; }
    };
    Var const ones = tape.constant(xt::ones<double>({40, 1, 300})), zero = tape.zeros({1, 300});
    Random random(4);
    auto mean_of = [&](Var x) { return xt::mean(values(x))() / 40; };
    auto run     = [&](StateNoise const& n) {
        return scan(Counter{}, ones, nn::LSTMCell::State{zero, zero}, {.noise = n}).state;
    };
    auto const each = run({.zoneout = 0.1, .zoneout_memory = 0.5, .random = &random});
    BOOST_TEST((std::abs(mean_of(each.h) - 0.9) < 0.02 && std::abs(mean_of(each.c) - 0.5) < 0.02));
    auto const one = run({.zoneout = 0.1, .zoneout_memory = 0.5, .one_mask = true, .random = &random});
    BOOST_TEST((std::abs(mean_of(one.h) - 0.9) < 0.08 && std::abs(mean_of(one.c) - 0.5) < 0.1));
    auto const c = values(one.c);
    BOOST_TEST(xt::all(xt::equal(c, 0.0) || xt::equal(c, 40.0)));  // a unit is kept in all steps or in none
    auto const mean = run({.zoneout = 0.1, .zoneout_memory = 0.5});
    BOOST_TEST(golden::near(values(mean.h), 0.9 * 40 * xt::ones<double>({1, 300}), 1e-12));
    BOOST_TEST(golden::near(values(mean.c), 0.5 * 40 * xt::ones<double>({1, 300}), 1e-12));
    BOOST_CHECK_THROW(run({.zoneout = -0.1}), ValueError);
}

// ---- truncation -----------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(windows_cover_all_losses_once) {
    for (Index k1 : {1, 2, 3, 7})
        for (Index k2 : {1, 2, 3, 5, 7, 20})
            for (Index steps : {0, 1, 6, 7, 8, 13}) {
                if (k2 < k1) continue;
                Index at = 0, next = 0;
                for (auto const& w : truncated_windows(steps, {k1, k2})) {
                    BOOST_TEST(
                        (w.from == at && w.begin == next && w.begin <= w.from && w.end > w.from && w.end <= steps));
                    BOOST_TEST((w.end - w.begin <= k2 && (w.end - w.begin == k2 || w.begin == 0)));
                    at = w.end, next = w.next;
                }
                BOOST_TEST((at == steps && (next == steps || steps == 0)));
            }
    BOOST_CHECK_THROW(truncated_windows(5, {0, 1}), ValueError);
    BOOST_TEST(has(message<ValueError>([] {
                       truncated_windows(5, {3, 2});
                   }),
                   "wants 1 ≤ k1 ≤ k2, not k1 = 3 and k2 = 2"));
}

BOOST_AUTO_TEST_CASE(truncation_sees_as_many_steps_as_it_says) {
    nn::GRUCell const cell(params, 4, 6);
    xt::xarray<double> all = numbers({7, 3, 4}, 1), weights = numbers({7, 3, 6}, 9);
    auto row = [&](Tape& t, Index k) { return t.constant(xt::xarray<double>(xt::view(all, k))); };
    for (Truncation const k : {Truncation{7, 7}, {2, 2}, {2, 5}, {1, 3}, {3, 100}}) {
        std::vector<std::vector<double>> ours, expected;
        Stateful<Var> state;
        truncated_bptt(
            tape, cell, 7, k, state,
            [&](Index a, Index b) { return tape.constant(xt::xarray<double>(xt::view(all, xt::range(a, b)))); },
            [&](std::span<Var const> hs, Index from) {
                Var sum_of = tape.constant(0);
                for (std::size_t i = 0; i < hs.size(); ++i)
                    sum_of =
                        sum_of + sum(hs[i] * xt::xarray<double>(xt::view(weights, static_cast<std::size_t>(from) + i)));
                return sum_of;
            },
            [&](Gradients const& g, double) { ours.push_back(flattened(params, g)); });
        for (Index from = 0; from < 7;
             from += k.k1) {  // by hand: all steps, with a state that is cut k2 steps before the end
            Tape t(float64);
            Index const end = std::min<Index>(from + k.k1, 7), begin = std::max<Index>(0, end - k.k2);
            Var h = t.zeros({3, 6}), loss = t.constant(0);
            for (Index i = 0; i < end; ++i) {
                if (i == begin) h = h.detach();
                h = cell(row(t, i), h);
                if (i >= from) loss = loss + sum(h * xt::xarray<double>(xt::view(weights, i)));
            }
            expected.push_back(flattened(params, backward(loss)));
            if (end == 7) BOOST_TEST(golden::near(values(state.on(t, h)), values(h), 1e-13));
        }
        BOOST_REQUIRE(ours.size() == expected.size());
        for (std::size_t i = 0; i < ours.size(); ++i)
            BOOST_TEST(golden::near(xt::adapt(ours[i], {ours[i].size()}), xt::adapt(expected[i], {expected[i].size()}),
                                    1e-12));
    }
}

BOOST_AUTO_TEST_CASE(what_is_carried_survives_its_tape) {
    Stateful<nn::LSTMCell::State> carried;
    BOOST_TEST(carried.empty());
    nn::LSTMCell::State const zeros = {tape.zeros({2, 3}), tape.zeros({2, 3})};
    BOOST_TEST(golden::near(values(carried.on(tape, zeros).h), values(zeros.h), 0));
    auto const h = numbers({2, 3}, 1), c = numbers({2, 3}, 2);
    carried.save({tape.input(h), tape.input(c)});
    tape.rewind();
    Tape single;
    {
        auto const s = carried.on(single, {});
        BOOST_TEST(golden::near(s.h.value<float>(), xt::cast<float>(h), 0));
        BOOST_TEST(golden::near(s.c.value<float>(), xt::cast<float>(c), 0));
        BOOST_TEST(!s.h.requires_grad());
    }
    Fields f;
    f.add("state", carried);
    BOOST_TEST(f.all().size() == 5u);
    carried.clear();
    BOOST_TEST(carried.empty());
}

// ---- layers ---------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(padding_learns_nothing) {
    nn::Embedding const embed(params, 5, 3, {.padding = 2});
    std::vector<int> const ids{1, 2, 4, 2, 1};
    auto w = params["weight"].value<double>();
    BOOST_TEST(xt::amax(xt::abs(xt::view(w, 2)))() == 0);
    params["weight"].mutable_value<double>()(2, 1) = 7;  // even then
    Var const y                                    = embed(tape, ids);
    xt::xarray<double> const g                     = backward(sum(y * numbers({5, 3}, 3)))[params["weight"]];
    BOOST_TEST(y.value<double>()(1, 1) == 7);
    BOOST_TEST(xt::amax(xt::abs(xt::view(g, 2)))() == 0);
    auto const n = numbers({5, 3}, 3);
    BOOST_TEST(golden::near(xt::view(g, 1), xt::view(n, 0) + xt::view(n, 4), 1e-15));
    BOOST_TEST(golden::near(xt::view(g, 4), xt::view(n, 2), 0));
    BOOST_TEST(has(message<IndexError>([&] { nn::Embedding(params / "b", 5, 3, {.padding = 5}); }),
                   "the padding is row 5 of 5"));
}

BOOST_AUTO_TEST_CASE(an_output_can_be_tied_to_an_embedding) {
    nn::Embedding const embed(params, 5, 3);
    nn::Linear const out(embed.weight);
    Var const logits = out(embed(tape, std::vector<int>{4}));
    auto const w     = params["weight"].value<double>();
    for (std::size_t k = 0; k < 5; ++k)
        BOOST_TEST(std::abs(logits.value<double>()(0, k) - xt::sum(xt::view(w, k) * xt::view(w, 4))()) < 1e-13);
    BOOST_TEST(params.all().size() == 1u);
    auto const f = [&](Tape& t, std::span<Var const>) -> Var { return out(embed(t, std::vector<int>{4, 1})); };
    BOOST_TEST(gradcheck(f, {}, params));
}

BOOST_AUTO_TEST_CASE(layer_norm_scales_and_shifts) {
    nn::LayerNorm const norm(params, 4);
    params["weight"].assign(xt::xarray<double>{1, 2, 3, -1});
    params["bias"].assign(xt::xarray<double>{0, 1, 0, 5});
    auto const y = values(norm(tape.input(xs)));
    auto const x = xt::view(xs, 3, 1);
    double m = xt::mean(x)(), s = std::sqrt(xt::variance(x)() + 1e-5);
    BOOST_TEST(golden::near(
        xt::view(y, 3, 1),
        xt::xarray<double>((x - m) / s * xt::xarray<double>{1, 2, 3, -1} + xt::xarray<double>{0, 1, 0, 5}), 1e-13));
    BOOST_TEST(has(message<ShapeError>([&] { norm(tape.input(numbers({2, 3}, 1))); }), "expected  [...,4]"));
    BOOST_CHECK_THROW(nn::LayerNorm(params / "none", 0), ValueError);
}

BOOST_AUTO_TEST_CASE(layers_follow_each_other) {
    nn::Linear const first(params / "0", 4, 5);
    nn::LSTM const second(params / "1", 5, 6, {.layers = 2, .dropout = 0.3});
    nn::LayerNorm const third(params / "2", 6);
    nn::Sequential const net{first, [](Var x) -> Var { return relu(x); }, nn::Dropout{0.4}, second, third};
    Var const x = tape.input(xs);
    Var const a = first(x);
    Var const y = third(second(relu(a)).outputs);
    BOOST_TEST(golden::near(values(net(x)), values(y), 1e-13));
    Random random(1), again(1);
    Var const z = third(second(dropout(relu(a), 0.4, again), {.random = &again}).outputs);
    BOOST_TEST(golden::near(values(net(x, &random)), values(z), 1e-13));
    BOOST_TEST(!golden::near(values(z), values(y), 1e-3));
}

// ---- attention ------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(attention_is_its_equations) {
    nn::AdditiveAttention const additive(params / "additive", 4, 4, 7);
    nn::BilinearAttention const bilinear(params / "bilinear", 4, 4);
    std::vector<Index> const lengths{3, 5, 1};
    Var const q = tape.input(numbers({3, 4}, 2)), k = tape.input(xs);
    auto const W = params["additive.W.weight"].value<double>(), U = params["additive.U.weight"].value<double>(),
               v = params["additive.v.weight"].value<double>(), B = params["bilinear.W.weight"].value<double>();
    auto energy = [&](int kind, std::size_t b, std::size_t t) {
        double e = 0;
        for (std::size_t d = 0; d < 16 && kind == 3; ++d)
            e += numbers({3, 4}, 2)(b, d / 4) * B(d / 4, d % 4) * xs(t, b, d % 4);
        for (std::size_t d = 0; d < 4 && (kind == 1 || kind == 2); ++d)
            e += numbers({3, 4}, 2)(b, d) * xs(t, b, d) / (kind == 2 ? 2 : 1);
        for (std::size_t n = 0; n < 7 && kind == 0; ++n) {
            double z = 0;
            for (std::size_t d = 0; d < 4; ++d) z += W(n, d) * numbers({3, 4}, 2)(b, d) + U(n, d) * xs(t, b, d);
            e += v(0, n) * std::tanh(z);
        }
        return e;
    };
    auto check = [&](int kind, auto const& attention) {
        auto const a = attention(q, attention.remember(k, lengths));
        for (std::size_t b = 0; b < 3; ++b) {
            auto const n = static_cast<std::size_t>(lengths[b]);
            std::vector<double> w(5, 0);
            double total = 0;
            for (std::size_t t = 0; t < n; ++t) total += w[t] = std::exp(energy(kind, b, t));
            for (std::size_t d = 0; d < 4; ++d) {
                double context = 0;
                for (std::size_t t = 0; t < n; ++t) context += w[t] / total * xs(t, b, d);
                BOOST_TEST(std::abs(a.context.template value<double>()(b, d) - context) < 1e-13);
            }
            for (std::size_t t = 0; t < 5; ++t)
                BOOST_TEST(std::abs(a.weights.template value<double>()(b, t) - w[t] / total) < 1e-13);
        }
    };
    check(0, additive);
    check(1, nn::DotAttention());
    check(2, nn::DotAttention(true));
    check(3, bilinear);
}

/// Of sequences of which one has no step: the weights, the context and the gradient behind, where all rows are of use and one is not.
template <class T, class Attention> void look_up_an_empty_sequence(Params const& params, Attention const& attention) {
    xt::xarray<T> const query = numbers({3, 4}, 2), memory = numbers({5, 3, 4}, 1);
    std::vector<Index> const lengths{3, 0, 5};
    Tape t(dtype_of<T>);
    Var const q = t.input(query), k = t.input(memory);
    auto const a = attention(q, attention.remember(k, lengths));
    BOOST_TEST(golden::near(xt::view(a.weights.template value<T>(), 1), xt::zeros<T>({5}), 0));
    BOOST_TEST(golden::near(xt::view(a.context.template value<T>(), 1), xt::zeros<T>({4}), 0));
    Gradients const g      = backward(sum(square(a.context)) + sum(a.weights * numbers({3, 5}, 8)));
    xt::xarray<T> const dq = g[q], dk = g[k];
    BOOST_TEST(golden::near(xt::view(dq, 1), xt::zeros<T>({4}), 0));
    BOOST_TEST(golden::near(xt::view(dk, xt::all(), 1), xt::zeros<T>({5, 4}), 0));
    BOOST_TEST((xt::amax(xt::abs(xt::view(dq, 0)))() > 0 && xt::all(xt::isfinite(dk))));
    for (Param* p : params.all()) BOOST_TEST((g.reached(*p) && xt::all(xt::isfinite(xt::xarray<T>(g[*p])))));
}

BOOST_AUTO_TEST_CASE(attention_to_nothing_is_zero) {
    Params none, singles{1};
    nn::AdditiveAttention const in_double(params / "additive", 4, 4, 7), in_single(singles / "additive", 4, 4, 7);
    look_up_an_empty_sequence<double>(params, in_double);
    look_up_an_empty_sequence<float>(singles, in_single);
    Params by_one{5, float64}, by_one_in_single{1};
    look_up_an_empty_sequence<double>(by_one, nn::BilinearAttention(by_one / "bilinear", 4, 4));
    look_up_an_empty_sequence<float>(by_one_in_single, nn::BilinearAttention(by_one_in_single / "bilinear", 4, 4));
    for (bool scaled : {false, true}) {
        look_up_an_empty_sequence<double>(none, nn::DotAttention(scaled));
        look_up_an_empty_sequence<float>(none, nn::DotAttention(scaled));
    }
}

BOOST_AUTO_TEST_CASE(attention_passes_the_gradient_check) {
    Params by_itself{5, float64};
    nn::AdditiveAttention const additive(params / "additive", 3, 4, 5);
    std::vector<Index> const lengths{3, 5, 2};
    BOOST_TEST(gradcheck(
        [&](Tape&, std::span<Var const> in) -> Var {
            auto const a = additive(in[0], additive.remember(in[1], lengths));
            return sum(a.context * numbers({3, 4}, 7)) + sum(a.weights * numbers({3, 5}, 8));
        },
        {numbers({3, 3}, 1), numbers({5, 3, 4}, 2)}, params));
    nn::BilinearAttention const bilinear(by_itself / "bilinear", 3, 4);
    BOOST_TEST(gradcheck(
        [&](Tape&, std::span<Var const> in) -> Var {
            auto const a = bilinear(in[0], bilinear.remember(in[1], lengths));
            return sum(a.context * numbers({3, 4}, 7)) + sum(a.weights * numbers({3, 5}, 8));
        },
        {numbers({3, 3}, 1), numbers({5, 3, 4}, 2)}, by_itself));
    nn::DotAttention const dot(true);
    BOOST_TEST(gradcheck(
        [&](Tape&, std::span<Var const> in) -> Var {
            return sum(dot(in[0], dot.remember(in[1], lengths)).context * numbers({3, 4}, 7));
        },
        {numbers({3, 4}, 1), numbers({5, 3, 4}, 2)}));
}

BOOST_AUTO_TEST_CASE(attention_says_what_does_not_fit) {
    nn::DotAttention const dot;
    auto const memory = dot.remember(tape.input(xs, "encoded"));
    BOOST_TEST(has(message<ShapeError>([&] {
                       dot(tape.input(numbers({2, 4}, 1), "q"), memory);
                   }),
                   "expected  query [3,4]"));
    BOOST_CHECK_THROW(dot.remember(tape.input(numbers({3, 4}, 1))), ShapeError);
    nn::BilinearAttention const bilinear(params / "bilinear", 2, 4);
    BOOST_TEST(has(message<ShapeError>([&] {
                       bilinear(tape.input(numbers({3, 4}, 1), "q"), bilinear.remember(tape.input(xs)));
                   }),
                   "expected  query [3,2]"));
    BOOST_CHECK_THROW(nn::BilinearAttention(params / "none", 0, 4), ValueError);
}

BOOST_AUTO_TEST_SUITE_END()
