// Files that are cut, changed, or made to do harm: each is an error that says where, or a model.
#include <nn/onnx/outline.hpp>
#include <unspool/nn/onnx/decode.hpp>
#include <unspool/nn/onnx/encode.hpp>
#include <unspool/nn/onnx/read.hpp>
#include <unspool/nn/onnx/run.hpp>
#include <unspool/nn/onnx/wire.hpp>

using namespace onnx_tests;
using Network = nn::onnx::Graph;
using nn::onnx::Tensor;
using nn::onnx::WireWriter;

namespace {

/// What reading them says.
std::string refusal(std::string const& bytes) {
    try {
        nn::read_onnx(std::as_bytes(std::span(bytes)), "f.onnx");
    } catch (FileError const& e) { return e.what(); }
    return "read";
}
std::string refusal(Network g) { return refusal(nn::onnx::encoded({.graph = std::move(g)})); }
bool refused(std::string const& why, std::string_view part) {
    return why.starts_with("f.onnx: ") && why.find(part) != why.npos;
}

Tensor list(std::string name, std::vector<float> const& x) {
    return nn::onnx::tensor_of(std::move(name), nn::onnx::Element::float32, {std::ssize(x)}, x.data());
}
Tensor numbers(std::string name, std::vector<Index> const& x) {
    return nn::onnx::tensor_of(std::move(name), nn::onnx::Element::int64, {std::ssize(x)}, x.data());
}
/// One node of a list [2] and whole numbers.
Network one_node(nn::onnx::Node n, std::vector<Index> const& with) {
    return {.name         = "g",
            .nodes        = {std::move(n)},
            .initializers = {list("a", {1, 2}), numbers("n", with)},
            .outputs      = {{"y"}}};
}
/// What running it says.
std::string complaint(Network const& g) {
    std::string const bytes = nn::onnx::encoded({.graph = g});
    auto const model        = nn::read_onnx(std::as_bytes(std::span(bytes)), "f.onnx", {.most_elements = 1000});
    Tape tape;
    try {
        model.run(tape, {});
    } catch (FileError const& e) { return e.what(); }
    return "run";
}
std::string small_file() {
    Params const p(1);
    return nn::onnx::encoded(model_of(nn::Layer<nn::MGUCell>(p / "m", 1, 1), {.states = true}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile_onnx)

BOOST_AUTO_TEST_CASE(a_file_that_is_cut_is_refused_wherever_that_is) {
    std::string const whole = small_file();
    int read                = 0;
    for (std::size_t n = 0; n < whole.size(); ++n) read += refusal(whole.substr(0, n)) == "read";
    BOOST_TEST(read == 0);  // what says its opset comes last
    BOOST_TEST(refusal(whole) == "read");
}

BOOST_AUTO_TEST_CASE(a_byte_that_is_changed_gives_a_model_or_an_error) {
    std::string bytes = small_file();
    int read = 0, refused_ = 0;
    for (char& c : bytes)
        for (int bit = 0; bit < 8; ++bit) {
            c = static_cast<char>(c ^ (1 << bit));
            (refusal(bytes) == "read" ? read : refused_) += 1;
            c = static_cast<char>(c ^ (1 << bit));
        }
    BOOST_TEST((read > 100 && refused_ > 100));
}

BOOST_AUTO_TEST_CASE(what_a_download_gives_instead_is_named) {
    BOOST_TEST(refused(refusal("<!DOCTYPE html>\n<html></html>"), "no ONNX file, but a page in HTML"));
    BOOST_TEST(refused(refusal("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n"),
                       "no ONNX file, but a pointer of git-lfs"));
    std::string const zeros(40, '\0');
    std::string zip = "PK\x03\x04" + zeros.substr(0, 26) + "model/data.pkl";
    zip[26]         = 14;
    BOOST_TEST(refused(refusal(zip), "no ONNX file, but a zip of PyTorch"));
    BOOST_TEST(refused(refusal("\x80\x02\x8a" + zeros), "no ONNX file, but a pickle of Python"));
    BOOST_TEST(refused(refusal("\x89HDF\r\n\x1a\n" + zeros), "no ONNX file, but HDF5"));
    BOOST_TEST(refused(refusal("\x02" + zeros.substr(0, 7) + "{}"), "no ONNX file, but a safetensors file"));
    BOOST_TEST(refused(refusal("#pragma once\nint f();\n"), "no ONNX file, but a text"));
}

BOOST_AUTO_TEST_CASE(lengths_are_those_of_what_is_there) {
    WireWriter shape;
    shape.integer(1, PTRDIFF_MAX), shape.integer(1, 2), shape.integer(2, 1), shape.bytes(8, "w");
    WireWriter graph, model;
    graph.bytes(5, shape.written());
    model.bytes(7, graph.written());
    BOOST_TEST(refused(refusal(model.written()), "byte 4: no array can have the shape [9223372036854775807,2]"));
    Tensor t = list("w", {1, 2});
    t.shape  = {3};
    BOOST_TEST(refused(refusal(Network{.initializers = {t}}), "a tensor of float32 [3] has 8 bytes"));
    BOOST_TEST(refused(refusal(std::string("\x3a\xff\xff\xff\xff\x0f", 6)),
                       "byte 6: 4294967295 bytes are wanted, but 0 are left"));
    BOOST_TEST(refused(refusal(std::string(12, '\xff')), "a number is longer than 64 bits"));
    BOOST_TEST(refused(refusal(std::string("\x0b", 1)), "a field is of type 3"));
    BOOST_TEST(refused(refusal(""), "there is no graph"));
}

BOOST_AUTO_TEST_CASE(graphs_within_graphs_end) {
    auto g = std::make_shared<Network>();
    for (int k = 0; k < 6; ++k) {
        auto around   = std::make_shared<Network>();
        around->nodes = {{.op = "Scan", .attributes = {{"body", std::shared_ptr<Network const>(g)}}}};
        g             = around;
    }
    BOOST_TEST(refused(refusal(*g), "graphs are within each other more than 4 deep"));
}

BOOST_AUTO_TEST_CASE(names_are_made_once_and_before_they_are_read) {
    BOOST_TEST(refused(refusal(one_node({.op = "Add", .inputs = {"a", "b"}, .outputs = {"y"}}, {})),
                       "\"Add\" reads \"b\", which nothing before it makes"));
    BOOST_TEST(refused(refusal(one_node({.op = "Tanh", .inputs = {"a"}, .outputs = {"a"}}, {})),
                       "\"Tanh\" makes \"a\", which is there already"));
    BOOST_TEST(refused(refusal(one_node({.op = "Tanh", .inputs = {"a"}, .outputs = {"z"}}, {})),
                       "nothing makes the output \"y\""));
    BOOST_TEST(refused(refusal(Network{.initializers = {list("a", {1}), list("a", {1})}}),
                       "the initializer \"a\" is there twice"));
    BOOST_TEST(refused(refusal(Network{.initializers = {list("a/b", {1}), list("a.b", {1})}}),
                       "there is a parameter a.b already"));
    BOOST_TEST(refused(refusal(one_node({.op = "Conv", .inputs = {"a"}, .outputs = {"y"}}, {})),
                       "the operator \"Conv\" is not known"));
    BOOST_TEST(refused(refusal(Network{.name = "\xff"}), "a text is not UTF-8"));
    BOOST_TEST(refused(refusal(nn::onnx::encoded({.opset = 5})), "it is of opset 5, expected one of 7 to 22"));
}

BOOST_AUTO_TEST_CASE(values_that_would_be_huge_are_refused_before_they_are_made) {
    auto const huge = [](char const* op, std::vector<Index> const& n) {
        return complaint(one_node({.op = op, .inputs = {"a", "n"}, .outputs = {"y"}}, n));
    };
    BOOST_TEST(refused(huge("Expand", {Index{1} << 40, 2}), "has more than 1000 elements"));
    BOOST_TEST(refused(huge("Expand", {PTRDIFF_MAX, PTRDIFF_MAX, 2}), "has more than 1000 elements"));
    BOOST_TEST(refused(complaint(one_node({.op = "ConstantOfShape", .inputs = {"n"}, .outputs = {"y"}}, {1001})),
                       "has more than 1000 elements"));
    BOOST_TEST(refused(complaint(one_node({.op = "ConstantOfShape", .inputs = {"n"}, .outputs = {"y"}}, {1001, 0})),
                       "has more than 1000 elements"));  // along an axis
    BOOST_TEST(refused(huge("Pad", {0, 999}), "has more than 1000 elements"));
    BOOST_TEST(refused(huge("Reshape", {0, -1, -1}), "the shape has a size that is none"));
    Network doubling{.initializers = {list("a0", {1, 2})}, .outputs = {{"a12"}}};
    for (int k = 0; k < 12; ++k) {
        std::string const x = fmt::format("a{}", k);
        doubling.nodes.push_back({.op         = "Concat",
                                  .inputs     = {x, x},
                                  .outputs    = {fmt::format("a{}", k + 1)},
                                  .attributes = {{"axis", Index{0}}}});
    }
    BOOST_TEST(refused(complaint(doubling), "has more than 1000 elements"));
}

// Scans in scans take the product of their steps.
BOOST_AUTO_TEST_CASE(a_run_without_an_end_is_refused_while_it_runs) {
    using nn::onnx::Evaluation;
    Tape tape;
    std::string const file = "f.onnx";
    nn::onnx::Scope scope;
    Evaluation const run{tape, file, 17, 1000, {}, Evaluation::most_calls - 2};
    scope.values.emplace("a", value_of(run, list("a", {1, 2})));
    run(one_node({.op = "Tanh", .inputs = {"a"}, .outputs = {"y"}}, {}), scope);
    run(one_node({.op = "Tanh", .inputs = {"y"}, .outputs = {"z"}}, {}), scope);
    BOOST_CHECK_EXCEPTION(
        run(one_node({.op = "Tanh", .inputs = {"z"}, .outputs = {"u"}}, {}), scope), FileError, [](FileError const& e) {
            return refused(e.what(), "\"Tanh\": it would be run after 100000000 others, of scans in scans");
        });
}

BOOST_AUTO_TEST_CASE(what_goes_in_has_to_fit) {
    Params const p(1);
    std::string const bytes = nn::onnx::encoded(model_of(nn::GRU(p, 3, 2), {.states = true}));
    auto const model        = nn::read_onnx(std::as_bytes(std::span(bytes)), "f.onnx");
    Tape tape;
    Var const x = tape.zeros({4, 2, 5}), h = tape.zeros({1, 2, 2});
    BOOST_CHECK_THROW(model(x), ValueError);
    BOOST_CHECK_THROW(model.run(tape, {{"x", x}, {"h_0", h}}), ShapeError);
    BOOST_CHECK_THROW(model.run(tape, {{"h_0", h}}), NameError);
    Var const good = tape.zeros({4, 2, 3});
    BOOST_CHECK_THROW(model.run(tape, {{"x", good}, {"h_0", h}, {"z", h}}), NameError);
    NodeId const before = tape.size();
    BOOST_CHECK_THROW(model.run(tape, {{"x", good}, {"h_0", tape.zeros({1, 3, 2})}}), FileError);
    BOOST_TEST(tape.size() == before + 1);
    BOOST_TEST(model.run(tape, {{"x", good}, {"h_0", h}}).size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
