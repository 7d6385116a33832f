// Parameters as they stand in and beside equations: linked, whole, and legible.
#include <autograd/picture/svg.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fmt/format.h>
#include <regex>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/picture/graph.hpp>
#include <unspool/autograd/picture/render.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/tape/scope.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xbuilder.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

/// Light and dark, in the sense of the sRGB standard.
double luminance(std::string const& colour) {
    if (colour == "white" || colour == "black") return colour == "white";
    double sum = 0;
    for (std::size_t i = 0; i < 3; ++i)
        sum += std::vector{0.2126, 0.7152, 0.0722}[i] *
               std::pow(std::stoi(colour.substr(1 + 2 * i, 2), nullptr, 16) / 255., 2.2);
    return sum;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(strips)

BOOST_AUTO_TEST_CASE(parameters_of_several_equations_stand_by_themselves_and_are_linked_to_all) {
    for (int equations : {2, 3, 6}) {
        Tape tape(float64);
        Params params(7, float64);
        Param &W = params.uniform("weight_of_all", {4, 4}, -1, 1), &b = params.uniform("bias_of_all", {4}, -1, 1);
        Var y = tape.input(xt::xarray<double>(xt::ones<double>({2, 4})), "x");
        for (int k = 0; k < equations; ++k) y = Var(tanh(linear(y, W) * b)).named(fmt::format("y{}", k));
        auto const picture = svg::parsed(rendered(Graph(y).tooltips(false).dot(), "svg", 60).picture);
        for (auto const& f : svg::flaws(picture)) BOOST_TEST(f == "", f);
        BOOST_TEST(picture.links.size() == static_cast<std::size_t>(3 * equations));
    }
}

BOOST_AUTO_TEST_CASE(names_of_parameters_can_be_read_on_any_colour) {
    int cells = 0;
    for (unsigned seed = 0; seed < 20; ++seed) {
        Tape tape(float64);
        Params params(seed, float64);
        Var h = tape.input(xt::xarray<double>(xt::ones<double>({2, 4})), "h");
        for (Index t = 0; t < 6; ++t) {
            Scope const step(tape, t);
            double const factor = std::pow(10, static_cast<double>(seed) - 10);
            h = Var(tanh(linear(h, params.uniform(fmt::format("W{}", t), {4, 4}, -1, 1)) * factor)).named("h");
        }
        Var const loss            = Var(mean(square(h))).named("loss");
        Gradients const gradients = backward(loss, Keep::all);
        std::string const dot     = Graph(loss).colour(gradients).tooltips(false).dot();
        static std::regex const name(R"x(bgcolor="(#[^"]*)"[^>]*><font point-size="9"(?: color="([^"]*)")?>)x");
        for (auto it = std::sregex_iterator(dot.begin(), dot.end(), name); it != std::sregex_iterator();
             ++it, ++cells) {
            BOOST_REQUIRE_MESSAGE((*it)[2].matched, "its colour would be that of the box around it");
            double const a = luminance((*it)[1].str()), b = luminance((*it)[2].str());
            BOOST_TEST((std::max(a, b) + 0.05) / (std::min(a, b) + 0.05) >= 3, it->str());
        }
    }
    BOOST_TEST(cells >= 40);
}

BOOST_AUTO_TEST_SUITE_END()
