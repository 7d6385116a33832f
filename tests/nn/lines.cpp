// Every error that a call of the user's provokes names that call's line.
#include <nn/provoked.hpp>

using namespace unspool;

namespace lines {

namespace {

struct Fixture : provoked::Calls {
    Params other{2};
    Tape elsewhere;
    Var stale = tape.input(1.0);

    void check(std::vector<provoked::Provoked> const& all) { Calls::check("lines.cpp", all); }
};

constexpr Index seven[]            = {1, 1, 1, 1, 1, 1, 1};
xt::xarray<float> const seven_axes = xt::ones<float>(std::vector<std::size_t>(7, 1));

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lines_of_errors, Fixture)

// One call a line.
// clang-format off

BOOST_AUTO_TEST_CASE(of_questions_to_a_var) {
    check({
        {__LINE__, [&] { x.item(); }},
        {__LINE__, [&] { x.size(2); }},
        {__LINE__, [&] { x.value<double>(); }},
        {__LINE__, [&] { (void)x[5]; }},
        {__LINE__, [&] { empty.item(); }},
        {__LINE__, [&] { empty.shape(); }},
        {__LINE__, [&] { empty.size(0); }},
        {__LINE__, [&] { empty.value<float>(); }},
        {__LINE__, [&] { empty.dtype(); }},
        {__LINE__, [&] { empty.tape(); }},
        {__LINE__, [&] { empty.requires_grad(); }},
        {__LINE__, [&] { empty.named("e"); }},
        {__LINE__, [&] { empty.detach(); }},
        {__LINE__, [&] { (void)empty[0]; }},
    });
}

BOOST_AUTO_TEST_CASE(of_values_from_before_a_rewind) {
    tape.rewind();
    check({
        {__LINE__, [&] { stale.item(); }},
        {__LINE__, [&] { stale.shape(); }},
        {__LINE__, [&] { stale.value<float>(); }},
        {__LINE__, [&] { stale.named("s"); }},
        {__LINE__, [&] { [[maybe_unused]] Var y = exp(stale) * 2; }},
        {__LINE__, [&] { backward(stale); }},
        {__LINE__, [&] { softmax(stale); }},
        {__LINE__, [&] { stack({stale, stale}); }},
        {__LINE__, [&] { Graph{stale}; }},
        {__LINE__, [&] { unsqueeze(stale, 0); }},
    });
}

BOOST_AUTO_TEST_CASE(of_tapes_graphs_and_optimisers) {
    Tape::Mark const mark = tape.mark();
    Params doubles(1, float64);
    Param& d = doubles.zeros("d", {1});
    tape.rewind();
    tape.rewind();
    check({
        {__LINE__, [&] { tape.rewind(mark); }},
        {__LINE__, [&] { tape.check_values(-1); }},
        {__LINE__, [&] { Graph{std::vector<Var>{}}; }},
        {__LINE__, [&] { Graph{tape.input(1.0).detach()}; }},
        {__LINE__, [&] { Graph(tape.input(1.0), {.budget = 0}); }},
        {__LINE__, [&] { Sgd({&w, &w}); }},
        {__LINE__, [&] { Adam({&w, &d}); }},
        {__LINE__, [&] { Sgd(doubles).step(backward(sum(tape.lift(w)))); }},
        {__LINE__, [&] { AdamW(doubles).step(backward(sum(tape.lift(w)))); }},
        {__LINE__, [&] { RmsProp(doubles).step(backward(sum(tape.lift(w)))); }},
        {__LINE__, [&] { Adagrad(doubles).step(backward(sum(tape.lift(w)))); }},
        {__LINE__, [&] { set_num_threads(0); }},
    });
}

BOOST_AUTO_TEST_CASE(of_operations_on_an_empty_var) {
    Random random(1);
    check({
        {__LINE__, [&] { [[maybe_unused]] Var y = exp(empty); }},
        {__LINE__, [&] { [[maybe_unused]] Var y = empty * 2 + x; }},
        {__LINE__, [&] { [[maybe_unused]] Var y = x + empty; }},
        {__LINE__, [&] { sum(empty); }},
        {__LINE__, [&] { mean(empty * 2, 0); }},
        {__LINE__, [&] { max(empty); }},
        {__LINE__, [&] { softmax(empty * 2); }},
        {__LINE__, [&] { matmul(empty, x); }},
        {__LINE__, [&] { matmul(x, empty); }},
        {__LINE__, [&] { [[maybe_unused]] Var y = linear(empty, w); }},
        {__LINE__, [&] { stack({empty}); }},
        {__LINE__, [&] { concat({x, empty}); }},
        {__LINE__, [&] { reshape(empty, {1}); }},
        {__LINE__, [&] { transpose(empty); }},
        {__LINE__, [&] { unsqueeze(empty, 0); }},
        {__LINE__, [&] { squeeze(empty); }},
        {__LINE__, [&] { slice(empty, 0, 0, 1); }},
        {__LINE__, [&] { flip(empty, 0); }},
        {__LINE__, [&] { split<2>(empty); }},
        {__LINE__, [&] { dropout(empty, 0.5, random); }},
        {__LINE__, [&] { gather(empty, xt::xarray<int>{0}, 0); }},
        {__LINE__, [&] { layer_norm(empty); }},
        {__LINE__, [&] { einsum("i->", empty); }},
        {__LINE__, [&] { mse(empty, x); }},
        {__LINE__, [&] { cross_entropy(empty, xt::xarray<int>{0}); }},
        {__LINE__, [&] { backward(empty); }},
        {__LINE__, [&] { scan(nn::GRUCell(other / "scan", 1, 1), empty, x); }},
        {__LINE__, [&] { nn::GRU(other / "layer", 1, 1)(empty); }},
    });
}

BOOST_AUTO_TEST_CASE(of_gradients) {
    Gradients g        = backward(sum(x * w));
    Var const constant = tape.constant(1.0), foreign = elsewhere.input(1.0), way = x * 2, later = way * 3;
    Gradients const h = backward(sum(later));
    check({
        {__LINE__, [&] { g[constant]; }},
        {__LINE__, [&] { g[foreign]; }},
        {__LINE__, [&] { g[empty]; }},
        {__LINE__, [&] { h[way]; }},
        {__LINE__, [&] { g.reached(constant); }},
        {__LINE__, [&] { g[x].item(); }},
        {__LINE__, [&] { g[x].value<double>(); }},
        {__LINE__, [&] { g[w].value<double>(); }},
        {__LINE__, [&] { g.mutable_data<double>(w); }},
        {__LINE__, [&] { backward(x); }},
        {__LINE__, [&] { backward(constant); }},
        {__LINE__, [&] { backward(x, xt::xarray<float>{1, 2}); }},
    });
    tape.rewind();
    Var const z = tape.input(1.0);
    check({
        {__LINE__, [&] { g[x]; }},
        {__LINE__, [&] { g[z]; }},
        {__LINE__, [&] { g.reached(x); }},
    });
    Gradients taken = std::move(g);
    Tape doubles(float64);
    Gradients wide = backward(doubles.input(1.0));
    check({
        {__LINE__, [&] { g[w]; }},
        {__LINE__, [&] { g.reached(w); }},
        {__LINE__, [&] { Sgd(params).step(g); }},
        {__LINE__, [&] { g += taken; }},
        {__LINE__, [&] { taken += g; }},
        {__LINE__, [&] { taken += wide; }},
        {__LINE__, [&] { clip_grad_norm(g, 1); }},
        {__LINE__, [&] { clip_grad_norm(g, std::array{&w}, 1); }},
        {__LINE__, [&] { clip_grad_value(g, 1); }},
        {__LINE__, [&] { clip_grad_value(g, std::array{&w}, 1); }},
        {__LINE__, [&] { grad_norm(g); }},
        {__LINE__, [&] { g.flatten(params); }},
        {__LINE__, [&] { g.reach({}); }},
    });
}

BOOST_AUTO_TEST_CASE(of_arrays_in_operators) {
    xt::xarray<float> const four = {1, 2, 3, 4};
    check({
        {__LINE__, [&] { [[maybe_unused]] Var y = x + four; }},
        {__LINE__, [&] { [[maybe_unused]] Var y = four * x; }},
        {__LINE__, [&] { [[maybe_unused]] Var y = exp(x - four); }},
        {__LINE__, [&] { [[maybe_unused]] Var y = maximum(x, four); }},
        {__LINE__, [&] { [[maybe_unused]] Var y = x + seven_axes; }},
        {__LINE__, [&] { [[maybe_unused]] Var y = seven_axes * exp(x); }},
        {__LINE__, [&] { [[maybe_unused]] Var y = empty + four; }},
        {__LINE__, [&] { [[maybe_unused]] Var y = four / empty; }},
        {__LINE__, [&] { sum(x * four); }},
        {__LINE__, [&] { sum(x * seven_axes); }},
        {__LINE__, [&] { softmax(x * seven_axes); }},
    });
}

BOOST_AUTO_TEST_CASE(of_histories) {
    core::History h;
    check({
        {__LINE__, [&] { h.last("loss"); }},
        {__LINE__, [&] { h["loss"]; }},
        {__LINE__, [&] { h.row(0); }},
        {__LINE__, [&] { h.add({{"", 1}}); }},
    });
    h.add({{"loss", 1}});
    check({
        {__LINE__, [&] { h.last("none"); }},
        {__LINE__, [&] { h["none"]; }},
        {__LINE__, [&] { h.add({{"other", 1}}); }},
    });
}

BOOST_AUTO_TEST_CASE(of_parameters) {
    check({
        {__LINE__, [&] { params["nothing"]; }},
        {__LINE__, [&] { params.zeros("w", {1}); }},
        {__LINE__, [&] { params.constant("w", {1}, 1); }},
        {__LINE__, [&] { params.uniform("w", {1}, 0, 1); }},
        {__LINE__, [&] { params.normal("w", {1}, 0, 1); }},
        {__LINE__, [&] { params.trained("w", xt::xarray<float>{1}); }},
        {__LINE__, [&] { params.fixed("w", xt::xarray<float>{1}); }},
        {__LINE__, [&] { params.zeros("", {1}); }},
        {__LINE__, [&] { params.zeros("huge", {Index{1} << 40, Index{1} << 40}); }},
        {__LINE__, [&] { w.assign(xt::xarray<float>{1, 2}); }},
        {__LINE__, [&] { w.value<double>(); }},
        {__LINE__, [&] { std::as_const(w).value<double>(); }},
        {__LINE__, [&] { nn::Linear(params / "l", 2, 3), nn::Linear(params / "l", 2, 3); }},
        {__LINE__, [&] { nn::LSTMCell(params / "c", 2, 3), nn::LSTMCell(params / "c", 2, 3); }},
        {__LINE__, [&] { nn::LayerNorm(params / "n", 2), nn::LayerNorm(params / "n", 2); }},
        {__LINE__, [&] { nn::Embedding(params / "e", 2, 3), nn::Embedding(params / "e", 2, 3); }},
    });
}

BOOST_AUTO_TEST_CASE(of_too_many_axes) {
    Var const six = tape.zeros({1, 1, 1, 1, 1, 1});
    check({
        {__LINE__, [&] { tape.zeros({1, 1, 1, 1, 1, 1, 1}); }},
        {__LINE__, [&] { params.zeros("seven", {1, 1, 1, 1, 1, 1, 1}); }},
        {__LINE__, [&] { reshape(six, {1, 1, 1, 1, 1, 1, 1}); }},
        {__LINE__, [&] { Shape(std::span<Index const>(seven)); }},
        {__LINE__, [&] { tape.input(seven_axes); }},
        {__LINE__, [&] { tape.constant(seven_axes); }},
        {__LINE__, [&] { params.fixed("seven", seven_axes); }},
        {__LINE__, [&] { w.assign(seven_axes); }},
        {__LINE__, [&] { unsqueeze(six, 0); }},
        {__LINE__, [&] { stack({six, six}); }},
        {__LINE__, [&] { one_hot(tape, xt::xarray<int>(xt::zeros<int>({1, 1, 1, 1, 1, 1})), 2); }},
        {__LINE__, [&] { embedding(tape, w, xt::xarray<int>(xt::zeros<int>({1, 1, 1, 1, 1, 1}))); }},
    });
}

// clang-format on

BOOST_AUTO_TEST_SUITE_END()

}  // namespace lines
