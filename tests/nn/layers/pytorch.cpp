// The recurrent layers: outputs, states and all gradients as PyTorch's, in every form.
#include <nn/cells.hpp>
#include <nn/layers/filled.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace cells;

namespace {

/// The norm of what differs is small beside that of what is expected.
template <class A> void near(A const& actual, golden::Json const& expected, double tolerance) {
    BOOST_TEST(golden::near_in_norm(actual, golden::array<double>(expected), tolerance));
}

template <class C, class T> struct Case {
    golden::Json const&              json;
    std::vector<Index>               lengths = json["lengths"].template get<std::vector<Index>>();
    Params                           params{0, dtype_of<T>};
    nn::Stacked<C>                   net;
    Tape                             tape{dtype_of<T>};
    Var                              x;
    std::vector<Var>                 s0;
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
        for (auto& last : states_) s0.push_back(tape.input(filled<T>(seed++, Shape::of(last["shape"].template get<std::vector<Index>>()))));
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
        for (Param* p : params.all()) BOOST_TEST_CONTEXT(p->path()) near(g[*p].template value<T>(), expected.at(p->path()), tolerance);
        BOOST_TEST(params.all().size() + 1 + s0.size() == expected.size());
    }

private:
    std::vector<golden::Json> states_;
};

template <class C> void compare(golden::Json const& j, typename C::Options const& cell) {
    BOOST_TEST_CONTEXT(j["kind"] << ", layers " << j["layers"] << ", bidirectional " << j["bidirectional"] << ", projection "
                                 << j["projection"] << ", lengths " << j["lengths"].dump()) {
        Case<C, double>(j, cell).check(1e-12);
        Case<C, float>(j, cell).check(2e-6);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pytorch)

BOOST_AUTO_TEST_CASE(computes_the_same) {
    auto const file = golden::file("recurrent");
    for (auto const& j : file["cases"]) {
        if (j["kind"] == "RNN") compare<Rnn>(j, {});
        if (j["kind"] == "RELU") compare<Rnn>(j, {.activation = [](Var x) -> Var { return relu(x); }});
        if (j["kind"] == "GRU") compare<Gru>(j, {});
        if (j["kind"] == "LSTM") compare<Lstm>(j, {.projection = j["projection"]});
    }
    BOOST_TEST(file["cases"].size() == 33u);
}

// Each pair of gates that is swapped must show: else the numbers are too alike to tell gates apart.
BOOST_AUTO_TEST_CASE(would_notice_swapped_gates) {
    auto const  file = golden::file("recurrent");
    auto const& all  = file["cases"];
    for (auto [kind, n] : {std::pair{"LSTM", 4}, std::pair{"GRU", 3}}) {
        auto const& j = *std::find_if(all.begin(), all.end(), [&](auto const& c) { return c["kind"] == kind && c["projection"] == 0; });
        for (int a = 0; a < n; ++a)
            for (int b = a + 1; b < n; ++b) {
                Params p(0, float64);
                Tape   tape(float64);
                auto   outputs = [&](auto const& net) {
                    Index seed = 10;
                    for (Param* q : p.all()) q->assign(filled<double>(seed++, q->shape()));
                    for (Param* q : p.all()) {
                        auto                     w   = q->value<double>();
                        xt::xarray<double> const was = w;
                        std::size_t const        rows = w.shape()[0] / static_cast<std::size_t>(n), ia = rows * static_cast<std::size_t>(a),
                                          ib = rows * static_cast<std::size_t>(b);
                        for (std::size_t r = 0; r < rows; ++r)
                            xt::view(w, ia + r) = xt::view(was, ib + r), xt::view(w, ib + r) = xt::view(was, ia + r);
                    }
                    return xt::xarray<double>(net(tape.constant(filled<double>(1, {4, 3, 2}))).outputs.template value<double>());
                };
                auto const got = n == 4 ? outputs(nn::LSTM(p, 2, 3)) : outputs(nn::GRU(p, 2, 3));
                BOOST_TEST(!golden::near_in_norm(got, golden::array<double>(j["outputs"]["output"]), 1e-3));
            }
    }
}

BOOST_AUTO_TEST_SUITE_END()
