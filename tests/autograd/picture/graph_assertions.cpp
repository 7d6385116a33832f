// What tests ask of a graph.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unspool/autograd/picture/graph.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xbuilder.hpp>

using namespace unspool;
using namespace unspool::core;
namespace fs = std::filesystem;

namespace {

/// h' = tanh(h + x w), for so many steps.
struct Sums {
    Tape tape{float64};
    Params params{7, float64};
    Param &w = params.uniform("w", {3}, -1, 1), &unused = params.uniform("unused", {3}, -1, 1);
    Var xs, h0, h;

    explicit Sums(Index steps) {
        xs = tape.input(xt::ones<double>({static_cast<std::size_t>(steps), std::size_t{3}}), "xs");
        h = h0 = tape.input(xt::ones<double>({3}), "h0");
        for (Index t = 0; t < steps; ++t) {
            Scope const step(tape, t);
            Var z = h + xs[t] * w;
            h     = tanh(z);
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(findings)

BOOST_AUTO_TEST_CASE(nodes_of_each_step_are_counted) {
    Sums net(5);
    BOOST_TEST(Graph(net.h).nodes_per_step() == std::vector<Index>(5, 2), boost::test_tools::per_element());
    Tape tape(float64);
    BOOST_TEST(Graph(Var(tanh(tape.input(1.0)))).nodes_per_step().empty());
}

BOOST_AUTO_TEST_CASE(the_shortest_path_is_measured) {
    Sums net(5);
    BOOST_TEST(Graph(net.h).path_length(net.h0, net.h).value() == 10);  // twice five steps
    BOOST_TEST(Graph(net.h).path_length(net.xs, net.h).value() == 2);   // by the last step
    BOOST_TEST(Graph(net.h).path_length(net.h, net.h).value() == 0);
    BOOST_TEST(!Graph(net.h).path_length(net.h, net.h0));
    BOOST_TEST(!Graph(net.h).path_length(net.xs, net.h0));
}

BOOST_AUTO_TEST_CASE(parameters_that_are_not_reached_are_named) {
    Sums net(2);
    GraphAssertion const all = Graph(net.h).every_parameter_reached(net.params);
    BOOST_TEST(!all);
    BOOST_TEST(all.why == "the result does not depend on unused");
    BOOST_TEST(bool(Graph(Var(net.h * net.unused)).every_parameter_reached(net.params)));
}

BOOST_AUTO_TEST_CASE(a_golden_file_that_differs_is_told_line_by_line, *boost::unit_test::precondition([](auto) {
                         return boost::test_tools::assertion_result(!std::getenv("UNSPOOL_WRITE_GOLDEN"));
                     })) {
    fs::path const path = fs::temp_directory_path() / ("unspool-golden-" + std::to_string(::getpid()) + ".dot");
    Sums net(2);
    BOOST_TEST(Graph(net.h).equals_golden(path).why.find("there is no") == 0u);
    Graph(net.h).write(path);
    BOOST_TEST(bool(Graph(net.h).equals_golden(path)));
    std::string const why = Graph(net.h).legend(false).equals_golden(path).why;
    fs::remove(path);
    BOOST_TEST(why.find("-   labelloc=b;") != std::string::npos, why);
    BOOST_TEST(std::count(why.begin(), why.end(), '\n') == 1, why);
}

BOOST_AUTO_TEST_SUITE_END()
