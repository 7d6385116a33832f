// What files are written: the nodes of layers and cells, their sizes, their weights, and what is refused.
#include <boost/filesystem.hpp>
#include <fstream>
#include <nn/onnx/outline.hpp>
#include <unspool/nn/onnx/encode.hpp>

using namespace onnx_tests;
namespace fs = boost::filesystem;

namespace {

/// The numbers of an initializer.
std::vector<double> initializer(nn::onnx::Model const& m, std::string_view name) {
    for (auto const& t : m.graph.initializers)
        if (t.name == name) return t.reals();
    BOOST_FAIL("no initializer is called " << name);
    return {};
}

template <class Error, class F> std::string thrown(F f) {
    try {
        f();
    } catch (Error const& e) { return e.what(); }
    BOOST_FAIL("nothing was thrown");
    return {};
}
bool has(std::string const& text, std::string_view part) { return text.find(part) != text.npos; }

struct Doubled {  // the user's, called like another
    static constexpr auto name = "square";
    template <class T> static T f(T x) { return x + x; }
    template <class T> static T df(T x, T) { return x * 0 + 2; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(writing_onnx)

BOOST_AUTO_TEST_CASE(an_lstm_is_the_operator) {
    Params const p(1);
    nn::LSTM const lstm(p / "lstm", 3, 2, {.layers = 2, .bidirectional = true});
    BOOST_TEST(outline(model_of(lstm, {.states = true}).graph) == R"(in x [time,batch,3]
in h_0 [4,batch,2]
in c_0 [4,batch,2]
t = Slice(h_0,n,n_2,n)
t_2 = Slice(c_0,n,n_2,n)
Y,Y_h,Y_c = LSTM(x,lstm.l0.W,lstm.l0.R,lstm.l0.B,,t,t_2) direction=bidirectional hidden_size=2
t_3 = Transpose(Y) perm=[0, 2, 1, 3]
t_4 = Reshape(t_3,n_3)
t_5 = Slice(h_0,n_2,n_4,n)
t_6 = Slice(c_0,n_2,n_4,n)
Y_2,Y_h_2,Y_c_2 = LSTM(t_4,lstm.l1.W,lstm.l1.R,lstm.l1.B,,t_5,t_6) direction=bidirectional hidden_size=2
t_7 = Transpose(Y_2) perm=[0, 2, 1, 3]
t_8 = Reshape(t_7,n_3)
h_n = Concat(Y_h,Y_h_2) axis=0
c_n = Concat(Y_c,Y_c_2) axis=0
y = Identity(t_8)
out y [time,batch,4]
out h_n [4,batch,2]
out c_n [4,batch,2]
)");
}

BOOST_AUTO_TEST_CASE(gates_are_in_the_order_of_onnx) {
    Params const p(1);
    nn::LSTM const lstm(p / "lstm", 1, 1, {}, {.peepholes = true});
    p["lstm.weight_ih_l0"].assign(xt::xtensor<double, 2>{{1}, {2}, {3}, {4}});
    p["lstm.bias_hh_l0"].assign(xt::xtensor<double, 1>{5, 6, 7, 8});
    p["lstm.weight_ci_l0"].assign(xt::xtensor<double, 1>{1}), p["lstm.weight_cf_l0"].assign(xt::xtensor<double, 1>{2});
    p["lstm.weight_co_l0"].assign(xt::xtensor<double, 1>{3});
    auto const m = model_of(lstm);
    BOOST_TEST(initializer(m, "lstm.l0.W") == (std::vector<double>{1, 4, 2, 3}), boost::test_tools::per_element());
    auto const b = initializer(m, "lstm.l0.B");
    BOOST_TEST((std::vector<double>(b.begin() + 4, b.end())) == (std::vector<double>{5, 8, 6, 7}),
               boost::test_tools::per_element());
    BOOST_TEST(initializer(m, "lstm.l0.P") == (std::vector<double>{1, 3, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(where_a_gru_resets_is_an_attribute) {
    Params const p(1);
    auto const outline_of = [&](char const* name, nn::Reset reset) {
        return outline(model_of(nn::GRU(p / name, 1, 1, {}, {.reset = reset})).graph);
    };
    BOOST_TEST(has(outline_of("after", nn::Reset::after), "linear_before_reset=1"));
    BOOST_TEST(has(outline_of("before", nn::Reset::before), "linear_before_reset=0"));
}

BOOST_AUTO_TEST_CASE(another_cell_is_scanned) {
    Params const p(1);
    nn::IRNNCell const cell(p / "irnn", 3, 2);
    BOOST_TEST(outline(model_of(cell).graph) == R"(in x [time,batch,3]
t = Shape(x)
t_2 = Gather(t,n) axis=0
t_3 = Concat(t_2,n_2) axis=0
t_4 = Expand(zeros,t_3)
h_end,ys = Scan(t_4,x) body={
in h0 [batch,2]
in x_2 [batch,3]
t_5 = Gemm(x_2,irnn.W.weight,irnn.W.bias) transB=1
t_6 = Gemm(h0,irnn.U.weight,t_5) transB=1
h = Relu(t_6)
h_2 = Identity(h)
y_2 = Identity(h)
out h_2 [batch,2]
out y_2 [batch,2]
} num_scan_inputs=1
t_7 = Unsqueeze(h_end,n_3)
y = Identity(ys)
out y [time,batch,2]
)");
}

BOOST_AUTO_TEST_CASE(a_model_is_one_file) {
    Params const p(1);
    nn::Sequential const reader(p, keras::Embedding(9, 2), keras::Bidirectional(keras::LSTM(3)), nn::Dropout{0.5},
                                keras::Dense(1, nn::sigmoid));
    BOOST_TEST(outline(model_of(reader).graph) == R"(in x int64 [time,batch]
t = Gather(0.weight,x) axis=0
Y,Y_h,Y_c = LSTM(t,1.l0.W,1.l0.R,1.l0.B) direction=bidirectional hidden_size=3
t_2 = Transpose(Y_h) perm=[1, 0, 2]
t_3 = Reshape(t_2,n)
t_4 = Gemm(t_3,3.weight,3.bias) transB=1
t_5 = Sigmoid(t_4)
y = Identity(t_5)
out y [batch,1]
)");
}

BOOST_AUTO_TEST_CASE(sizes_stay_open) {
    Params const p(1);
    nn::Sequential const net(p, nn::Input{4}, [](Var x) -> Var {
        Var const pairs = transpose(reshape(x, {x.size(0), x.size(1), 2, 2}), {1, 0, 3, 2});
        return concat({slice(pairs, 1, 1, -1), flip(slice(pairs, 1, 2, x.size(0)), 1)}, 1);
    });
    BOOST_TEST(outline(model_of(net).graph) == R"(in x [time,batch,4]
t = Reshape(x,n)
t_2 = Transpose(t) perm=[1, 0, 3, 2]
t_3 = Slice(t_2,n_2,n_3,n_2)
t_4 = Slice(t_2,n_4,n_5,n_2)
t_5 = Slice(t_4,n_3,n_6,n_2,n_3)
t_6 = Concat(t_3,t_5) axis=1
y = Identity(t_6)
out y [batch,size,2,2]
)");
}

// As Python's onnx 1.12 serialises the same model.
BOOST_AUTO_TEST_CASE(sizes_that_are_said_are_closed) {
    Params const p(1);
    nn::GRU const gru(p / "g", 2, 3);
    std::string const text = outline(model_of(gru, {.sizes = {{.time = 5, .batch = 4}}}).graph);
    BOOST_TEST((has(text, "in x [5,4,2]") && has(text, "out y [5,4,3]") && has(text, "g.l0.B,,g.l0.h_0")), text);
    BOOST_TEST((!has(text, "time") && !has(text, "batch") && !has(text, "Squeeze")), text);
    BOOST_TEST(has(thrown<ValueError>([&] { model_of(gru, {.sizes = {{.time = 5, .batch = 0}}}); }), "0 in a batch"));
}

BOOST_AUTO_TEST_CASE(the_bytes_are_those_of_protobuf) {
    Params const p(1);
    nn::Linear const linear(p / "l", 1, 1);
    p["l.weight"].assign(0.5), p["l.bias"].assign(2);
    std::string const bytes = nn::onnx::encoded(model_of(linear));
    std::string hex;
    for (char c : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
    BOOST_TEST(hex == "08071207756e73706f6f6c3aff010a420a086c2e77656967687412017422095472616e73706f73652a0d0a047065726d"
                      "40014000a0010732192533203d206c2e776569676874c2b778202b206c2e626961730a130a01780a01741203745f3222"
                      "064d61744d756c0a170a066c2e626961730a03745f321203745f3322034164640a120a03745f3312017922084964656e"
                      "746974791207756e73706f6f6c2a120801100142066c2e626961734a04000000402a1608010801100142086c2e776569"
                      "6768744a040000003f5a200a0178121b0a19080112150a06120474696d650a07120562617463680a02080162200a0179"
                      "121b0a19080112150a06120474696d650a07120562617463680a02080142040a00100e");
}

BOOST_AUTO_TEST_CASE(what_onnx_has_not_is_refused_by_name_and_line) {
    Params const p(1);
    auto const error    = [&](auto f) { return thrown<TypeError>([&] { model_of(nn::Sequential(nn::Input{2}, f)); }); };
    std::string const e = error([](Var x) -> Var { return cumprod(x + 1, 0); });
    BOOST_TEST((has(e, "write.cpp:") && has(e, "cumprod(") && has(e, "ONNX has no counterpart of cumprod")), e);
    std::string const own = error([](Var x) -> Var { return apply<Doubled>(x); });
    BOOST_TEST(has(own, "no counterpart of square"), own);
    std::string const sized = error([](Var x) -> Var { return x / static_cast<double>(x.size(1)); });
    BOOST_TEST(has(sized, "other numbers, for inputs of other sizes"), sized);
}

BOOST_AUTO_TEST_CASE(a_model_that_does_not_say_its_size_is_refused) {
    BOOST_TEST(has(thrown<ValueError>([] { model_of(nn::Sequential(nn::relu)); }), "nn::Input"));
    BOOST_TEST(has(outline(model_of(nn::Sequential(nn::relu), {.inputs = {{5}}}).graph), "[time,batch,5]"));
}

BOOST_AUTO_TEST_CASE(a_file_is_there_whole_or_as_it_was) {
    fs::path const file = fs::temp_directory_path() / fs::unique_path();
    std::ofstream(file.string()) << "before";
    auto const contents = [&] {
        std::ifstream in(file.string());
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    nn::Sequential const bad(nn::Input{2}, [](Var x) -> Var { return cumprod(x, 0); }), good(nn::Input{2}, nn::relu);
    BOOST_CHECK_THROW(write_onnx(file.string(), bad), TypeError);
    BOOST_TEST(contents() == "before");
    write_onnx(file.string(), good);
    BOOST_TEST(contents() == nn::onnx::encoded(model_of(good)));
    fs::remove(file);
}

BOOST_AUTO_TEST_SUITE_END()
