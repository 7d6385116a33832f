// What the page says of learning, where it is known by hand: a loss that is a quadratic form.
#include <browser.hpp>
#include <mgu.hpp>
#include <nn/files/scratch.hpp>
#include <numeric>
#include <unspool/nn/examination/examination.hpp>

using namespace unspool;
using namespace browser;

namespace {

bool tells(std::string const& page, std::string const& words) { return page.find(words) != std::string::npos; }

/// y = W x
struct Line {
    Param& W;

    explicit Line(Params p) : W(p.zeros("W", {1, 2})) {}
    Index in() const { return 2; }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 1}); }
    Var operator()(Var x, Var) const { return linear(x, W); }
};

/// Each unit by itself: no product has a parameter for a factor.
struct Alone {
    Param& a;

    explicit Alone(Params p) : a(p.uniform("a", {3}, -1, 1)) {}
    Index in() const { return 3; }
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 3}); }
    Var operator()(Var x, Var h) const { return tanh(a * h + x); }
};

/// Half the squared distance from these, of one step: the Hessian of the mean is diag(2, 1/2).
ExamineOptions four_points() {
    xt::xtensor<double, 2> const wanted{{1.0}, {-0.5}, {1.0}, {-0.8}};
    xt::xtensor<double, 3> const xs{{{2.0, 0.0}, {-2.0, 0.0}, {0.0, 1.0}, {0.0, -1.0}}};
    return {.loss = [wanted](Var ys, auto) -> Var { return 0.5 * sum(square(ys[0] - ys.tape().constant(wanted)), -1); },
            .sequences = {xs}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(examination_of_learning)

BOOST_AUTO_TEST_CASE(has_what_is_known_of_a_quadratic_loss) {
    Params params(1, float64);
    Line const line(params);
    Examination const all = examine(line, params, four_points());
    BOOST_REQUIRE(all.learning.size() == 1u);
    BOOST_TEST_REQUIRE(bool(all.learning[0].second), all.learning[0].second.why);
    Learning const& l = *all.learning[0].second;
    BOOST_TEST(l.sequences == 4);
    BOOST_TEST(l.steps == 1);
    // gradients (-2, 0), (-1, 0), (0, -1), (0, -0.8)
    BOOST_TEST_REQUIRE(bool(l.noise), l.noise.why);
    BOOST_TEST(std::abs(l.noise->trace - 3.58 / 3) < 1e-12);
    BOOST_TEST(std::abs(l.noise->squared_norm - (0.765 - 3.58 / 12)) < 1e-12);
    BOOST_TEST_REQUIRE(bool(l.eigenvalues), l.eigenvalues.why);
    BOOST_REQUIRE(l.eigenvalues->size() == 2u);
    BOOST_TEST(std::abs(l.eigenvalues->front() - 0.5) < 1e-10);
    BOOST_TEST(std::abs(l.eigenvalues->back() - 2) < 1e-10);
    double const before = 2.89 / 8, least = before - (0.5625 / 2 + 0.2025 / 0.5) / 2;
    for (auto const* step : {&l.plain, &l.hessian_free, &l.kronecker}) {
        BOOST_TEST_REQUIRE(bool(*step), step->why);
        BOOST_TEST(std::abs((*step)->before - before) < 1e-12);
    }
    BOOST_TEST(std::abs(l.plain->after - (before - 0.765 * 0.765 / 1.22625 / 2)) < 1e-12);
    BOOST_TEST(std::abs(l.hessian_free->after - least) < 1e-3);
    // A + 0.395 I, for A is the Hessian here
    BOOST_TEST(std::abs(l.kronecker->after - 0.0316) < 1e-3);
    for (double w : params.flatten()) BOOST_TEST(w == 0);
    BOOST_TEST(tells(all.html(), "2.56: that of a batch of 2.56 is as large as its mean"));
}

BOOST_AUTO_TEST_CASE(is_of_what_the_cell_itself_says_with_other_numbers) {
    Params params(1);
    Mgu const mgu(params / "mgu", 3, 4);
    std::vector<double> const then = params.flatten();
    auto const half                = [&] {
        for (Param* p : params.all()) p->assign(0.1);
    };
    Examination const all = examine(mgu, params, {.train = half});
    BOOST_REQUIRE(all.learning.size() == 2u);
    for (auto const& [when, l] : all.learning) {
        BOOST_TEST_REQUIRE(bool(l), when << ": " << l.why);
        for (auto const* step : {&l->plain, &l->hessian_free, &l->kronecker}) {
            BOOST_TEST_REQUIRE(bool(*step), step->why);
            BOOST_TEST((*step)->after < (*step)->before);
        }
        BOOST_TEST(l->hessian_free->after < l->plain->after);
        BOOST_TEST(l->noise->trace > 0);
        BOOST_TEST(l->eigenvalues->back() > 0);
    }
    BOOST_TEST(all.learning[0].second->plain->before != all.learning[1].second->plain->before);
    files::TemporaryFolder const folder;
    save(all, folder / "mgu.html");
    std::string const dom = dom_of(folder / "mgu.html");
    if (dom.empty()) {
        BOOST_TEST_MESSAGE("there is no Chromium to open the page with");
        return;
    }
    std::string const section =
        dom.substr(dom.find("<h2>Learning</h2>"), dom.find("<h2>Costs</h2>") - dom.find("<h2>Learning</h2>"));
    for (auto* part : {"<th>at initialisation</th>", "<th>after training</th>", "noise of the gradient", "rates up to",
                       "a Hessian-free step", " of 6 parameters"})
        BOOST_TEST(tells(section, part), part);
    BOOST_TEST(!tells(section, "nan"));
}

BOOST_AUTO_TEST_CASE(is_of_a_loss_and_sequences_of_ones_own) {
    Params params(1, float64);
    Alone const cell(params);
    Random random(2);
    xt::xarray<double> const seen = core::noise_behind({5, 16}, {3}, random);
    files::TemporaryFolder const folder;
    fs::path const file = folder / "alone.html";
    // the first input, which is to be said at the end
    auto const first = [](Var ys, std::span<Var const> xs) -> Var { return mean(square(ys[-1] - xs[0][0]), -1); };
    examine(cell, params, file, {.loss = first, .sequences = {seen}});
    BOOST_TEST(tells(content_of(file), "Of 16 sequences of 5 steps"));
    Tape tape(float64);
    Var const xs         = tape.constant(seen);
    double const by_hand = Var(mean(square(scan(cell, xs, cell.zeros(tape, 16)).state - xs[0]))).item();
    auto const all       = examine(cell, params, {.loss = first, .sequences = {seen}});
    BOOST_TEST(std::abs(all.learning[0].second->plain->before - by_hand) < 1e-12);
}

BOOST_AUTO_TEST_CASE(says_in_a_line_what_cannot_be_had) {
    Params params(1, float64);
    Alone const alone(params);
    Examination const all = examine(alone, params);
    Learning const& l     = *all.learning[0].second;
    BOOST_TEST(bool(l.noise), l.noise.why);
    BOOST_TEST(tells(l.kronecker.why, "no parameter is a factor of products"));
    BOOST_TEST(tells(all.html(), "no: no parameter is a factor"));
    auto const of_one = examine(alone, params, {.loss = [](Var ys, auto) -> Var { return mean(ys); }});
    BOOST_TEST(tells(of_one.learning[0].second->plain.why, "not one loss for each of 32 sequences"));
    xt::xarray<double> const seen = xt::ones<double>({1, 1, 3});
    auto const of_two             = examine(alone, params, {.sequences = {seen, seen}});
    BOOST_TEST(tells(of_two.learning[0].second.why, "should be 1 of shapes [steps,batch,…]"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(directions_of_all_parameters)

/// Σ k x_k² / 2 has the eigenvalues 1, 2, …; what is not trained has none.
BOOST_AUTO_TEST_CASE(eigenvalues_of_a_diagonal) {
    Params params(1, float64);
    params.fixed("fixed", xt::xarray<double>{1, 2});
    Param &a = params.zeros("a", {3}), &b = params.zeros("b", {2, 2});
    Tape tape(float64);
    xt::xarray<double> const ka{1, 2, -3}, kb{{4, 5}, {6, 7}};
    Var const loss   = 0.5 * (sum(ka * square(tape.lift(a))) + sum(kb * square(tape.lift(b))));
    auto const size  = tape.size();
    auto const found = hessian_eigenvalues(loss, params);
    std::vector<double> const expected{-3, 1, 2, 4, 5, 6, 7};
    BOOST_REQUIRE(found.size() == expected.size());
    for (std::size_t k = 0; k < found.size(); ++k) BOOST_TEST(std::abs(found[k] - expected[k]) < 1e-9);
    BOOST_TEST(tape.size() == size);
    auto const few = hessian_eigenvalues(loss, params, 4);
    BOOST_REQUIRE(few.size() == 4u);
    BOOST_TEST(few.back() <= 7 + 1e-9);
    BOOST_TEST(few.front() >= -3 - 1e-9);
    BOOST_CHECK_THROW(hessian_eigenvalues(loss, params, 0), ValueError);
    Params fixed(1, float64);
    fixed.fixed("fixed", xt::xarray<double>{1, 2});
    BOOST_CHECK_THROW(hessian_eigenvalues(loss, fixed), ShapeError);
    Var const corner   = sum(pow(tape.lift(a), 1.5)),
              infinite = loss + corner;  // at 0, where its second derivative is infinite
    BOOST_CHECK_THROW(hessian_eigenvalues(infinite, params), ValueError);
}

BOOST_AUTO_TEST_CASE(conjugate_gradients_end_at_the_minimum) {
    std::vector<double> const a{1, 2, 5}, g{1, -4, 10};
    auto const product = [&](std::vector<double> const& d) {
        std::vector<double> out;
        for (std::size_t k = 0; k < a.size(); ++k) out.push_back(a[k] * d[k]);
        return out;
    };
    auto const found = conjugate_gradients(g, product, {0, 0, 0});
    for (std::size_t k = 0; k < a.size(); ++k) BOOST_TEST(std::abs(found.last()[k] + g[k] / a[k]) < 1e-9);
    BOOST_TEST(std::abs(found.models.back() + (1. / 1 + 16. / 2 + 100. / 5) / 2) < 1e-9);
    BOOST_TEST(found.products <= 5);
    BOOST_TEST(conjugate_gradients(g, product, {0, 0, 0}, 2).products == 2);
    auto const tiny = [&](std::vector<double> d) {
        return core::flat::along({0, 0, 0}, 1e-15, product(d));
    };  // in other units
    auto const same = conjugate_gradients(core::flat::along({0, 0, 0}, 1e-15, g), tiny, {0, 0, 0});
    for (std::size_t k = 0; k < a.size(); ++k) BOOST_TEST(std::abs(same.last()[k] + g[k] / a[k]) < 1e-9);
    auto const away    = [&](std::vector<double> const& d) { return core::flat::along({0, 0, 0}, -1, d); };
    auto const stopped = conjugate_gradients(g, away, {0, 0, 0});
    for (double x : stopped.last()) BOOST_TEST(x == 0);
}

BOOST_AUTO_TEST_SUITE_END()
