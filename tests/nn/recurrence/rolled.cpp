// What a step that stands for all tells of all: one value a step, in the order of time, whatever a step makes of it.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fmt/format.h>
#include <regex>
#include <unspool/autograd/picture/graph.hpp>
#include <unspool/nn/nn.hpp>
#include <xtensor/xbuilder.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

constexpr Index steps = 20, batch = 2, hidden = 4;

/// The minimal gated unit, whose step uses its state three times.
struct Mgu {
    nn::Linear Wf, Uf, Wn, Un;
    Mgu(Params p, Index in, Index size)
        : Wf(p / "Wf", in, size), Uf(p / "Uf", size, size), Wn(p / "Wn", in, size), Un(p / "Un", size, size) {}
    Var operator()(Var x, Var h0) const {
        Var f = sigmoid(Wf(x) + Uf(h0));
        Var n = tanh(Wn(x) + Un(f * h0));
        Var h = (1 - f) * h0 + f * n;
        return h;
    }
    Var zeros(Tape& tape, Index n) const { return tape.constant(xt::zeros<float>({n, Uf.in()})); }
};

/// Three parts, each used several times.
struct Parts {
    struct State {
        Var h, slow, fast;
    };
    nn::Linear W;
    Parts(Params p, Index in, Index size) : W(p / "W", in, size) {}
    State operator()(Var x, State s) const {
        Var z    = sigmoid(W(x));
        Var lost = s.slow * 0.2;
        Var slow = s.slow - lost;
        Var kept = z * s.fast;
        Var fast = kept + s.fast * 0.1;
        Var half = s.h * 0.5;
        Var h    = half + s.h * 0.1;
        return {h, slow, fast};
    }
    State zeros(Tape& tape, Index n) const {
        auto const zero = [&](char const* name) { return tape.input(xt::zeros<float>({n, W.out()}), name); };
        return {zero("h0"), zero("slow0"), zero("fast0")};
    }
};

/// Weights with which the gradient by the state shrinks by the same factor from step to step.
void decay(nn::RNNCell const&, Params const& p) {
    p["cell.weight_hh_l0"].assign(0.5 * xt::eye<double>(std::size_t{hidden}));
}
void decay(nn::LSTMCell const&, Params const& p) { p["cell.weight_hh_l0"].assign(1e-3); }
template <class Cell> void decay(Cell const&, Params const&) {}

/// A run from zero, and the picture of it.
template <class Cell> struct Run {
    Tape tape{float64};
    Params params{1, float64};
    Cell cell{params / "cell", 3, hidden};
    std::string dot;

    Run() {
        for (Param* p : params.all()) p->assign(0);
        decay(cell, params);
        Var xs             = tape.constant(xt::xarray<double>(xt::zeros<double>({steps, batch, Index{3}})), "xs");
        auto const [hs, s] = scan(cell, xs, cell.zeros(tape, batch), "cell");
        Var last           = hs.back() * 1.0;
        Var loss           = sum(last);
        auto const parts   = states::parts(s);
        for (std::size_t k = 1; k < parts.size(); ++k) loss = loss + sum(parts[k]);
        Gradients const g = backward(loss, Keep::all);
        dot               = Graph(loss).rolled().colour(g).tooltips(false).legend(false).dot();
    }
    /// What the file says of the box that is called so.
    std::string box(std::string const& name) const {
        std::size_t const at = std::min(dot.find("<b>" + name + "\u00a0</b>"), dot.find("<b>" + name + "</b>"));
        BOOST_REQUIRE_MESSAGE(at < dot.size(), name << " is not in " << dot);
        std::size_t const begin = dot.rfind('\n', at) + 1;
        return dot.substr(begin, dot.find('\n', at) - begin);
    }
};

std::string found(std::string const& text, std::string const& pattern) {
    std::smatch m;
    return std::regex_search(text, m, std::regex(pattern)) ? m[1].str() : "";
}

