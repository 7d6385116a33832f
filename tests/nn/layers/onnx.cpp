// ONNX's recurrent operators: outputs as the equations in their text, in all combinations of options; gradients; errors.
#include <nn/cells.hpp>
#include <nn/layers/filled.hpp>
#include <set>
#include <unspool/nn/files/gate_orders.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;
namespace onnx = unspool::nn::onnx;

namespace {

constexpr Index T = 4, B = 3, I = 2, H = 3;

onnx::Attributes attributes(golden::Json const& j) {
    onnx::Attributes a;
    a.direction           = j.value("direction", a.direction);
    a.activations         = j.value("activations", a.activations);
    a.activation_alpha    = j.value("activation_alpha", a.activation_alpha);
    a.activation_beta     = j.value("activation_beta", a.activation_beta);
    a.layout              = j.value("layout", 0) == 1;
    a.input_forget        = j.value("input_forget", 0) == 1;
    a.linear_before_reset = j.value("linear_before_reset", 0) == 1;
    if (j.contains("clip")) a.clip = j["clip"].get<double>();
    return a;
}

/// One operator with the inputs of tests/golden/onnx_reference.py.
template <class Op> struct Case {
    static constexpr Index gates = std::same_as<Op, onnx::RNN> ? 1 : std::same_as<Op, onnx::GRU> ? 3 : 4;

    onnx::Attributes options;
    std::set<std::string> inputs;
    std::vector<Index> lengths;
    Index D = options.direction == "bidirectional" ? 2 : 1;
    Params params;
    Op op;

    Case(onnx::Attributes a, std::set<std::string> given, std::vector<Index> lens, Dtype dtype)
        : options(std::move(a))
        , inputs(std::move(given))
        , lengths(std::move(lens))
        , params(0, dtype)
        , op(params, weights(), options) {
        if (!inputs.contains("sequence_lens")) lengths.clear();
    }

    onnx::Weights weights() const {
        onnx::Weights w{.W = filled<double>(52, {D, gates * H, I}), .R = filled<double>(53, {D, gates * H, H})};
        if (inputs.contains("B")) w.B = filled<double>(54, {D, 2 * gates * H});
        if (inputs.contains("P")) w.P = filled<double>(57, {D, 3 * H});
        return w;
    }
    Shape xs() const { return options.layout ? Shape{B, T, I} : Shape{T, B, I}; }
    Shape state() const { return options.layout ? Shape{B, D, H} : Shape{D, B, H}; }
    onnx::Outputs run(Var X, Var h, Var c) const {
        return op(X, {.sequence_lens = lengths, .initial_h = h, .initial_c = c});
    }
};

/// The sum of all elements, each with a weight of its own.
template <class N> double weighted_sum(Index seed, Var y) {
    return xt::sum(xt::xarray<double>(y.value<N>()) * filled<double>(seed, y.shape()))();
}

template <class Op, class N> void compare(golden::Json const& j, std::vector<Index> const& lengths, double tolerance) {
    Case<Op> const c(attributes(j["attributes"]), j["inputs"].get<std::set<std::string>>(), lengths, dtype_of<N>);
    Tape tape(dtype_of<N>);
    auto given = [&](char const* name, Index seed) {
        return c.inputs.contains(name) ? tape.input(filled<N>(seed, c.state()), name) : Var();
    };
    auto const [Y, Y_h, Y_c] =
        c.run(tape.input(filled<N>(51, c.xs()), "X"), given("initial_h", 55), given("initial_c", 56));
    auto near = [&](Index seed, Var y, char const* name, Shape const& shape) {
        BOOST_TEST_CONTEXT(name) {
            BOOST_TEST((y.shape() == shape));
            BOOST_TEST(golden::distance(weighted_sum<N>(seed, y), j["sums"][name]) <= tolerance);
        }
    };
    near(58, Y, "Y", c.options.layout ? Shape{B, T, c.D, H} : Shape{T, c.D, B, H});
    near(59, Y_h, "Y_h", c.state());
    BOOST_TEST(Y_c.empty() == !j["sums"].contains("Y_c"));
    if (!Y_c.empty()) near(60, Y_c, "Y_c", c.state());
}

template <class N> void compare_all(double tolerance) {
    auto const file    = golden::file("onnx");
    auto const lengths = file["lengths"].get<std::vector<Index>>();
    BOOST_TEST((file["sizes"] == golden::Json{{"T", T}, {"B", B}, {"I", I}, {"H", H}}));
    for (auto const& j : file["cases"]) BOOST_TEST_CONTEXT(j.dump()) {
            if (j["op"] == "RNN") compare<onnx::RNN, N>(j, lengths, tolerance);
            if (j["op"] == "GRU") compare<onnx::GRU, N>(j, lengths, tolerance);
            if (j["op"] == "LSTM") compare<onnx::LSTM, N>(j, lengths, tolerance);
        }
    BOOST_TEST(file["cases"].size() == 222u);
}

/// By X, initial states and all parameters, of all outputs.
template <class Op> GradReport check(onnx::Attributes const& a, std::set<std::string> const& inputs) {
    Case<Op> const c(a, inputs, {2, 4, 0}, float64);
    std::vector<GradInput> xs{{"X", filled<double>(51, c.xs())}, {"initial_h", filled<double>(55, c.state())}};
    if (std::same_as<Op, onnx::LSTM>) xs.emplace_back("initial_c", filled<double>(56, c.state()));
    auto all = [&](Tape&, std::span<Var const> in) -> Var {
        auto const [Y, Y_h, Y_c] = c.run(in[0], in[1], in.size() > 2 ? in[2] : Var());
        std::vector<Var> flat{reshape(Y, {-1}), reshape(Y_h, {-1})};
        if (!Y_c.empty()) flat.push_back(reshape(Y_c, {-1}));
        return concat(flat);
    };
    return gradcheck(all, xs, c.params);
}

struct Made {
    onnx::Weights w{.W = filled<double>(1, {1, 4 * H, I}), .R = filled<double>(2, {1, 4 * H, H})};
    Params params;

