// PyTorch's state_dicts: its files load by name and compute the same; ours are the same files.
#include <nn/files/scratch.hpp>

using namespace files;

namespace {

fs::path golden_file(std::string const& name) {
    return fs::path(UNSPOOL_TESTS_DIR) / "golden" / "files" / (name + ".safetensors");
}

/// Symbols to scores, through one recurrent layer.
template <class Cell> struct Net {
    Params params;
    nn::Embedding embedding{params / "embedding", 7, 4};
    Cell cell{params / "rnn", 4, 5};
    nn::Linear out{params / "out", 5, 3};

    explicit Net(Dtype d) : params(9, d) {}
    xt::xarray<double> operator()(xt::xarray<double> const& ids) const {
        Tape tape(params.dtype());
        Var const xs = embedding(tape, xt::xarray<std::int64_t>(xt::cast<std::int64_t>(ids)));
        Var const y  = out(stack(scan(cell, xs, cell.zeros(tape, 2)).outputs));
        return dispatch(params.dtype(), [&](auto t) { return xt::xarray<double>(y.value<decltype(t)>()); });
    }
};

template <class Cell> void computes_as_in_pytorch(std::string const& name) {
    TemporaryFolder scratch;
    Safetensors run(golden_file(name + "_run"));
    for (Dtype d : {float32, float64}) {
        Net<Cell> net(d);
        load(net.params, golden_file(name));
        BOOST_TEST(golden::near(net(run.array("input")), run.array("output"), 1e-6));
        save(net.params, scratch / name);
        if (d == float32) BOOST_TEST((contents(scratch / name) == contents(golden_file(name))));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pytorch_files)

BOOST_AUTO_TEST_CASE(of_rnn) { computes_as_in_pytorch<nn::RNNCell>("rnn"); }
BOOST_AUTO_TEST_CASE(of_gru) { computes_as_in_pytorch<nn::GRUCell>("gru"); }
BOOST_AUTO_TEST_CASE(of_lstm) { computes_as_in_pytorch<nn::LSTMCell>("lstm"); }

BOOST_AUTO_TEST_CASE(of_layers_in_both_directions_with_projection) {
    TemporaryFolder scratch;
    Params p(1);
    for (auto [layer, in] : {std::pair{0, 3}, {1, 4}})
        for (std::string direction : {"", "_reverse"}) {
            auto const name = [&, k = layer](char const* part) { return fmt::format("{}_l{}{}", part, k, direction); };
            p.zeros(name("weight_ih"), {16, in}), p.zeros(name("weight_hh"), {16, 2});
            p.zeros(name("bias_ih"), {16}), p.zeros(name("bias_hh"), {16}), p.zeros(name("weight_hr"), {2, 4});
        }
    load(p, golden_file("stacked"));
    for (Param* q : p.all()) BOOST_TEST(value(*q)(0) != 0);
    save(p, scratch / "ours");
    BOOST_TEST((contents(scratch / "ours") == contents(golden_file("stacked"))));
}

BOOST_AUTO_TEST_CASE(of_another_cell_do_not_load) {
    Net<nn::GRUCell> net(float32);
    BOOST_TEST(has(message<FileError>([&] { load(net.params, golden_file("lstm")); }),
                   "\"rnn.weight_ih_l0\"  is [20,4] in the file, expected [15,4]"));
}

BOOST_AUTO_TEST_SUITE_END()
