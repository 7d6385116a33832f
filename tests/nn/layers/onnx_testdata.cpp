// The test cases that ONNX itself has for its recurrent operators, as Debian's package libonnx-testdata brings them.
#include <nn/cells.hpp>
#include <nn/layers/onnx_files.hpp>

using namespace unspool;
using namespace unspool::core;
namespace onnx = unspool::nn::onnx;
namespace fs   = boost::filesystem;
using onnx_files::OperatorNode;

namespace {

fs::path const folder = "/usr/share/libonnx-testdata/data/node";

boost::test_tools::assertion_result is_installed(boost::unit_test::test_unit_id) {
    if (fs::exists(folder)) return true;
    boost::test_tools::assertion_result no(false);
    no.message() << "the package libonnx-testdata is not installed";
    return no;
}

bool recurrent(OperatorNode const& n) { return n.op == "RNN" || n.op == "GRU" || n.op == "LSTM"; }

/// A case: a folder with a model of one node, its inputs and what should come out.
struct Case {
    OperatorNode node;
    std::map<std::string, xt::xarray<double>> arrays;

    explicit Case(fs::path const& where) : node(onnx_files::nodes(where / "model.onnx").at(0)) {
        for (auto const& file : fs::directory_iterator(where / "test_data_set_0")) {
            auto const t = onnx_files::tensor(file);
            arrays.emplace(t.name, t.value);
        }
    }
    bool has_input(std::size_t k) const { return k < node.inputs.size() && !node.inputs[k].empty(); }
    xt::xarray<double> input(std::size_t k) const {
        return has_input(k) ? arrays.at(node.inputs[k]) : xt::xarray<double>::from_shape({0});
    }

    onnx::Attributes attributes() const {
        onnx::Attributes a;
        for (auto const& [name, value] : node.integers) {
            if (name == "hidden_size") a.hidden_size = value;
            else if (name == "layout") a.layout = value == 1;
            else if (name == "linear_before_reset") a.linear_before_reset = value == 1;
            else throw std::runtime_error("teach this test the attribute " + name);
        }
        return a;
    }
    template <class Op> void run() const {
        Params params;
        Op const op(params, {.W = input(1), .R = input(2), .B = input(3), .P = input(7)}, attributes());
        Tape tape;
        auto var = [&](std::size_t k) { return has_input(k) ? tape.input(input(k), node.inputs[k]) : Var(); };
        std::vector<Index> lengths;
        for (double n : input(4)) lengths.push_back(static_cast<Index>(n));
        auto const [Y, Y_h, Y_c] = op(var(0), {.sequence_lens = lengths, .initial_h = var(5), .initial_c = var(6)});
        for (std::size_t k = 0; Var const& y : {Y, Y_h, Y_c}) compare(k++, y);
    }
    void compare(std::size_t k, Var y) const {
        if (k >= node.outputs.size() || node.outputs[k].empty()) return;
        BOOST_TEST_CONTEXT(node.outputs[k])
        BOOST_TEST(golden::near_in_norm(y.value<float>(), arrays.at(node.outputs[k]), 1e-6));
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(onnx_testdata)

BOOST_AUTO_TEST_CASE(all_recurrent_cases_pass, *boost::unit_test::precondition(is_installed)) {
    std::map<std::string, int> run;
    for (auto const& entry : fs::directory_iterator(folder)) {
        auto const name = entry.path().filename().string();
        if (name.find("rnn") == std::string::npos && name.find("gru") == std::string::npos &&
            name.find("lstm") == std::string::npos)
            continue;
        auto const nodes = onnx_files::nodes(entry.path() / "model.onnx");
        if (nodes.size() != 1 || !recurrent(nodes[0])) continue;
        BOOST_TEST_CONTEXT(name) {
            Case const c(entry.path());
            if (c.node.op == "RNN") c.run<onnx::RNN>();
            if (c.node.op == "GRU") c.run<onnx::GRU>();
            if (c.node.op == "LSTM") c.run<onnx::LSTM>();
            ++run[c.node.op];
        }
    }
    BOOST_TEST_MESSAGE("cases: RNN " << run["RNN"] << ", GRU " << run["GRU"] << ", LSTM " << run["LSTM"]);
    BOOST_TEST((run["RNN"] >= 4 && run["GRU"] >= 4 && run["LSTM"] >= 4));
}

BOOST_AUTO_TEST_SUITE_END()
