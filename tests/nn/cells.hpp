// What the tests of all cells share: PyTorch's outputs and gradients, and networks to compare.
#pragma once
#include <boost/test/unit_test.hpp>
#include <golden.hpp>
#include <unspool.hpp>

namespace cells {

using namespace unspool;
using namespace unspool::core;

template <class Cell> constexpr bool has_c = !std::same_as<typename Cell::State, Var>;

/// The initial state of a cell, as Vars.
template <class Cell> typename Cell::State state(Var h, Var c) {
    if constexpr (has_c<Cell>) return {h, c};
    else return h;
}

template <class T> xt::xarray<T> without_first_axis(xt::xarray<T> a) {
    a.reshape(std::vector<std::size_t>(a.shape().begin() + 1, a.shape().end()));
    return a;
}

/// One run over a golden file's inputs and parameters, in one element type.
template <class Cell, class T> struct Run {
    golden::Json const& file;
    Params params{0, dtype_of<T>};
    Cell cell;
    Tape tape{dtype_of<T>};
    Var x, h0, c0;

    explicit Run(golden::Json const& j)
        : file(j)
        , cell(params, j["sizes"]["I"], j["sizes"]["H"], {.bias = j["bias"] ? nn::Bias::with : nn::Bias::without}) {
        for (Param* p : params.all()) p->assign(golden::array<T>(j["parameters"].at(p->path())));
        x  = tape.input(golden::array<T>(j["inputs"]["x"]), "x");
        h0 = initial("h0");
        if (j["inputs"].contains("c0")) c0 = initial("c0");
    }
    Var initial(char const* name) {
        return tape.input(without_first_axis(golden::array<T>(file["inputs"][name])), name);
    }
    auto weights(char const* output) const { return golden::array<T>(file["loss_weights"][output]); }

    void check(golden::Json const& expected, double tolerance) {
        auto const [hs, last] = scan(cell, x, state<Cell>(h0, c0));
        Var const output      = stack(hs);
        Var loss              = sum(output * weights("output"));
        loss                  = loss + sum(output_of(last) * without_first_axis(weights("h_n")));
        if constexpr (has_c<Cell>) loss = loss + sum(last.c * without_first_axis(weights("c_n")));

        auto const& outputs = expected["outputs"];
        BOOST_TEST(golden::near(output.template value<T>(), golden::array<T>(outputs["output"]), tolerance));
        BOOST_TEST(golden::near(output_of(last).template value<T>(),
                                without_first_axis(golden::array<T>(outputs["h_n"])), tolerance));
        if constexpr (has_c<Cell>)
            BOOST_TEST(golden::near(last.c.template value<T>(), without_first_axis(golden::array<T>(outputs["c_n"])),
                                    tolerance));
        BOOST_TEST(golden::distance(loss.item(), golden::number(expected["loss"])) <=
                   tolerance * static_cast<double>(output.template value<T>().size()));
        check_gradients(backward(loss), expected["gradients"], tolerance);
    }
    void check_gradients(Gradients const& g, golden::Json const& expected, double tolerance) {
        BOOST_TEST(golden::near(g[x].template value<T>(), golden::array<T>(expected["x"]), tolerance));
        BOOST_TEST(
            golden::near(g[h0].template value<T>(), without_first_axis(golden::array<T>(expected["h0"])), tolerance));
        if (!c0.empty())
            BOOST_TEST(golden::near(g[c0].template value<T>(), without_first_axis(golden::array<T>(expected["c0"])),
                                    tolerance));
        for (Param* p : params.all()) BOOST_TEST_CONTEXT(p->path())
        BOOST_TEST(golden::near(g[*p].template value<T>(), golden::array<T>(expected.at(p->path())), tolerance));
        BOOST_TEST(params.all().size() + (c0.empty() ? 2u : 3u) == expected.size());
    }
};

/// Outputs and all gradients are PyTorch's.
template <class Cell> void compare_with_pytorch(std::string const& name) {
    golden::Json const j = golden::file(name);
    BOOST_TEST_CONTEXT(name << " in double") Run<Cell, double>(j).check(j, 1e-12);
    BOOST_TEST_CONTEXT(name << " in float") Run<Cell, float>(j).check(j["float32"], 2e-6);
}

inline std::vector<std::string> paths(Params const& p) {
    std::vector<std::string> out;
    for (Param* q : p.all()) out.push_back(q->path());
    return out;
}

/// Fresh numbers, the same in each run.
inline xt::xarray<double> numbers(std::vector<std::size_t> const& shape, std::uint64_t seed) {
    xt::xarray<double> out = xt::empty<double>(shape);
    Random random(seed);
    for (double& x : out) x = random.uniform(-1.5, 1.5);
    return out;
}

/// A stacked cell gives the outputs and gradients of its textbook equations, `(Params p, Var x, State s) -> State`.
template <class Cell, class Textbook> void compare_with_textbook(Textbook textbook) {
    Params p(3, float64);
    Cell cell(p, 4, 6);
    auto run = [&](auto const& step) {
        Tape tape(float64);
        Var x = tape.input(numbers({5, 3, 4}, 1)), h = tape.input(numbers({3, 6}, 2)),
            c                 = tape.input(numbers({3, 6}, 4));
        auto const [hs, last] = scan(step, x, state<Cell>(h, c));
        Var y                 = sum(stack(hs) * numbers({5, 3, 6}, 5)) + sum(square(output_of(last)));
        Gradients g           = backward(y);
        std::vector<xt::xarray<double>> out{xt::xarray<double>(stack(hs).template value<double>()), g[x], g[h]};
        if constexpr (has_c<Cell>) out.push_back(g[c]);
        for (Param* q : p.all()) out.push_back(g[*q]);
        return out;
    };
    auto const ours = run(cell), theirs = run([&](Var x, typename Cell::State s) { return textbook(p, x, s); });
    BOOST_REQUIRE(ours.size() == theirs.size());
    for (std::size_t k = 0; k < ours.size(); ++k)
        BOOST_TEST_CONTEXT("array " << k) BOOST_TEST(golden::near(ours[k], theirs[k], 1e-12));
}

/// Rows of gate k out of n of a stacked parameter.
inline Var gate(Params const& p, Var beside, char const* name, Index k, Index n) {
    return piece(beside.tape().lift(p[name]), k, n, 0);
}

/// W x + b + U h + c, for gate k out of n.
struct GateSums {
    Var x, h;
    GateSums(Params const& p, Var in, Var state, Index k, Index n)
        : x(linear(in, gate(p, in, "weight_ih_l0", k, n), gate(p, in, "bias_ih_l0", k, n)))
        , h(linear(state, gate(p, in, "weight_hh_l0", k, n), gate(p, in, "bias_hh_l0", k, n))) {}
};

template <class E, class F> std::string message(F f) {
    try {
        f();
    } catch (E const& e) { return e.what(); }
    return "nothing of the kind was thrown";
}
inline bool has(std::string const& text, std::string const& part) {
    if (text.find(part) == std::string::npos) BOOST_TEST_MESSAGE(text);
    return text.find(part) != std::string::npos;
}

}  // namespace cells