    template <class E, class Op = onnx::LSTM> std::string refusal(onnx::Attributes const& a) {
        auto const out = message<E>([&] { Op(params, w, a); });
        BOOST_TEST(params.all().empty());
        return out;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(onnx_operators)

BOOST_AUTO_TEST_CASE(compute_what_their_equations_say) { compare_all<double>(1e-13); }
BOOST_AUTO_TEST_CASE(compute_it_in_float) { compare_all<float>(2e-6); }

BOOST_AUTO_TEST_CASE(gradients) {
    onnx::Attributes a{.direction = "bidirectional", .clip = 0.6, .layout = true};
    BOOST_TEST(check<onnx::RNN>(a, {"B", "sequence_lens"}));
    BOOST_TEST(check<onnx::GRU>(a, {"B", "sequence_lens"}));
    a.activations      = {"HardSigmoid", "Softsign", "ScaledTanh", "Sigmoid", "Elu", "Tanh"},
    a.activation_alpha = {0.3, 1.2, 0.7};
    a.activation_beta  = {0.4, 0.9};
    BOOST_TEST(check<onnx::LSTM>(a, {"B", "sequence_lens", "P"}));
    BOOST_TEST(check<onnx::LSTM>({.direction = "reverse", .input_forget = true}, {"B", "P"}));
    BOOST_TEST(check<onnx::GRU>({.linear_before_reset = true}, {"sequence_lens"}));
}

/// Each pair of gates that is swapped must show: else the numbers are too alike to tell gates apart.
BOOST_AUTO_TEST_CASE(would_notice_swapped_gates) {
    Case<onnx::LSTM> const c({}, {"B", "P"}, {}, float64);
    auto const outputs = [&](onnx::Weights const& w) -> xt::xarray<double> {
        Params params(0, float64);
        Tape tape(float64);
        onnx::LSTM op(params, w);
        return op(tape.input(filled<double>(51, c.xs()), "X")).Y.value<double>();
    };
    onnx::Weights const right = c.weights();
    for (std::size_t a = 0; a < 4; ++a)
        for (std::size_t b = 0; b < a; ++b) {
            std::vector<Index> order{0, 1, 2, 3}, twice{0, 1, 2, 3, 4, 5, 6, 7}, holes{0, 1, 2};
            std::swap(order[a], order[b]), std::swap(twice[a], twice[b]), std::swap(twice[4 + a], twice[4 + b]);
            onnx::Weights w = right;
            w.W = blocks_in_order(w.W, order, 1), w.R = blocks_in_order(w.R, order, 1),
            w.B = blocks_in_order(w.B, twice, 1);
            BOOST_TEST(!golden::near(outputs(w), outputs(right), 1e-3));
            if (a == 3) continue;
            w = right, std::swap(holes[a], holes[b]), w.P = blocks_in_order(w.P, holes, 1);
            BOOST_TEST(!golden::near(outputs(w), outputs(right), 1e-4));
        }
}

/// A schema's default is for two directions, and readers of files hand it on.
BOOST_AUTO_TEST_CASE(rnn_takes_the_default_of_its_schema) {
    Case<onnx::RNN> const usual({}, {"B"}, {}, float64), listed({.activations = {"Tanh", "Tanh"}}, {"B"}, {}, float64);
    Tape tape(float64);
    Var const X = tape.input(filled<double>(1, usual.xs()), "X");
    BOOST_TEST(golden::near(listed.run(X, {}, {}).Y.value<double>(), usual.run(X, {}, {}).Y.value<double>(), 1e-15));
}

BOOST_AUTO_TEST_CASE(activations_may_be_written_in_any_case) {
    Case<onnx::LSTM> const usual({.activations = {"Sigmoid", "Softsign", "Tanh"}}, {"B"}, {}, float64),
        small({.activations = {"sigmoid", "softsign", "TANH"}}, {"B"}, {}, float64);
    Tape tape(float64);
    Var const X = tape.input(filled<double>(1, usual.xs()), "X");
    BOOST_TEST(golden::near(small.run(X, {}, {}).Y.value<double>(), usual.run(X, {}, {}).Y.value<double>(), 1e-15));
}

BOOST_AUTO_TEST_CASE(parameters_have_the_names_of_the_cells) {
    Case<onnx::LSTM> const both({.direction = "bidirectional", .input_forget = true}, {"P"}, {}, float64);
    BOOST_TEST(
        (paths(both.params) == std::vector<std::string>{"weight_ih_l0", "weight_hh_l0", "weight_ci_l0", "weight_co_l0",
                                                        "weight_ih_l0_reverse", "weight_hh_l0_reverse",
                                                        "weight_ci_l0_reverse", "weight_co_l0_reverse"}));
    Case<onnx::RNN> const back({.direction = "reverse"}, {"B"}, {}, float64);
    BOOST_TEST((paths(back.params) == std::vector<std::string>{"weight_ih_l0_reverse", "weight_hh_l0_reverse",
                                                               "bias_ih_l0_reverse", "bias_hh_l0_reverse"}));
}

BOOST_FIXTURE_TEST_CASE(refuse_attributes_that_cannot_be, Made) {
    Case<onnx::RNN> const shouted({.direction = "Reverse"}, {"B"}, {}, float64);
    BOOST_TEST((shouted.op.layers().size() == 1u && shouted.op.layers()[0].reverse));
    BOOST_TEST(has(refusal<ValueError>({.direction = "backward"}),
                   "LSTM: direction is \"backward\", but must be forward, reverse or bidirectional"));
    BOOST_TEST(has(refusal<ValueError>({.activations = {"Sigmoid", "tangent", "Tanh"}}),
                   "no activation is called \"tangent\"; there are Relu, Tanh"));
    BOOST_TEST(has(refusal<ValueError>({.activations = {"Sigmoid", "Tanh"}}),
                   "LSTM: there are 2 activations, but must be 3, 3 a direction"));
    BOOST_TEST(has(refusal<ValueError>({.activations = {"Sigmoid", "Affine", "Tanh"}, .activation_alpha = {1}}),
                   "activation_beta lacks a value for Affine, which has no default"));
    BOOST_TEST(has(refusal<ValueError>({.activations = {"Sigmoid", "Elu", "Tanh"}, .activation_alpha = {1, 2}}),
                   "activation_alpha has 2 values, of which the activations take 1"));
    BOOST_TEST(has(refusal<ValueError>({.activation_beta = {1}}),
                   "activation_beta has 1 values, of which the activations take 0"));
    BOOST_TEST(has(refusal<ValueError>({.clip = 0.0}), "clip is 0, but must be above 0"));
    BOOST_TEST(has(refusal<ValueError>({.clip = std::nan("")}), "clip is nan"));
    BOOST_TEST(has(refusal<ValueError>({.linear_before_reset = true}), "LSTM has no attribute linear_before_reset"));
    BOOST_TEST(has(refusal<ValueError, onnx::GRU>({.input_forget = true}), "GRU has no attribute input_forget"));
}

BOOST_FIXTURE_TEST_CASE(refuse_weights_that_do_not_fit, Made) {
    BOOST_TEST(
        has(refusal<ShapeError>({.direction = "bidirectional"}), "W [2,4*H,I]  R [2,4*H,H]  B [2,8*H]  P [2,3*H]"));
    BOOST_TEST(has(refusal<ShapeError>({.hidden_size = 4}), "R [1,4*4,4]"));
    auto const m = refusal<ShapeError, onnx::GRU>({});
    BOOST_TEST(has(m, "onnx.cpp:"));
    BOOST_TEST(has(m, "GRU: the weights do not fit"));
    BOOST_TEST(has(m, "[1,12,2]"));
    w.B = filled<double>(3, {1, 4 * H});
    BOOST_TEST(has(refusal<ShapeError>({}), "[1,12]"));
    w.B = xt::xarray<double>::from_shape({0}), w.P = filled<double>(3, {1, 4 * H});
    BOOST_TEST(has(refusal<ShapeError>({}), "P"));
    w.P = filled<double>(3, {1, 3 * H}), w.W = filled<double>(1, {1, 3 * H, I}), w.R = filled<double>(1, {1, 3 * H, H});
    BOOST_TEST(has(refusal<ShapeError, onnx::GRU>({}), "P"));
    w.W = filled<double>(1, {4 * H, I});
    BOOST_TEST(has(refusal<ShapeError>({}), "[12,2]"));
}

BOOST_AUTO_TEST_CASE(refuse_inputs_that_do_not_fit) {
    Case<onnx::GRU> const gru({.layout = true}, {}, {}, float64);
    Case<onnx::LSTM> const lstm({.direction = "bidirectional"}, {}, {}, float64);
    Tape tape(float64);
    Var const X = tape.input(filled<double>(1, {B, T, I}), "X"), h = tape.input(filled<double>(2, {1, B, H}), "h0");
    auto const nodes = tape.size();
    BOOST_TEST(has(message<ShapeError>([&] { gru.op(X, {.initial_h = h}); }), "GRU: the initial state does not fit"));
    BOOST_TEST(has(message<ShapeError>([&] { gru.op(X, {.initial_h = h}); }), "[3,1,3]"));
    BOOST_TEST(has(message<ShapeError>([&] { lstm.op(X, {.initial_c = h}); }), "[2,4,3]"));
    BOOST_TEST(has(message<ValueError>([&] { gru.op(X, {.initial_c = h}); }), "GRU has no initial_c"));
    BOOST_CHECK_THROW(lstm.op(h), ShapeError);
    std::vector<Index> const few{1, 2}, many{1, 2, 5};
    BOOST_CHECK_THROW(gru.op(X, {.sequence_lens = few}), ShapeError);
    BOOST_CHECK_THROW(gru.op(X, {.sequence_lens = many}), ValueError);
    BOOST_TEST(tape.size() == nodes);
}

BOOST_AUTO_TEST_SUITE_END()
