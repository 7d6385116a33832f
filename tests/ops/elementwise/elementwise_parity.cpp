// Values and gradients of elementwise operations as PyTorch has them, at kinks and ties too.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <golden.hpp>
#include <ops/elementwise/table.hpp>
#include <set>
#include <unspool/autograd/backward/gradients.hpp>
#include <xtensor/xmath.hpp>

using namespace unspool;
using namespace unspool::core;
using Types = boost::mpl::list<float, double>;

namespace {

template <Real T> xt::xarray<T> operand(golden::Json const& inputs, golden::Json const& named) {
    if (named.is_number()) return xt::xarray<T>(named.get<T>());
    return golden::array<T>(inputs.at(golden::Json::json_pointer(named.get<std::string>())));
}

template <Real T> void compare(golden::Json const& inputs, golden::Json const& c) {
    double const tolerance = std::same_as<T, float> ? 2e-6 : 1e-13;
    auto const& expected   = c.at(std::string(text(dtype_of<T>)));
    std::string const name = c.at("name");
    Tape tape(dtype_of<T>);
    std::vector<Var> xs;
    for (auto const& x : c.at("operands")) xs.push_back(tape.input(operand<T>(inputs, x)));
    Var const y       = table::named(name, xs.size()).call(xs);
    Gradients const g = backward(y, golden::array<T>(inputs.at("loss_weights")));
    BOOST_TEST(golden::near_in_norm(y.value<T>(), golden::array<T>(expected.at("value")), tolerance), name);
    for (std::size_t k = 0; k < expected.at("gradients").size(); ++k) {
        auto const want = golden::array<T>(expected.at("gradients").at(k));
        BOOST_TEST(golden::near_in_norm(g[xs[k]].template value<T>(), want, tolerance),
                   fmt::format("{}, gradient {}", name, k));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(elementwise_parity)

BOOST_AUTO_TEST_CASE_TEMPLATE(with_pytorch, T, Types) {
    auto const file = golden::file("elementwise");
    for (auto const& c : file.at("cases")) compare<T>(file.at("inputs"), c);
}

BOOST_AUTO_TEST_CASE(every_operation_that_pytorch_has) {
    auto const file = golden::file("elementwise");
    std::set<std::string> compared{"scaled_tanh", "straight_through", "spike"};  // which it has not
    for (auto const& c : file.at("cases")) compared.insert(c.at("name"));
    for (table::Row const& r : table::all()) BOOST_TEST(compared.contains(r.name), r.name);
}

BOOST_AUTO_TEST_SUITE_END()
