// Keras's and ONNX's layouts: their documented equations, evaluated in plain loops from weights in their layout, give what our
// cells give from the same weights loaded.
#include <nn/files/scratch.hpp>
#include <xtensor/xview.hpp>

using namespace files;

namespace {

using Weights = xt::xarray<double>;

constexpr std::size_t B = 2, I = 3, H = 4, T = 5;

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/// Σ x_i w(i, column): Keras multiplies from the left.
double left(double const* x, Weights const& w, std::size_t column) {
    double s = 0;
    for (std::size_t i = 0; i < w.shape()[0]; ++i) s += x[i] * w(i, column);
    return s;
}
/// Σ w(d, row, i) x_i: ONNX multiplies by the transposed.
double right(Weights const& w, std::size_t d, std::size_t row, double const* x) {
    double s = 0;
    for (std::size_t i = 0; i < w.shape()[2]; ++i) s += x[i] * w(d, row, i);
    return s;
}

/// All states h [T,B,H] of a recurrence from zeros: `step(x, h, c)` changes h and c of one sequence.
template <class Step> Weights run(Weights const& xs, Step step, bool backwards = false) {
    Weights out = Weights::from_shape({T, B, H});
    for (std::size_t b = 0; b < B; ++b) {
        std::vector<double> h(H), c(H);
        for (std::size_t n = 0; n < T; ++n) {
            std::size_t const t = backwards ? T - 1 - n : n;
            step(&xs(t, b, 0), h, c);
            for (std::size_t j = 0; j < H; ++j) out(t, b, j) = h[j];
        }
    }
    return out;
}

using State = std::vector<double>;

/// keras.layers.LSTM: z = x·kernel + h·recurrent_kernel + bias, in the order i f c o.
auto keras_lstm(KerasWeights const& w) {
    return [&w](double const* x, State& h, State& c) {
        State const old = h;
        auto const z    = [&](std::size_t gate, std::size_t j) {
            return left(x, w.kernel, gate * H + j) + left(old.data(), w.recurrent_kernel, gate * H + j) +
                   w.bias(gate * H + j);
        };
        for (std::size_t j = 0; j < H; ++j) {
            c[j] = logistic(z(1, j)) * c[j] + logistic(z(0, j)) * std::tanh(z(2, j));
            h[j] = logistic(z(3, j)) * std::tanh(c[j]);
        }
    };
}

/// keras.layers.GRU, reset_after=True: bias[0] is that of the input, bias[1] the recurrent one, in the order z r h.
auto keras_gru(KerasWeights const& w) {
    return [&w](double const* x, State& h, State&) {
        State const old = h;
        auto const in   = [&](std::size_t gate, std::size_t j) {
            return left(x, w.kernel, gate * H + j) + w.bias(0, gate * H + j);
        };
        auto const rec = [&](std::size_t gate, std::size_t j) {
            return left(old.data(), w.recurrent_kernel, gate * H + j) + w.bias(1, gate * H + j);
        };
        for (std::size_t j = 0; j < H; ++j) {
            double const z = logistic(in(0, j) + rec(0, j)), r = logistic(in(1, j) + rec(1, j)),
                         hh = std::tanh(in(2, j) + r * rec(2, j));
            h[j]            = z * old[j] + (1 - z) * hh;
        }
    };
}

/// keras.layers.GRU, reset_after=False: one bias.
auto keras_old_gru(KerasWeights const& w) {
    return [&w](double const* x, State& h, State&) {
        State const old = h;
        State reset     = h;
        auto const sum  = [&](std::size_t gate, std::size_t j, State const& s) {
            return left(x, w.kernel, gate * H + j) + left(s.data(), w.recurrent_kernel, gate * H + j) +
                   w.bias(gate * H + j);
        };
        for (std::size_t j = 0; j < H; ++j) reset[j] = logistic(sum(1, j, old)) * old[j];
        for (std::size_t j = 0; j < H; ++j) {
            double const z = logistic(sum(0, j, old));
            h[j]           = z * old[j] + (1 - z) * std::tanh(sum(2, j, reset));
        }
    };
}

auto keras_rnn(KerasWeights const& w) {
    return [&w](double const* x, State& h, State&) {
        State const old = h;
        for (std::size_t j = 0; j < H; ++j)
            h[j] = std::tanh(left(x, w.kernel, j) + left(old.data(), w.recurrent_kernel, j) + w.bias(j));
    };
}

/// ONNX LSTM, without peepholes: W[iofc], R[iofc], B = Wb[iofc] Rb[iofc].
auto onnx_lstm(OnnxWeights const& w, std::size_t d) {
    return [&w, d](double const* x, State& h, State& c) {
        State const old = h;
        auto const z    = [&](std::size_t gate, std::size_t j) {
            std::size_t const row = gate * H + j;
            return right(w.W, d, row, x) + right(w.R, d, row, old.data()) + w.B(d, row) + w.B(d, 4 * H + row);
        };
        for (std::size_t j = 0; j < H; ++j) {
            c[j] = logistic(z(2, j)) * c[j] + logistic(z(0, j)) * std::tanh(z(3, j));
            h[j] = logistic(z(1, j)) * std::tanh(c[j]);
        }
    };
}

/// ONNX GRU with linear_before_reset=1: W[zrh], R[zrh], B = Wb[zrh] Rb[zrh].
auto onnx_gru(OnnxWeights const& w, std::size_t d) {
    return [&w, d](double const* x, State& h, State&) {
        State const old = h;
        auto const in   = [&](std::size_t gate, std::size_t j) {
            return right(w.W, d, gate * H + j, x) + w.B(d, gate * H + j);
        };
        auto const rec = [&](std::size_t gate, std::size_t j) {
            return right(w.R, d, gate * H + j, old.data()) + w.B(d, 3 * H + gate * H + j);
        };
        for (std::size_t j = 0; j < H; ++j) {
            double const z = logistic(in(0, j) + rec(0, j)), r = logistic(in(1, j) + rec(1, j)),
                         n = std::tanh(in(2, j) + r * rec(2, j));
            h[j]           = (1 - z) * n + z * old[j];
        }
    };
}

TensorView tensor(std::string name, Weights const& a) {
    return {std::move(name), Stored::f64, std::vector<Index>(a.shape().begin(), a.shape().end()), a.data()};
}

/// All states of one of our cells.
template <class Cell> Weights ours(Cell const& cell, Weights const& xs) {
    Tape tape(float64);
    return stack(scan(cell, tape.input(xs), cell.zeros(tape, B)).outputs).template value<double>();
}

/// The same of a cell whose parameters were loaded from a file, as the module "rnn".
template <class Cell> Weights loaded(fs::path const& file, WeightLayout dialect, Weights const& xs, Rename rename = {},
                                     typename Cell::Options options = {}) {
    Params p(1, float64);
    Cell cell(p / "rnn", I, H, options);
    load(p, file, {.rename = std::move(rename), .dialect = dialect});
    return ours(cell, xs);
}

struct Fixture : TemporaryFolder {
    Weights xs    = numbers({T, B, I}, 1);
    fs::path file = folder / "weights";

