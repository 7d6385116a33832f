// Every error of a layer, of a cell, or of parameters that cannot be read names the line of the user's call.
#include <nn/provoked.hpp>
#include <optional>

using namespace unspool;

namespace lines_of_layers {

namespace {

struct Fixture : provoked::Calls {
    void check(std::vector<provoked::Provoked> const& all) { Calls::check("lines_of_layers.cpp", all); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lines_of_layers, Fixture)

// One call a line.
// clang-format off

BOOST_AUTO_TEST_CASE(of_parameters_that_are_gone) {
    std::optional<Params> model(std::in_place, 1);
    Param& lost = model->zeros("lost", {2, 3});
    nn::Linear const linear(*model / "linear", 3, 4);
    nn::LayerNorm const norm(*model / "norm", 3);
    nn::Embedding const rows(*model / "rows", 4, 3), padded(*model / "padded", 4, 3, {.padding = 0});
    nn::Layer<nn::RNNCell> const rnn(*model / "rnn", 3, 4);
    nn::Layer<nn::MGUCell> const mgu(*model / "mgu", 3, 4);
    nn::GRU const gru(*model / "gru", 3, 4);
    nn::LSTMCell const lstm(*model / "lstm", 3, 4);
    nn::FullGateLSTMCell const full(*model / "full", 3, 4);
    nn::IRNNCell const irnn(*model / "irnn", 3, 4);
    model.reset();
    Var const xs = tape.input(xt::ones<float>({2, 2, 3})), h = tape.zeros({2, 4});
    check({
        {__LINE__, [&] { lost.value<float>(); }},
        {__LINE__, [&] { lost.assign(1); }},
        {__LINE__, [&] { tape.lift(lost); }},
        {__LINE__, [&] { [[maybe_unused]] Var y = x * lost; }},
        {__LINE__, [&] { sum(x * exp(lost)); }},
        {__LINE__, [&] { max(x * lost); }},
        {__LINE__, [&] { matmul(transpose(x), lost); }},
        {__LINE__, [&] { stack({x, tape.lift(lost)}); }},
        {__LINE__, [&] { mse(x, lost); }},
        {__LINE__, [&] { [[maybe_unused]] Var y = linear(x); }},
        {__LINE__, [&] { norm(x); }},
        {__LINE__, [&] { rows(tape, std::array{1}); }},
        {__LINE__, [&] { padded(tape, std::array{1}); }},
        {__LINE__, [&] { rnn(xs); }},
        {__LINE__, [&] { mgu(xs); }},
        {__LINE__, [&] { gru(xs); }},
        {__LINE__, [&] { lstm(x, lstm.zeros(tape, 2)); }},
        {__LINE__, [&] { full(x, full.zeros(tape, 2)); }},
        {__LINE__, [&] { irnn(x, h); }},
        {__LINE__, [&] { scan(irnn, xs, h); }},
    });
}

BOOST_AUTO_TEST_CASE(of_parameters_that_are_open) {
    nn::MGUCell const mgu(params / "mgu", 3, 4);
    nn::LSTMCell const peeps(params / "peeps", 3, 4, {.peepholes = true});
    auto const open = w.mutable_value<float>(), too = mgu.Un.weight.mutable_value<float>(),
               ci   = params["peeps/weight_ci_l0"].mutable_value<float>();
    check({
        {__LINE__, [&] { [[maybe_unused]] Var y = x * w; }},
        {__LINE__, [&] { [[maybe_unused]] Var y = linear(x, w); }},
        {__LINE__, [&] { tape.lift(w); }},
        {__LINE__, [&] { mgu(x, mgu.zeros(tape, 2)); }},
        {__LINE__, [&] { peeps(x, peeps.zeros(tape, 2)); }},
    });
}

BOOST_AUTO_TEST_CASE(of_layers) {
    nn::Layer<nn::LSTMCell> const lstm(params / "lstm", 3, 4);
    nn::Layer<nn::MGUCell> const mgu(params / "mgu", 3, 4);
    nn::Bidirectional<nn::IRNNCell> const irnn(params / "irnn", 3, 4);
    Var const wide = tape.input(xt::ones<float>({2, 2, 5})), xs = tape.input(xt::ones<float>({2, 2, 3}));
    Var const h = tape.zeros({3, 4});
    check({
        {__LINE__, [&] { nn::Layer<nn::LSTMCell>(params / "a", 0, 4); }},
        {__LINE__, [&] { nn::Layer<nn::LSTMCell>(params / "a", 3, 4, nn::LSTMCellOptions{.clip = -1}); }},
        {__LINE__, [&] { nn::Layer<nn::LSTMCell>(params / "lstm", 3, 4); }},
        {__LINE__, [&] { nn::Layer<nn::PeepholeLSTMCell>(params / "a", 3, 0); }},
        {__LINE__, [&] { nn::Layer<nn::MGUCell>(params / "a", 0, 4); }},
        {__LINE__, [&] { nn::Layer<nn::IRNNCell>(params / "a", 0, 4); }},
        {__LINE__, [&] { nn::Bidirectional<nn::GRUCell>(params / "a", 0, 4); }},
        {__LINE__, [&] { nn::Stacked<nn::IRNNCell>(params / "a", 0, 4); }},
        {__LINE__, [&] { lstm(x); }},
        {__LINE__, [&] { lstm(wide); }},
        {__LINE__, [&] { lstm(empty); }},
        {__LINE__, [&] { lstm.cell(empty, {}); }},
        {__LINE__, [&] { lstm.cell(x, {}); }},
        {__LINE__, [&] { mgu(wide); }},
        {__LINE__, [&] { mgu(xs, {.state = h}); }},
        {__LINE__, [&] { mgu(xs, {.state = tape.zeros({2, 5})}); }},
        {__LINE__, [&] { mgu.cell(x, h); }},
        {__LINE__, [&] { mgu.cell(x, empty); }},
        {__LINE__, [&] { irnn(wide); }},
    });
}

BOOST_AUTO_TEST_CASE(of_outputs) {
    nn::IRNNCell const irnn(params / "irnn", 3, 4);
    core::Outputs late, gone;
    {
        Tape brief;
        gone = scan(irnn, brief.input(xt::ones<float>({2, 2, 3})), irnn.zeros(brief, 2)).outputs;
    }
    Var const h = irnn.zeros(tape, 2);
    late        = scan(irnn, tape.input(xt::ones<float>({2, 2, 3})), h).outputs;
    tape.rewind();
    check({
        {__LINE__, [&] { for (Var v : late) (void)v; }},
        {__LINE__, [&] { late.begin(); }},
        {__LINE__, [&] { late.front(); }},
        {__LINE__, [&] { stack(late); }},
        {__LINE__, [&] { concat(late, 1); }},
        {__LINE__, [&] { for (Var v : gone) (void)v; }},
        {__LINE__, [&] { gone.begin(); }},
        {__LINE__, [&] { stack(gone); }},
        {__LINE__, [&] { concat(gone); }},
    });
}

BOOST_AUTO_TEST_CASE(of_scans_and_sequences) {
    nn::IRNNCell const irnn(params / "irnn", 3, 4);
    Var const h = irnn.zeros(tape, 2);
    std::vector<Var> const nothing(2);
    check({
        {__LINE__, [&] { scan(irnn, std::span<Var const>(nothing), h); }},
        {__LINE__, [&] { scan(irnn, empty, h); }},
        {__LINE__, [&] { PerSequence(sum(x)); }},
        {__LINE__, [&] { PerSequence{x}; }},
        {__LINE__, [&] { PerSequence{empty}; }},
    });
}

BOOST_AUTO_TEST_CASE(of_checks_and_optimisers) {
    std::optional<Params> model(std::in_place, 1);
    nn::IRNNCell const irnn(*model / "irnn", 3, 4);
    Adam adam(model->all());
    Var const y = sum(tape.lift(model->all()[0][0]));
    Gradients const g = backward(y);
    model.reset();
    tape.rewind();  // it keeps what it has read
    Tape elsewhere(float64);
    Var const other = elsewhere.input(1.0);
    auto const same = [](Tape&, std::span<Var const> in) -> Var { return in[0]; };
    auto const none = [](Tape&, std::span<Var const>) -> Var { return {}; };
    auto const off  = [&](Tape&, std::span<Var const>) -> Var { return other; };
    xt::xarray<double> const seven = xt::ones<double>(std::vector<std::size_t>(7, 1));
    check({
        {__LINE__, [&] { gradcheck(irnn); }},
        {__LINE__, [&] { adam.step(g); }},
        {__LINE__, [&] { gradcheck(same, {{"x", seven}}); }},
        {__LINE__, [&] { gradcheck(none, {{"x", 1.0}}); }},
        {__LINE__, [&] { gradcheck(off, {{"x", 1.0}}); }},
        {__LINE__, [&] { gradcheck(same, {{"x", 1.0}}, {.step = 0}); }},
        {__LINE__, [&] { gradcheck(same, {{"x", 1.0}}, params, {.jitter = -1}); }},
        {__LINE__, [&] { gradcheck(params, [&](Tape&) { return empty; }); }},
    });
}

BOOST_AUTO_TEST_CASE(of_tables_and_checkpoints) {
    Csv const table = Csv::parse("a,b\n1,2\n");
    Checkpoint run;
    double rate = 0;
    run.add("rate", rate);
    double version = 0;
    Checkpoint odd, late;
    odd.add("unspool.checkpoint", version);
    std::optional<Params> model(std::in_place, 1);
    Param& w = model->normal("w", {2, 3}, 0, 1);
    late.add("w", w);
    Pruning pruning({&w});
    Random random(1);
    std::string const state = random.state();
    model.reset();
    check({
        {__LINE__, [&] { late.save("late"); }},
        {__LINE__, [&] { late.bytes(); }},
        {__LINE__, [&] { odd.bytes(); }},
        {__LINE__, [&] { pruning.prune(0.5); }},
        {__LINE__, [&] { pruning.apply(); }},
        {__LINE__, [&] { nn::init::constant(w, 1); }},
        {__LINE__, [&] { nn::init::uniform(w, random, -1, 1); }},
        {__LINE__, [&] { nn::init::he_normal(w, random); }},
        {__LINE__, [&] { nn::init::orthogonal(w, random); }},
        {__LINE__, [&] { nn::init::sparse(w, random, 0.5); }},
        {__LINE__, [&] { nn::init::identity(w); }},
        {__LINE__, [&] { nn::init::constant_block(w, 0, 2, 1); }},
        {__LINE__, [&] { table.texts("c"); }},
        {__LINE__, [&] { table.numbers("c"); }},
        {__LINE__, [&] { table.array({"a", "c"}); }},
        {__LINE__, [&] { run.add("rate", rate); }},
    });
    BOOST_TEST((random.state() == state));  // nothing was drawn
}

// clang-format on

BOOST_AUTO_TEST_SUITE_END()

}  // namespace lines_of_layers