/// The heights of the bars of all courses in a picture, from 0 to 7.
std::vector<std::vector<int>> courses(std::string const& dot) {
    std::vector<std::vector<int>> out;
    bool inside = false;
    for (std::size_t i = 0; i + 2 < dot.size(); ++i) {
        bool const bar = dot.compare(i, 2, "\xE2\x96") == 0 && static_cast<unsigned char>(dot[i + 2]) - 0x81u < 8;
        if (!bar && inside) inside = false;
        if (!bar) continue;
        if (!inside) out.emplace_back();
        out.back().push_back(static_cast<unsigned char>(dot[i + 2]) - 0x81), i += 2, inside = true;
    }
    return out;
}

template <class Cell> void require_monotonic() {
    Run<Cell> const run;
    auto const all = courses(run.dot);
    BOOST_TEST(all.size() >= 2u, run.dot);
    for (auto const& course : all) {
        BOOST_TEST((std::ssize(course) == steps || std::ssize(course) == steps - 1),
                   "a course of " << course.size() << " steps");
        BOOST_TEST(std::is_sorted(course.begin(), course.end()), run.dot);
    }
}

/// A link out of the rolled step has the colour of what came back along it, which is what came to `last`.
template <class Cell> void require_own_colour() {
    Run<Cell> const run;
    auto const id       = [](std::string const& box) { return found(box, "^ *(n\\d+) "); };
    auto const colour   = [](std::string const& box) { return found(box, "fillcolor=\"(#......)\""); };
    std::string const h = run.box("h"), last = run.box("last");
    BOOST_TEST(found(run.dot, id(h) + " -> " + id(last) + " \\[color=\"(#......)\"") == colour(last), run.dot);
    BOOST_TEST(colour(h) != colour(last), run.dot);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rolled_up)

BOOST_AUTO_TEST_CASE(a_monotonic_course_is_drawn_so) {
    require_monotonic<nn::RNNCell>();
    require_monotonic<nn::LSTMCell>();
    require_monotonic<nn::GRUCell>();
    require_monotonic<Mgu>();
    require_monotonic<Parts>();
}

BOOST_AUTO_TEST_CASE(a_link_out_of_it_has_its_own_colour) {
    require_own_colour<nn::RNNCell>();
    require_own_colour<nn::GRUCell>();
    require_own_colour<Mgu>();
    require_own_colour<Parts>();
}

BOOST_AUTO_TEST_CASE(least_median_and_greatest_are_of_single_steps) {
    Run<Mgu> const run;  // where the gradient by h is halved from step to step, and 1 in all 8 elements at the last
    auto const norm = [](double steps_from_the_end) {
        return fmt::format("{:.2g}", std::sqrt(8.0) * std::pow(0.5, steps_from_the_end));
    };
    BOOST_TEST(run.box("h").find(norm(steps - 1) + " · " + norm(9) + " · " + norm(0)) != std::string::npos,
               run.box("h"));
    BOOST_TEST(run.box("hₜ₋₁").find(norm(steps - 1) + " · " + norm(10) + " · " + norm(1)) != std::string::npos,
               run.box("hₜ₋₁"));
}

BOOST_AUTO_TEST_CASE(what_all_steps_share_has_no_course) {
    Tape tape(float64);
    Var const xs            = tape.constant(xt::xarray<double>(xt::ones<double>({5, 2})), "xs");
    Var const key           = tape.input(xt::xarray<double>{1, 2}, "key") * 2;
    Var const memory        = Var(key * key).named("memory");
    auto const cell         = [&](Var x, Var h) -> Var { return tanh(h * 0.5 + x * memory); };
    Var const loss          = sum(scan(cell, xs, tape.constant(xt::xarray<double>{0, 0})).state);
    Gradients const g       = backward(loss, Keep::all);
    std::string const dot   = Graph(loss).rolled().colour(g).tooltips(false).legend(false).dot();
    std::string const entry = found(dot, "\n *(n\\d+ [^\n]*<b>memory</b>[^\n]*)");
    BOOST_TEST(!entry.empty(), dot);
    BOOST_TEST(courses(entry).empty(), entry);
}

BOOST_AUTO_TEST_SUITE_END()
