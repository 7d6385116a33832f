// The page that examines a cell: what it says, and what it says of what cannot be had.
#include <algorithm>
#include <browser.hpp>
#include <mgu.hpp>
#include <nn/files/scratch.hpp>
#include <unspool/nn/examination/examination.hpp>

using namespace unspool;
using namespace browser;

namespace {

bool says(std::string const& page, std::string const& words) { return page.find(words) != std::string::npos; }

std::ptrdiff_t times(std::string const& page, std::string const& pattern) {
    std::regex const what(pattern);
    return std::distance(std::sregex_iterator(page.begin(), page.end(), what), {});
}

/// Has no counterpart in C or ONNX, and is told the number of the step, which no plan can follow.
struct Counting {
    nn::Linear W;

    explicit Counting(Params p) : W(p / "W", 3, 3) {}
    using State = Var;
    Index in() const { return 3; }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 3}); }
    Var operator()(Var x, Var h, Index t) const {
        Var z = sigmoid(W(h) + x);
        Var y = t % 2 == 0 ? Var(z * h + x) : Var(0.5f * h);
        return y;
    }
};

/// A state in a state, and a member that is no Var and changes.
struct Nested {
    struct Inner {
        Var a, b;
        int steps = 0;
    };
    struct State {
        Inner inner;
        Var h;
    };
    nn::Linear W;

    explicit Nested(Params p) : W(p / "W", 2, 2) {}
    Index in() const { return 2; }
    State zeros(Tape& tape, Index batch) const {
        return {{tape.zeros({batch, 2}), tape.zeros({batch, 2}), 0}, tape.zeros({batch, 2})};
    }
    State operator()(Var x, State s) const {
        Var a = tanh(W(x) + s.h), b = 0.5f * s.inner.b + a, h = a * b;
        return {{a, b, s.inner.steps + 1}, h};
    }
};

/// Of several inputs, with nothing to learn.
struct Adding {
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 2}); }
    Var operator()(Var x, Var dt, Var h) const { return h + x * dt; }
};

