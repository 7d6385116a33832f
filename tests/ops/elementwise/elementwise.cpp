// The derivative of every elementwise operation within its domain, in shapes that broadcast, and at its kinks.
#include <boost/test/unit_test.hpp>
#include <ops/checks.hpp>
#include <ops/elementwise/table.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace checks;
using table::Row;

namespace {

constexpr double accuracy = 1e-7;

/// Arrays within the domain of an operation, where it has a derivative.
auto inside(Row const& r) {
    std::vector<double> avoided(r.kinks.begin(), r.kinks.end());
    avoided.insert(avoided.end(), r.jumps.begin(), r.jumps.end());
    return [=](Shape const& s, std::uint64_t seed) { return numbers(s, r.domain, avoided, seed); };
}

/// In each order of the operands that `orders` lists.
void check_orders(Row const& r, std::vector<Shape> const& shapes, std::vector<std::size_t> const& way,
                  std::vector<std::vector<std::size_t>> const& orders) {
    for (auto const& order : orders)
        check(viewed(fmt::format("{} {} {} {}", r.name, text(shapes[0]), text(shapes[1]), order[0]), shapes, way,
                     inside(r),
                     [call = r.call, order](Tape&, Inputs x) -> Var {
                         std::vector<Var> operands;
                         for (std::size_t k : order) operands.push_back(x[k]);
                         return call(operands);
                     }),
              accuracy);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(elementwise)

BOOST_AUTO_TEST_CASE(of_one_argument) {
    for (Row const& r : table::unary()) {
        auto const f = [call = r.call](Tape&, Inputs x) -> Var { return call(x); };
        for (Shape const& s : std::vector<Shape>{{}, {1}, {0}, {7}, {64}, {133}, {3, 5}, {2, 0, 3}, {2, 1, 3, 1, 2}})
            check(viewed(fmt::format("{} {}", r.name, text(s)), {s}, {0}, inside(r), f), accuracy);
        for (std::size_t way = 1; way < ways; ++way)
            for (Shape const& s : std::vector<Shape>{{}, {3}, {3, 17}, {2, 3, 4}})
                check(viewed(fmt::format("{} {}", r.name, text(s)), {s}, {way}, inside(r), f), accuracy);
    }
}

BOOST_AUTO_TEST_CASE(of_two_arguments) {
    std::vector<std::vector<Shape>> const shapes{
        {{3, 5}, {3, 5}}, {{3, 17}, {17}}, {{3, 5}, {3, 1}}, {{3, 5}, {}},        {{3, 1}, {1, 5}},
        {{0}, {1}},       {{133}, {133}},  {{1}, {}},        {{2, 3, 4}, {3, 1}}, {{2, 1, 3, 1, 2}, {4, 1, 5, 1}}};
    for (Row const& r : table::binary()) {
        if (r.surrogate) continue;
        for (auto const& s : shapes) check_orders(r, s, {0, 0}, {{0, 1}, {1, 0}});
        for (std::size_t way = 0; way < ways * ways; ++way) {
            check_orders(r, {{3, 4}, {3, 4}}, {way / ways, way % ways}, {{0, 1}});
            check_orders(r, {{2, 3, 4}, {3, 1}}, {way / ways, way % ways}, {{1, 0}});
        }
    }
}

BOOST_AUTO_TEST_CASE(of_three_arguments) {
    std::vector<std::vector<Shape>> const shapes{{{3, 5}, {3, 5}, {3, 5}}, {{3, 17}, {17}, {}},
                                                 {{3, 1}, {1, 5}, {5}},    {{}, {1}, {0}},
                                                 {{2, 3, 4}, {3, 1}, {4}}, {{67}, {67}, {1}}};
    for (Row const& r : table::ternary()) {
        for (auto const& s : shapes) check_orders(r, s, {0, 0, 0}, {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}});
        for (std::size_t way = 0; way < ways * ways; ++way)
            check_orders(r, {{2, 3, 4}, {3, 1}, {2, 3, 4}}, {way / ways, way % ways, way % 5}, {{0, 1, 2}});
    }
}

BOOST_AUTO_TEST_CASE(at_their_kinks) {
    std::size_t kinks = 0;
    for (Row const& r : table::unary())
        for (double kink : r.kinks) {
            auto const report = gradcheck([&](Tape&, Inputs x) -> Var { return r.call(x); },
                                          {Doubles{kink, r.domain.low, r.domain.high}});
            BOOST_TEST(report, r.name << "\n" << report);
            BOOST_TEST(report.kinks() == 1, r.name);
            ++kinks;
        }
    BOOST_TEST(kinks >= 7);
}

BOOST_AUTO_TEST_CASE(no_gradient_passes_a_jump) {
    double const nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
    for (Row const& r : table::unary())
        for (double jump : r.jumps)
            for (double g : {1.0, inf, nan}) {
                Tape tape(float64);
                Var const x = tape.input(jump, "x");
                BOOST_TEST(backward(r.call(std::array{x}), Doubles(g))[x].value<double>()() == 0, r.name);
            }
}

BOOST_AUTO_TEST_SUITE_END()