    KerasWeights keras(std::size_t gates, std::vector<std::size_t> const& bias) const {
        return {numbers({I, gates * H}, 2), numbers({H, gates * H}, 3), numbers(bias, 4)};
    }
    OnnxWeights onnx(std::size_t gates, std::size_t directions) const {
        return {numbers({directions, gates * H, I}, 2), numbers({directions, gates * H, H}, 3),
                numbers({directions, 2 * gates * H}, 4)};
    }
    void write(KerasWeights const& w, std::string const& module) const {
        std::vector<TensorView> const t{tensor(module + "kernel", w.kernel),
                                        tensor(module + "recurrent_kernel", w.recurrent_kernel),
                                        tensor(module + "bias", w.bias)};
        write_safetensors(file, t);
    }
    void write(OnnxWeights const& w, std::string const& module) const {
        std::vector<TensorView> const t{tensor(module + "W", w.W), tensor(module + "R", w.R),
                                        tensor(module + "B", w.B)};
        write_safetensors(file, t);
    }
};

bool same(KerasWeights const& a, KerasWeights const& b) {
    return a.kernel == b.kernel && a.recurrent_kernel == b.recurrent_kernel && golden::near(a.bias, b.bias, 1e-15);
}
bool same(RecurrentWeights const& a, RecurrentWeights const& b) {
    return a.weight_ih == b.weight_ih && a.weight_hh == b.weight_hh && a.bias_ih == b.bias_ih && a.bias_hh == b.bias_hh;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(gate_orders, Fixture)

BOOST_AUTO_TEST_CASE(keras_cells_compute_the_same) {
    KerasWeights const lstm = keras(4, {4 * H}), gru = keras(3, {2, 3 * H}), rnn = keras(1, {H});
    write(lstm, "rnn.");
    BOOST_TEST(golden::near(loaded<nn::LSTMCell>(file, WeightLayout::keras, xs), run(xs, keras_lstm(lstm)), 1e-14));
    write(gru, "rnn.l0.");
    BOOST_TEST(golden::near(loaded<nn::GRUCell>(file, WeightLayout::keras, xs), run(xs, keras_gru(gru)), 1e-14));
    write(rnn, "rnn.");
    BOOST_TEST(golden::near(loaded<nn::RNNCell>(file, WeightLayout::keras, xs), run(xs, keras_rnn(rnn)), 1e-14));
    KerasWeights const old_gru = keras(3, {3 * H});
    write(old_gru, "rnn.");
    BOOST_TEST(golden::near(loaded<nn::GRUCell>(file, WeightLayout::keras, xs, {}, {.reset = nn::Reset::before}),
                            run(xs, keras_old_gru(old_gru)), 1e-14));
}

BOOST_AUTO_TEST_CASE(onnx_cells_compute_the_same) {
    OnnxWeights const lstm = onnx(4, 1), gru = onnx(3, 1);
    write(lstm, "rnn.");
    BOOST_TEST(golden::near(loaded<nn::LSTMCell>(file, WeightLayout::onnx, xs), run(xs, onnx_lstm(lstm, 0)), 1e-14));
    write(gru, "rnn.");
    BOOST_TEST(golden::near(loaded<nn::GRUCell>(file, WeightLayout::onnx, xs), run(xs, onnx_gru(gru, 0)), 1e-14));
}

BOOST_AUTO_TEST_CASE(names_of_keras_are_for_rename) {
    KerasWeights const w = keras(4, {4 * H});
    std::vector<TensorView> const t{tensor("lstm/lstm_cell/kernel:0", w.kernel),
                                    tensor("lstm/lstm_cell/recurrent_kernel:0", w.recurrent_kernel),
                                    tensor("lstm/lstm_cell/bias:0", w.bias)};
    write_safetensors(file, t);
    auto const rename = [](std::string_view n) {
        return "rnn." + std::string(n.substr(n.rfind('/') + 1, n.size() - n.rfind('/') - 3));
    };
    BOOST_TEST(
        golden::near(loaded<nn::LSTMCell>(file, WeightLayout::keras, xs, rename), run(xs, keras_lstm(w)), 1e-14));
}

/// The tests above see every order of gates but the right one.
BOOST_AUTO_TEST_CASE(any_two_gates_swapped_make_another_cell) {
    KerasWeights const w = keras(4, {4 * H});
    auto const right     = run(xs, keras_lstm(w));
    for (std::size_t a = 0; a < 4; ++a)
        for (std::size_t b = 0; b < a; ++b) {
            std::vector<Index> order{0, 1, 2, 3};
            std::swap(order[a], order[b]);
            KerasWeights const swapped{blocks_in_order(w.kernel, order, 1),
                                       blocks_in_order(w.recurrent_kernel, order, 1), blocks_in_order(w.bias, order)};
            BOOST_TEST(!golden::near(run(xs, keras_lstm(swapped)), right, 1e-2));
        }
}

BOOST_AUTO_TEST_CASE(come_back_from_each_layout) {
    KerasWeights const lstm = keras(4, {4 * H}), gru = keras(3, {2, 3 * H}), old_gru = keras(3, {3 * H}),
                       rnn = keras(1, {H});
    BOOST_TEST((same(to_keras(from_keras(lstm)), lstm) && same(to_keras(from_keras(gru)), gru) &&
                same(to_keras(from_keras(rnn)), rnn)));
    BOOST_TEST(same(to_keras(from_keras(old_gru), false), old_gru));
    BOOST_TEST((from_keras(old_gru).bias_hh == xt::zeros<double>({3 * H})));
    RecurrentWeights w = from_keras(lstm);
    w.bias_hh          = numbers({4 * H}, 5);
    BOOST_TEST(golden::near(to_keras(w).bias, Weights(lstm.bias + w.bias_hh), 1e-15));
    for (std::size_t gates : {1u, 3u, 4u}) {
        OnnxWeights const o = onnx(gates, 2), back = to_onnx(from_onnx(o));
        BOOST_TEST((back.W == o.W && back.R == o.R && back.B == o.B));
    }
}

BOOST_AUTO_TEST_CASE(may_lack_biases) {
    Weights const none = Weights::from_shape({0});
    RecurrentWeights w{numbers({4 * H, I}, 1), numbers({4 * H, H}, 2), none, none};
    BOOST_TEST(same(from_keras(to_keras(w)), w));
    BOOST_TEST(same(from_onnx(to_onnx(std::vector{w}))[0], w));
    BOOST_TEST(to_keras(w).bias.size() == 0u);
}

BOOST_AUTO_TEST_CASE(directions_and_layers_have_names_in_each_dialect) {
    OnnxWeights const o = onnx(4, 2);
    write(o, "rnn.");
    Params p(1, float64), q(2, float64);
    for (Params m : {p, q})
        for (std::string layer : {"l0", "l0_reverse", "l1"})
            for (auto [name, columns] : {std::pair{"weight_ih_", I},
                                         {"weight_hh_", H},
                                         {"bias_ih_", std::size_t{0}},
                                         {"bias_hh_", std::size_t{0}}})
                (m / "rnn").normal(name + layer, columns ? Shape{4 * H, static_cast<Index>(columns)} : Shape{4 * H}, 0,
                                   1);
    Unmatched const left = load(p, file, {.dialect = WeightLayout::onnx, .missing = true});
    BOOST_TEST(left.missing.size() == 4u);  // layer 1
    auto const d1 = from_onnx(o)[1];
    BOOST_TEST(
        (value(p["rnn.weight_ih_l0_reverse"]) == d1.weight_ih && value(p["rnn.bias_hh_l0_reverse"]) == d1.bias_hh));

    save(p, file, {.dialect = WeightLayout::onnx});
    BOOST_TEST((Safetensors(file).array("rnn.l0.W") == o.W && Safetensors(file).array("rnn.l0.B") == o.B));
    BOOST_TEST((Safetensors(file).find("rnn.l1.R")->shape == std::vector<Index>{1, 4 * H, H}));
    load(q, file, {.dialect = WeightLayout::onnx});
    BOOST_TEST((values(q) == values(p)));

    save(p, file, {.dialect = WeightLayout::keras});
    Safetensors const keras_file(file);
    BOOST_TEST((keras_file.find("rnn.l0_reverse.kernel")->shape == std::vector<Index>{I, 4 * H}));
    load(q, file, {.dialect = WeightLayout::keras});
    BOOST_TEST((value(q["rnn.weight_hh_l1"]) == value(p["rnn.weight_hh_l1"])));
    BOOST_TEST(golden::near(value(q["rnn.bias_ih_l1"]),
                            Weights(value(p["rnn.bias_ih_l1"]) + value(p["rnn.bias_hh_l1"])), 1e-15));
    BOOST_TEST((value(q["rnn.bias_hh_l0_reverse"]) == xt::zeros<double>({4 * H})));
}

BOOST_AUTO_TEST_CASE(what_is_not_recurrent_stays_as_it_is) {
    Params p(1), q(2);
    for (Params m : {p, q}) nn::LSTMCell(m / "rnn", I, H), nn::Linear(m / "out", H, 2);
    for (WeightLayout d : {WeightLayout::keras, WeightLayout::onnx}) {
        save(p, file, {.dialect = d});
        BOOST_TEST((Safetensors(file).find("out.weight")->shape == std::vector<Index>{2, H}));
        BOOST_TEST((Safetensors(file).find("out.bias")->type == Stored::f32));
        load(q, file, {.dialect = d});
        BOOST_TEST(
            (same_values(p["rnn.weight_ih_l0"], q["rnn.weight_ih_l0"]) && same_values(p["out.bias"], q["out.bias"])));
    }
}

BOOST_AUTO_TEST_CASE(refuse_what_does_not_fit_together) {
    KerasWeights bad = keras(4, {4 * H});
    bad.bias         = numbers({3 * H}, 1);
    BOOST_TEST(has(message<ShapeError>([&] { from_keras(bad); }), "bias: expected the shape [16], not [12]"));
    write(bad, "rnn.");
    Params p(1, float64);
    nn::LSTMCell const cell(p / "rnn", I, H);
    auto const before = values(p);
    auto const m      = message<FileError>([&] { load(p, file, {.dialect = WeightLayout::keras}); });
    BOOST_TEST(has(m, "weights: \"rnn\": bias: expected the shape [16], not [12]"));
    BOOST_TEST((values(p) == before));
    bad.recurrent_kernel = numbers({H, 2 * H}, 1), bad.bias = numbers({2 * H}, 1);
    BOOST_TEST(has(message<ShapeError>([&] { from_keras(bad); }),
                   "recurrent weights are [G*H,H] with G = 1, 3 or 4, not [8,4]"));
    BOOST_CHECK_THROW(from_onnx({numbers({1, 16, 3}, 1), numbers({2, 16, 4}, 1), numbers({1, 32}, 1)}), ShapeError);
    BOOST_CHECK_THROW(blocks_in_order(numbers({5, 2}, 1), std::vector<Index>{0, 1}), ShapeError);
    p.zeros("rnn.weight_hr_l0", {2, 4});
    BOOST_TEST(has(message<ShapeError>([&] { save(p, file, {.dialect = WeightLayout::onnx}); }),
                   "\"rnn.l0\": \"weight_hr\" has no place in this dialect"));
    std::vector<TensorView> const whole{{"rnn.kernel", Stored::i64, {1}, bad.kernel.data()}};
    write_safetensors(file, whole);
    BOOST_TEST(has(message<FileError>([&] { load(p, file, {.dialect = WeightLayout::keras}); }),
                   "\"rnn.kernel\"  is I64 in the file"));
    std::vector<TensorView> const lonely{tensor("rnn.recurrent_kernel", bad.recurrent_kernel)};
    write_safetensors(file, lonely);
    BOOST_TEST(
        has(message<FileError>([&] { load(p, file, {.dialect = WeightLayout::keras}); }), "\"rnn\" lacks kernel"));
}

BOOST_AUTO_TEST_SUITE_END()
