// The recurrent layers: outputs, states and all gradients as PyTorch's, in every form.
#include <nn/cells.hpp>
#include <nn/layers/filled.hpp>
#include <unspool/nn/files/gate_orders.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

/// The norm of what differs is small beside that of what is expected.
template <class A> void near(A const& actual, golden::Json const& expected, double tolerance) {
    BOOST_TEST(golden::near_in_norm(actual, golden::array<double>(expected), tolerance));
}

template <class C, class T> struct Case {
    golden::Json const& json;
    std::vector<Index> lengths = json["lengths"].template get<std::vector<Index>>();
    Params params{0, dtype_of<T>};
    nn::Stacked<C> net;
    Tape tape{dtype_of<T>};
    Var x;
    std::vector<Var> s0;
    nn::Run<typename nn::StateOf<C>> run;

    Case(golden::Json const& j, typename C::Options const& cell)
        : json(j), net(params, 2, 3, {.layers = j["layers"], .bidirectional = j["bidirectional"]}, cell) {
        Index seed = 10;
        for (Param* p : params.all()) p->assign(filled<T>(seed++, p->shape()));
        x    = tape.input(filled<T>(1, {4, 3, 2}));
        seed = 2;
        for (auto& [name, last] : json["outputs"].items())
            if (name != "output") states_.push_back(last);
        std::reverse(states_.begin(), states_.end());  // h before c
        for (auto& last : states_)
            s0.push_back(tape.input(filled<T>(seed++, Shape::of(last["shape"].template get<std::vector<Index>>()))));
        run = net(x, {.state = states::whole<typename nn::StateOf<C>>(s0.data()), .lengths = lengths});
    }

    void check(double tolerance) {
        auto const last = states::parts(run.state);
        near(run.outputs.template value<T>(), json["outputs"]["output"], tolerance);
        Var loss = sum(run.outputs * filled<T>(4, run.outputs.shape()));
        for (std::size_t k = 0; k < last.size(); ++k) {
            near(last[k].template value<T>(), states_[k], tolerance);
            loss = loss + sum(last[k] * filled<T>(static_cast<Index>(5 + k), last[k].shape()));
        }
        check_gradients(backward(loss), tolerance);
    }
    void check_gradients(Gradients const& g, double tolerance) {
        auto const& expected = json["gradients"];
        near(g[x].template value<T>(), expected["x"], tolerance);
        near(g[s0[0]].template value<T>(), expected["h0"], tolerance);
        if (s0.size() > 1) near(g[s0[1]].template value<T>(), expected["c0"], tolerance);
        for (Param* p : params.all())
            BOOST_TEST_CONTEXT(p->path()) near(g[*p].template value<T>(), expected.at(p->path()), tolerance);
        BOOST_TEST(params.all().size() + 1 + s0.size() == expected.size());
    }

private:
    std::vector<golden::Json> states_;
};

template <class C> void compare(golden::Json const& j, typename C::Options const& cell) {
    BOOST_TEST_CONTEXT(j["kind"] << ", layers " << j["layers"] << ", bidirectional " << j["bidirectional"]
                                 << ", projection " << j["projection"] << ", lengths " << j["lengths"].dump()) {
        Case<C, double>(j, cell).check(1e-12);
        Case<C, float>(j, cell).check(2e-6);
    }
}

/// The outputs of a case with its gates in another order.
template <class C> xt::xarray<double> reordered(golden::Json const& j, std::vector<Index> const& order) {
    Case<C, double> c(j, {});
    for (Param* p : c.params.all()) p->assign(blocks_in_order(p->template value<double>(), order));
    return c
        .net(c.tape.constant(filled<double>(1, {4, 3, 2})),
             {.state = states::whole<nn::StateOf<C>>(c.s0.data()), .lengths = c.lengths})
        .outputs.template value<double>();
}
template <class C> void all_swaps_show(golden::Json const& j, std::vector<Index> const& order) {
    auto const expected = golden::array<double>(j["outputs"]["output"]);
    BOOST_TEST(golden::near_in_norm(reordered<C>(j, order), expected, 1e-12));
    for (std::size_t a = 0; a < order.size(); ++a)
        for (std::size_t b = 0; b < a; ++b) {
            auto swapped = order;
            std::swap(swapped[a], swapped[b]);
            BOOST_TEST(!golden::near_in_norm(reordered<C>(j, swapped), expected, 1e-3));
        }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pytorch)

BOOST_AUTO_TEST_CASE(computes_the_same) {
    auto const file = golden::file("recurrent");
    for (auto const& j : file["cases"]) {
        if (j["kind"] == "RNN") compare<nn::RNNCell>(j, {});
        if (j["kind"] == "RELU") compare<nn::RNNCell>(j, {.activation = nn::relu});
        if (j["kind"] == "GRU") compare<nn::GRUCell>(j, {});
        if (j["kind"] == "LSTM") compare<nn::LSTMCell>(j, {.projection = j["projection"]});
    }
    BOOST_TEST(file["cases"].size() == 33u);
}

// Each pair of gates that is swapped must show: else the numbers are too alike to tell gates apart.
BOOST_AUTO_TEST_CASE(would_notice_swapped_gates) {
    auto const file = golden::file("recurrent");
    for (auto const& j : file["cases"]) {
        if (j["kind"] == "LSTM" && j["projection"] == 0) all_swaps_show<nn::LSTMCell>(j, {0, 1, 2, 3});
        if (j["kind"] == "GRU") all_swaps_show<nn::GRUCell>(j, {0, 1, 2});
    }
}

BOOST_AUTO_TEST_SUITE_END()