core::Possible<double> const& error_of(Examination const& e, std::string const& engine) {
    auto const found =
        std::find_if(e.engines.begin(), e.engines.end(), [&](auto const& each) { return each.engine == engine; });
    BOOST_REQUIRE((found != e.engines.end()));
    return found->error;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(examination)

BOOST_AUTO_TEST_CASE(of_a_cell_of_ones_own_says_all) {
    Params p(1);  // float32, as users have them; what is compared is computed in double
    Mgu const mgu(p / "mgu", 3, 4);
    int trained              = 0;
    Examination const result = examine(mgu, p, {.title = "<b>mgu</b>", .train = [&] {
                                                    ++trained;
                                                    for (Param* x : p.all()) x->assign(0);
                                                }});
    BOOST_TEST(trained == 1);
    BOOST_REQUIRE(result.checks.size() == 2u);
    for (auto const& [order, check] : result.checks) {
        BOOST_TEST_REQUIRE(bool(check), check.why);
        BOOST_TEST(check->passed(), *check);
    }
    for (auto const& [engine, error] : result.engines) {
        if (engine == "C file" && !error) BOOST_TEST(says(error.why, "no compiler here"), error.why);
        else BOOST_TEST((error && *error <= 1e-12), engine << ": " << error.why);
    }
    BOOST_REQUIRE(result.dynamics.size() == 2u);
    Dynamics const &before = result.dynamics[0].second, &after = result.dynamics[1].second;
    BOOST_TEST(before.jacobians->step.back() > 0.1);
    for (double x : after.jacobians->step) BOOST_TEST(std::abs(x - 0.5) < 1e-12);  // f is ½ and n is 0: h' = h / 2
    BOOST_TEST(std::abs(after.spectrum->exponents[3] - std::log(0.5)) < 1e-9);
    BOOST_TEST((*before.gates)["f"].count == 400);
    BOOST_TEST((*before.squashed)["n"].count == 400);
    BOOST_TEST(*result.time > 0.05);
    BOOST_TEST(*result.onnx == "Scan");
    BOOST_TEST(result.c->weights == 4 * result.sheet->parameter_count());
    BOOST_TEST(result.c->source > 1000);

    std::string const page = result.html();
    check_offline(page);
    BOOST_TEST(says(page, "<h1>&lt;b&gt;mgu&lt;/b&gt;</h1>"));
    BOOST_TEST(says(page, "<msub><mi>h</mi><mn>0</mn></msub>"));
    BOOST_TEST(says(page, "h &amp;= \\left(1 - f\\right) \\odot h_{0} + f \\odot n"));
    for (auto* part : {"mgu.Wf.weight", "order 1", "order 2", "<code>Rtrl</code>", "<h3>after training</h3>",
                       "yes, as the operator Scan"})
        BOOST_TEST(says(page, part), part);
    if (installed("dot")) BOOST_TEST(says(page, "\"level\":\"statements\""));

    files::TemporaryFolder const folder;
    save(result, folder / "mgu.html");
    std::string const dom = dom_of(folder / "mgu.html");
    if (dom.empty()) {
        BOOST_TEST_MESSAGE("there is no Chromium to open the page with");
        return;
    }
    BOOST_TEST(times(dom, "<svg class=\"curves\"") == 3);  // both norms of Jacobians, and exponents
    BOOST_TEST(times(dom, "<path d=\"M[^\"]+\" style=\"stroke:var\\(--curve[01]\\)\"") == 6);
    std::string const copied =
        dom_after(folder / "mgu.html", "document.querySelector('details:has(#copy)').open = true;\n"
                                       "document.getElementById('copy').click();\n"
                                       "document.title = getSelection().toString();");
    BOOST_TEST(says(copied, "<title>\\begin{align*}"));
}

BOOST_AUTO_TEST_CASE(of_a_cell_that_no_plan_can_follow_says_why) {
    Params p(1);
    Counting const cell(p / "c");
    Examination const result = examine(cell, p);
    for (auto* engine : {"`nn::Stream`", "C file"})
        BOOST_TEST(says(error_of(result, engine).why, "told the number of the step"), engine);
    for (auto* engine : {"`Rtrl`", "`gradient`", "`jvp`", "recomputed scan"})
        BOOST_TEST((error_of(result, engine) && *error_of(result, engine) <= 1e-12), engine);
    BOOST_TEST(says(result.c.why, "told the number of the step"));
    BOOST_TEST(says(result.onnx.why, "told the number of the step"));
    BOOST_TEST(result.checks[0].second->passed());
    std::string const page = result.html();
    BOOST_TEST(times(page, "no: [^<]*told the number of the step") == 2);
    BOOST_TEST(says(page, "4 of 6"));
    BOOST_TEST(result.dynamics.size() == 1u);
    BOOST_TEST(!says(page, "after training"));
}

BOOST_AUTO_TEST_CASE(of_a_nested_state_with_a_count_says_what_is_left) {
    Params p(1);
    Nested const cell(p / "c");
    Examination const result = examine(cell, p);
    BOOST_TEST(says(error_of(result, "`Rtrl`").why, "members that are no Vars"));
    BOOST_TEST(says(error_of(result, "`nn::Stream`").why, "inner.steps"));
    BOOST_TEST(says(result.dynamics[0].second.spectrum.why, "members that are no Vars"));
    BOOST_TEST((error_of(result, "recomputed scan") && *error_of(result, "recomputed scan") <= 1e-12));
    BOOST_TEST(bool(result.dynamics[0].second.jacobians));
    BOOST_TEST(says(result.html(), "No exponents: page.cpp:"));
}

BOOST_AUTO_TEST_CASE(is_a_file_in_one_line) {
    Params params(1);
    nn::GRUCell const cell(params / "gru", 3, 4);
    Adam adam(params);
    auto const learn = [&] {
        Tape tape;
        adam.step(
            backward(mean(square(scan(cell, tape.constant(xt::ones<float>({4, 2, 3})), cell.zeros(tape, 2)).state))));
    };
    files::TemporaryFolder const folder;
    fs::path const file = folder / "gru.html";
    examine(cell, params, file, {.train = [&] { learn(); }});
    BOOST_TEST(says(content_of(file), "<title>gru</title>"));
    BOOST_TEST(says(content_of(file), "yes, as the operator GRU"));
}

BOOST_AUTO_TEST_CASE(of_several_inputs_wants_their_shapes) {
    Params const p(1);
    Adding const cell;
    BOOST_CHECK_THROW(examine(cell, p), ShapeError);
    Examination const result = examine(cell, p, {.inputs = {{2}, {1}}});
    BOOST_TEST(says(error_of(result, "`Rtrl`").why, "nothing to learn"));
    BOOST_TEST(*error_of(result, "`nn::Stream`") <= 1e-12);
    BOOST_TEST(result.sheet->equations.size() == 1u);
    BOOST_TEST(says(result.dynamics[0].second.jacobians.why, "the cell takes 2 inputs a step"));
    BOOST_TEST(bool(result.dynamics[0].second.spectrum), result.dynamics[0].second.spectrum.why);
    BOOST_CHECK_THROW(save(result, "/nowhere/x.html"), FileError);
}

BOOST_AUTO_TEST_SUITE_END()
