// docs/agreement.md: what several engines make of the same steps.  UNSPOOL_WRITE_PAGES=1 writes it anew.
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <nn/online/learning.hpp>
#include <optional>
#include <regex>
#include <sstream>
#include <unspool/ops/derivatives/products.hpp>

using namespace online;

namespace {

constexpr char const* page = UNSPOOL_TESTS_DIR "/../docs/agreement.md";

/// Six steps of a cell on a tape.
struct Unrolled {
    Tape tape{float64};
    Var losses, last;

    Unrolled(core::SteppedCell const& cell, Stream const& stream) {
        std::vector<Var> state = cell.start(tape, 1);
        losses                 = tape.constant(0.0);
        for (std::size_t t = 0; t < stream.xs.size(); ++t) {
            std::vector<Var> xs;
            for (auto const& x : stream.xs[t]) xs.push_back(tape.constant(x));
            state  = cell.step(xs, state, 0);
            last   = cell.output(state);
            losses = losses + cost(last, stream.ys[t]);
        }
    }
};

/// The gradient as Vars, in the order of `flatten`: fixed parameters have none.
List recorded_gradient(Unrolled& u, Params const& params) {
    auto const all = gradient(u.losses, params);
    List out;
    auto g = all.begin();
    for (Param const* p : params.all()) {
        if (!p->trained()) {
            out.resize(out.size() + static_cast<std::size_t>(p->count()));
            continue;
        }
        auto const x = (*g++).value<double>();
        out.insert(out.end(), x.begin(), x.end());
    }
    return out;
}

/// wᵀ J v, of the last output by the parameters, by forward derivatives and by backward ones.
double error_of_forward(Unrolled& u, Params const& params, Numbers const& w) {
    Random random(9);
    core::Vars directions;
    List v;
    for (Param const* p : params.all()) {
        Numbers const d = drawn(p->shape(), random);
        if (p->trained()) directions.push_back(u.tape.constant(d)), v.insert(v.end(), d.begin(), d.end());
        else v.resize(v.size() + d.size());
    }
    List const g           = backward(Var(sum(u.last * w))).flatten(params);
    double sum_of_products = 0, size = 0;
    for (std::size_t k = 0; k < v.size(); ++k)
        sum_of_products += g[k] * v[k], size = std::max(size, std::abs(g[k] * v[k]));
    return std::abs(Var(sum(jvp(u.last, params, directions) * w)).item() - sum_of_products) / size;
}

double error_of_stream(plans::NamedCell const& cell, Stream const& stream, Var const& last) {
    nn::Stream<double> s(core::plan_of(cell.plannable(1), {1, cell.inputs, float64}, {}));
    List got;
    for (auto const& xs : stream.xs) {
        std::vector<std::span<double const>> spans;
        for (auto const& x : xs) spans.emplace_back(x.data(), x.size());
        auto const y = s.step(spans);
        got.assign(y.begin(), y.end());
    }
    auto const y = last.value<double>();
    return apart(got, List(y.begin(), y.end()));
}

/// An entry, and that it is small.
std::string entry(double error) {
    BOOST_TEST(error <= 1e-12);
    return error == 0 ? " 0 |" : fmt::format(" {:.0e} |", error);
}

std::string row(plans::NamedCell const& cell, Params const& params) {
    auto const c = cell.stepped();
    Stream const stream(c, cell.inputs, 1, 6);
    Unrolled u(c, stream);
    std::string out = "| " + cell.name + " |";
    if (!u.losses.requires_grad()) out += " nothing to learn | | |";
    else {
        Rtrl rtrl(c, params, {}, Where::here());
        List const expected = backward(u.losses).flatten(params);
        out += entry(apart(learn(rtrl, params, stream).all, expected));
        out += entry(apart(recorded_gradient(u, params), expected));
        out += entry(error_of_forward(u, params, stream.ys.back()));
    }
    return out + entry(error_of_stream(cell, stream, u.last)) + "\n";
}

std::string without_figures(std::string const& text) {
    return std::regex_replace(text, std::regex("\\| (0|[0-9]e-[0-9]+)(?= \\|)"), "| #");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(online_agreement)

BOOST_AUTO_TEST_CASE(of_all_engines_is_what_the_page_says) {
    std::string text = R"(# How the engines agree

Six steps of each cell, in double, from the same numbers, against `backward` through all of them: the greatest difference in a gradient or an output, of the greatest element. The columns are
gradients that `Rtrl` has while it runs, those that `gradient` records, the derivative of the last output along a random direction by `jvp`, and the output of a `nn::Stream`. None may be above
1e-12; a test computes this table and compares it, but for the figures.

| cell | `Rtrl` | `gradient` | `jvp` | `nn::Stream` |
|---|---|---|---|---|
)";
    Params const shipped(3, float64), examples(4, float64);
    for (auto const& cell : plans::shipped_cells(shipped)) text += row(cell, shipped);
    for (auto const& cell : plans::example_cells(examples)) text += row(cell, examples);
    if (std::getenv("UNSPOOL_WRITE_PAGES")) std::ofstream(page) << text;
    std::stringstream there;
    there << std::ifstream(page).rdbuf();
    BOOST_TEST(without_figures(there.str()) == without_figures(text));
}

BOOST_AUTO_TEST_SUITE_END()
