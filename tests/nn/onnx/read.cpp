// What was written is read again, runs, and learns.
#include <boost/filesystem.hpp>
#include <golden.hpp>
#include <nn/layers/onnx_files.hpp>
#include <nn/onnx/outline.hpp>
#include <unspool/nn/onnx/encode.hpp>
#include <unspool/nn/onnx/read.hpp>

using namespace onnx_tests;
namespace fs = boost::filesystem;

namespace {

nn::OnnxModel read(std::string const& bytes) { return nn::read_onnx(std::as_bytes(std::span(bytes)), "memory.onnx"); }
template <class M> std::string bytes_of(M const& m, nn::OnnxOptions const& o = {}) {
    return nn::onnx::encoded(model_of(m, o));
}

xt::xarray<double> sequence(Shape const& shape) {
    core::Random random(3);
    auto out = xt::xarray<double>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
    for (double& x : out) x = random.normal();
    return out;
}
std::vector<float> elements(Var y) {
    auto const v = y.value<float>();
    return {v.begin(), v.end()};
}
template <class M> Var outputs(M const& m, Var x) {
    if constexpr (requires { m(x).outputs; }) return m(x).outputs;
    else return Var(m(x));
}

/// The largest difference between a model and what is read of it.
template <class M> double difference(M const& m, Shape const& shape, bool pack = true) {
    auto const again = read(bytes_of(m));
    Tape tape;
    tape.mechanisms.pack = pack;
    Var const x = tape.input(sequence(shape)), y = outputs(m, x), z = again(x);
    BOOST_TEST(y.shape() == z.shape());
    auto const a = elements(y), b = elements(z);
    double worst = 0;
    for (std::size_t k = 0; k < a.size(); ++k) worst = std::max(worst, std::abs(double{a[k]} - double{b[k]}));
    return worst;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reading_onnx)

// To the bit, where products with the layers' own weights are computed as those with any other matrix.
BOOST_AUTO_TEST_CASE(shipped_layers_come_back_to_the_bit) {
    Params const p(1);
    nn::StackedOptions const both{.layers = 2, .bidirectional = true};
    auto const comes_back = [](auto const& layer) {
        BOOST_TEST(difference(layer, {6, 3, 5}, false) == 0);
        BOOST_TEST(difference(layer, {6, 3, 5}) < 2e-7);
    };
    comes_back(nn::RNN(p / "a", 5, 7, both));
    comes_back(nn::GRU(p / "b", 5, 7, both));
    comes_back(nn::GRU(p / "c", 5, 7, both, {.reset = nn::Reset::before}));
    comes_back(nn::LSTM(p / "d", 5, 7, both));
    comes_back(nn::LSTM(p / "e", 5, 7, {}, {.bias = nn::no_bias}));
    // The formula of a gate with a peephole is compiled twice, and compilers fuse either of its products with the sum.
    BOOST_TEST(difference(nn::LSTM(p / "f", 5, 7, both, {.peepholes = true}), {6, 3, 5}, false) < 1e-7);
    comes_back(nn::Layer<nn::GRUCell>(nn::GRUCell(p / "g", 5, 7), true));
    comes_back(nn::LSTM(p / "i", 5, 7, {.batch_first = true}));
}

BOOST_AUTO_TEST_CASE(models_come_back_to_the_bit) {
    Params const p(1);
    nn::Sequential const forecaster(p / "a", nn::Input{2}, keras::LSTM(6), keras::Dense(1));
    BOOST_TEST(difference(forecaster, {5, 3, 2}) == 0);
    nn::Sequential const tagger(p / "b", nn::Input{2}, keras::Bidirectional(keras::GRU(5, {.return_sequences = true})),
                                keras::Dense(4, nn::tanh),
                                keras::Dense(3, [](Var x) -> Var { return log_softmax(x); }));
    BOOST_TEST(difference(tagger, {5, 3, 2}) == 0);
}

namespace {

/// An operation and its operands, of x [...,3] within the domain that it is checked in.
struct Elementwise {
    char const* name;
    Var (*f)(Var x);
};
template <class Op> Var within_domain(Var x) {
    constexpr double middle = (Op::domain.low + Op::domain.high) / 2, half = (Op::domain.high - Op::domain.low) / 2;
    return middle + half * tanh(x);
}
template <class... Op> void add_unary(std::vector<Elementwise>& to, core::List<Op...>) {
    (to.push_back({Op::name, [](Var x) -> Var { return apply<Op>(within_domain<Op>(x)); }}), ...);
}
template <class... Op> void add_binary(std::vector<Elementwise>& to, core::List<Op...>) {
    (to.push_back(
         {Op::name, [](Var x) -> Var { return apply<Op>(within_domain<Op>(x), within_domain<Op>(-0.7 * x)); }}),
     ...);
}
template <class... Op> void add_ternary(std::vector<Elementwise>& to, core::List<Op...>) {
    (to.push_back({Op::name,
                   [](Var x) -> Var {
                       return apply<Op>(within_domain<Op>(x), within_domain<Op>(-0.7 * x), within_domain<Op>(x + 0.3));
                   }}),
     ...);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_elementwise_operation_comes_back) {
    std::vector<Elementwise> all;
    add_unary(all, core::UnaryOps{}), add_binary(all, core::BinaryOps{}), add_ternary(all, core::TernaryOps{});
    for (auto const& op : all) {
        nn::ModelDescription const model{.layers = {{"", [&](Var x, Where) { return op.f(x); }}}, .features = 3};
        auto const again = read(nn::onnx::encoded(nn::onnx::model_of(model, {}, Where::here())));
        Tape tape;
        Var const x  = tape.input(sequence({4, 2, 3}));
        auto const a = elements(op.f(x)), b = elements(again(x));
        for (std::size_t k = 0; k < a.size(); ++k)
            BOOST_TEST(std::abs(a[k] - b[k]) <= 1e-6 * std::max(1.f, std::abs(a[k])),
                       op.name << ": " << a[k] << ", and " << b[k]);
    }
    BOOST_TEST(all.size() > 50u);
}

BOOST_AUTO_TEST_CASE(symbols_come_back_to_the_bit) {
    Params const p(1);
    nn::Sequential const reader(p, keras::Embedding(9, 4), keras::SimpleRNN(6), keras::Dense(1, nn::sigmoid));
    auto const again = read(bytes_of(reader));
    Tape tape;
    xt::xtensor<Index, 2> const ids{{0, 3}, {8, 1}, {2, 2}};
    Var const y = reader.run({.tape = tape, .symbols = indices(tape, ids)}).x, z = again(tape, ids);
    BOOST_TEST(elements(y) == elements(z), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(scanned_cells_come_back) {
    Params const p(1);
    Shape const in{6, 3, 5};
    BOOST_TEST(difference(nn::Stacked<nn::MGUCell>(p / "a", 5, 7, {.layers = 2, .bidirectional = true}), in) < 1e-6);
    BOOST_TEST(difference(nn::Layer<nn::LayerNormLSTMCell>(p / "b", 5, 7), in) < 1e-6);
    BOOST_TEST(difference(nn::LSTM(p / "c", 5, 7, {}, {.projection = 3, .clip = 0.3}), in) < 1e-6);
}

BOOST_AUTO_TEST_CASE(models_of_closed_sizes_come_back) {
    Params const p(1);
    nn::OnnxOptions const closed{.sizes = {{.time = 4, .batch = 2}}};
    Tape tape;
    Var const x      = tape.input(sequence({4, 2, 3}));
    auto const check = [&](auto const& layer) {
        auto const a = elements(layer(x).outputs), b = elements(read(nn::onnx::encoded(nn::onnx::model_of(
                                                       nn::onnx::description_of(layer), closed, Where::here())))(x));
        BOOST_TEST(a == b, boost::test_tools::per_element());
    };
    check(nn::LSTM(p / "l", 3, 5, {.layers = 2})), check(nn::GRU(p / "g", 3, 5, {.bidirectional = true}));
    check(nn::RNN(p / "r", 3, 5));
}

BOOST_AUTO_TEST_CASE(linear_recurrences_come_back) {
    Tape tape;
    Var const x      = tape.input(sequence({4, 2, 3}));
    auto const check = [&](auto f) {
        nn::ModelDescription const model{.layers = {{"", [&](Var v, Where) -> Var { return f(v); }}}, .features = 3};
        auto const a = elements(f(x)),
                   b = elements(read(nn::onnx::encoded(nn::onnx::model_of(model, {}, Where::here())))(x));
        for (std::size_t k = 0; k < a.size(); ++k)  // products and sums are fused in one of them
            BOOST_TEST(std::abs(a[k] - b[k]) <= 1e-6);
    };
    check([](Var v) -> Var { return linear_recurrence(0.3 * v, v + 1); });
    check([](Var v) -> Var { return linear_recurrence(v[0], v, v[1]); });
    check([](Var v) -> Var { return linear_recurrence(sum(v, {1, 2}), mean(v, {1, 2})); });
    check([](Var v) -> Var { return linear_recurrence(transpose(v, {1, 0, 2}), v[0][0]); });
}

BOOST_AUTO_TEST_CASE(states_go_in_and_out) {
    Params const p(1);
    nn::LSTM const lstm(p, 2, 3, {.layers = 2, .bidirectional = true});
    auto const again = read(bytes_of(lstm, {.states = true}));
    BOOST_TEST(again.inputs() == (std::vector<std::string>{"x", "h_0", "c_0"}), boost::test_tools::per_element());
    Tape tape;
    Var const x = tape.input(sequence({4, 2, 2})), h = tape.input(sequence({4, 2, 3})),
              c    = tape.input(sequence({4, 2, 3}));
    auto const r   = lstm(x, {.state = nn::LSTMCell::State{h, c}});
    auto const all = again.run(tape, {{"x", x}, {"h_0", h}, {"c_0", c}});
    BOOST_TEST(elements(all.at("y")) == elements(r.outputs), boost::test_tools::per_element());
    BOOST_TEST(elements(all.at("h_n")) == elements(r.state.h), boost::test_tools::per_element());
    BOOST_TEST(elements(all.at("c_n")) == elements(r.state.c), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(parameters_have_the_names_of_the_file_and_learn) {
    Params const p(1);
    nn::Sequential const net(p / "net", nn::Input{2}, keras::GRU(4), keras::Dense(1));
    auto const model = read(bytes_of(net));
    std::vector<std::string> names;
    for (Param* q : model.params().all())
        if (q->trained()) names.push_back(q->path());
    BOOST_TEST(names ==
                   (std::vector<std::string>{"net.0.l0.W", "net.0.l0.R", "net.0.l0.B", "net.1.bias", "net.1.weight"}),
               boost::test_tools::per_element());
    Adam adam(model.params(), {.rate = 0.02});
    double first = 0, last = 0;
    for (int k = 0; k < 60; ++k) {
        Tape tape;
        Var const x = tape.input(sequence({5, 8, 2}));
        Var loss    = mean(square(model(x) - x[0][0][0]));
        last        = loss.item();
        if (k == 0) first = last;
        adam.step(backward(loss));
    }
    BOOST_TEST(last < first / 10);
    fs::path const file = fs::temp_directory_path() / fs::unique_path();
    model.write(file.string());
    auto const again = nn::read_onnx(file.string());
    fs::remove(file);
    Tape tape;
    Var const x = tape.input(sequence({5, 8, 2}));
    BOOST_TEST(elements(model(x)) == elements(again(x)), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_file_that_is_written_again_is_the_same) {
    Params const p(1);
    std::string const bytes = bytes_of(nn::Stacked<nn::MGUCell>(p, 2, 3), {.states = true, .about = "an MGU"});
    fs::path const file     = fs::temp_directory_path() / fs::unique_path();
    read(bytes).write(file.string());
    BOOST_TEST(read_whole(file.string()) == bytes);
    fs::remove(file);
}

BOOST_AUTO_TEST_CASE(gradients_are_right) {
    Params const p(1);
    nn::LSTM const lstm(p, 2, 3);
    auto const model = read(bytes_of(lstm));
    auto const f     = [&](Tape&, std::span<Var const> in) -> Var { return model(in[0]); };
    BOOST_TEST(gradcheck(f, {sequence({3, 2, 2})}, model.params()).passed());
}

// ---- the cases that ONNX itself has ---------------------------------------------------------------------------------------

namespace {

fs::path const cases = "/usr/share/libonnx-testdata/data/node";
boost::test_tools::assertion_result installed(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result out(fs::exists(cases));
    out.message() << "the package libonnx-testdata is not installed";
    return out;
}

/// What a file gives for its inputs: false where an input is of a type that is not read.
bool run_case(fs::path const& folder, nn::OnnxModel const& model) {
    Tape tape;
    std::map<std::string, nn::OnnxModel::Input> in;
    std::map<std::string, xt::xarray<double>> expected;
    for (auto const& file : fs::directory_iterator(folder / "test_data_set_0")) {
        onnx_files::Tensor t;
        try {
            t = onnx_files::tensor(file);
        } catch (std::runtime_error const&) { return false; }
        bool const output = file.path().filename().string().starts_with("output");
        if (output) expected.emplace(t.name, t.value);
        else if (t.name == "sequence_lens") in.emplace(t.name, indices(tape, xt::xarray<Index>(t.value)));
        else in.emplace(t.name, tape.input(t.value));
    }
    auto const out = model.run(tape, in);
    for (auto const& [name, y] : expected)
        if (out.contains(name)) {
            BOOST_TEST_CONTEXT(folder.filename().string() << ' ' << name)
            BOOST_TEST(golden::near_in_norm(out.at(name).value<float>(), y, 1e-5));
        }
    return true;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_cases_of_onnx_give_what_they_should, *boost::unit_test::precondition(installed)) {
    int recurrent = 0, all = 0;
    for (auto const& entry : fs::directory_iterator(cases)) {
        std::string const name  = entry.path().filename().string();
        bool const is_recurrent = name.find("lstm") != name.npos || name.find("gru") != name.npos ||
                                  name.find("rnn") != name.npos || name == "test_scan9_sum";
        try {
            auto const model = nn::read_onnx((entry.path() / "model.onnx").string());
            if (!run_case(entry.path(), model)) continue;
            ++all, recurrent += is_recurrent;
        } catch (Error const& e) { BOOST_TEST(!is_recurrent, name << ": " << e.what()); }
    }
    BOOST_TEST_MESSAGE("cases: " << all << ", of which recurrent " << recurrent);
    BOOST_TEST(recurrent == 13);
    BOOST_TEST(all >= 100);
}

BOOST_AUTO_TEST_SUITE_END()
