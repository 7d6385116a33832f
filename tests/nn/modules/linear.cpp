// Linear and Embedding: against PyTorch, and their errors.
#include <nn/cells.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

BOOST_AUTO_TEST_SUITE(linear_layer)

template <class T> void compare_linear(golden::Json const& j, double tolerance) {
    Params p(0, dtype_of<T>);
    auto const w = golden::array<T>(j["parameters"]["weight"]), x = golden::array<T>(j["inputs"]["x"]);
    bool const biased      = j["parameters"].contains("bias");
    nn::Linear const layer = biased ? nn::Linear(p, 4, 5) : nn::Linear(p, 4, 5, nn::no_bias);
    for (Param* q : p.all()) q->assign(golden::array<T>(j["parameters"].at(q->path())));
    Tape tape(dtype_of<T>);
    Var in = tape.input(x), y = layer(in);
    Gradients g = backward(y, golden::array<T>(j["loss_weights"]["output"]));
    BOOST_TEST(golden::near(y.value<T>(), golden::array<T>(j["outputs"]["output"]), tolerance));
    BOOST_TEST(golden::near(g[in].template value<T>(), golden::array<T>(j["gradients"]["x"]), tolerance));
    BOOST_TEST(p.all().size() == j["parameters"].size());
    for (Param* q : p.all())
        BOOST_TEST(golden::near(g[*q].template value<T>(), golden::array<T>(j["gradients"].at(q->path())), tolerance));
}

BOOST_AUTO_TEST_CASE(has_the_outputs_and_gradients_of_pytorch) {
    golden::Json const j = golden::file("layers");
    for (auto const& one : j["linear"]) BOOST_TEST_CONTEXT(one["name"]) {
            compare_linear<double>(one, 1e-13);
            compare_linear<float>(one, 1e-6);
        }
}

BOOST_AUTO_TEST_CASE(takes_a_term) {
    Params p(1, float64);
    nn::Linear layer(p / "U", 6, 2, nn::no_bias);
    Tape tape(float64);
    Var f = tape.input(numbers({3, 6}, 1)), h = tape.input(numbers({3, 6}, 2)), fh = f * h;
    Var y = layer(f * h), z = layer(fh);
    BOOST_TEST(golden::near(y.value<double>(), z.value<double>(), 0));
    BOOST_TEST(layer.in() == 6);
    BOOST_TEST(layer.out() == 2);
}

BOOST_AUTO_TEST_CASE(says_what_does_not_fit) {
    Params p;
    nn::Linear layer(p / "Wf", 4, 5);
    Tape tape;
    Var x  = tape.input(numbers({3, 6}, 1), "x");
    auto m = message<ShapeError>([&] { static_cast<void>(Var(layer(x))); });
    BOOST_TEST(has(m, "linear.cpp:"));
    BOOST_TEST(has(m, "k is 6 in x but 4 in Wf.weight"));
}

BOOST_AUTO_TEST_CASE(refuses_sizes_below_one_and_names_in_use) {
    Params p;
    BOOST_TEST(
        has(message<ValueError>([&] { nn::Linear(p / "Wf", 0, 5); }), "Linear Wf: in is 0, but must be at least 1"));
    BOOST_TEST(
        has(message<ValueError>([&] { nn::Linear(p / "Wf", 4, -1); }), "Linear Wf: out is -1, but must be at least 1"));
    BOOST_TEST(has(message<ValueError>([&] { nn::Embedding(p / "e", 0, 3); }),
                   "Embedding e: count is 0, but must be at least 1"));
    BOOST_TEST(has(message<ValueError>([&] { nn::Embedding(p / "e", 3, 0); }),
                   "Embedding e: dim is 0, but must be at least 1"));
    BOOST_TEST(p.all().empty());
    nn::Linear first(p / "Wf", 4, 5);
    BOOST_CHECK_THROW(nn::Linear(p / "Wf", 4, 5), NameError);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(embedding_layer)

template <class T> void compare_embedding(golden::Json const& j, double tolerance) {
    Params p(0, dtype_of<T>);
    nn::Embedding layer(p, 6, 3);
    layer.weight.assign(golden::array<T>(j["parameters"]["weight"]));
    xt::xarray<int> const ids = golden::array<int>(j["inputs"]["indices"]);
    Tape tape(dtype_of<T>);
    Var y       = layer(tape, ids);
    Gradients g = backward(y, golden::array<T>(j["loss_weights"]["output"]));
    BOOST_TEST(golden::near(y.value<T>(), golden::array<T>(j["outputs"]["output"]), 0));
    BOOST_TEST(
        golden::near(g[layer.weight].template value<T>(), golden::array<T>(j["gradients"]["weight"]), tolerance));
}

BOOST_AUTO_TEST_CASE(has_the_outputs_and_gradients_of_pytorch) {
    golden::Json const j = golden::file("layers");
    for (auto const& one : j["embedding"]) BOOST_TEST_CONTEXT(one["name"]) {
            compare_embedding<double>(one, 1e-13);
            compare_embedding<float>(one, 1e-6);
        }
}

BOOST_AUTO_TEST_SUITE_END()
