// Every elementwise operation, differentiated again, alone and as a part of a statement, whose value no node holds; in shapes that
// broadcast, at 120 places.
#include <boost/test/unit_test.hpp>
#include <ops/derivatives/checks.hpp>
#include <ops/elementwise/table.hpp>
#include <unspool/ops/all_ops.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace checks;
using table::Row;

namespace {

/// Places within the domain of an operation, where it has a derivative.
auto inside(Row const& r) {
    std::vector<double> avoided(r.kinks.begin(), r.kinks.end());
    avoided.insert(avoided.end(), r.jumps.begin(), r.jumps.end());
    return [=](Shape const& s, std::uint64_t seed) { return numbers(s, r.domain, avoided, seed); };
}

void check_rows(std::vector<Row> const& rows, std::vector<std::vector<Shape>> const& shapes) {
    for (Row const& r : rows) {
        if (r.surrogate) continue;
        for (auto const& s : shapes) {
            Case const c = viewed(fmt::format("{} {}", r.name, text(s[0])), s, std::vector<std::size_t>(s.size(), 0),
                                  inside(r), [call = r.call](Tape&, Inputs x) -> Var { return call(x); });
            check_second_order(c, 3e-7);
            check_third_order(c, r.name == std::string_view("atan2") ? 1e-5 : 3e-6);  // it nearly cancels in one place
        }
    }
}

template <class Op, std::size_t... k> Var in_a_statement(Inputs x, std::index_sequence<k...>) {
    return Var(square(apply<Op>(x[k]...)) + apply<Op>(x[k]...));
}
template <std::size_t operands, class... Op> void check_parts(List<Op...>) {
    (..., [] {
        if constexpr (requires { Op::surrogate; }) return;
        Row const r  = table::row<Op>(std::make_index_sequence<operands>{});
        Case const c = viewed(fmt::format("{} in a statement", r.name), std::vector<Shape>(operands, Shape{3, 4}),
                              std::vector<std::size_t>(operands, 0), inside(r), [](Tape&, Inputs x) {
                                  return in_a_statement<Op>(x, std::make_index_sequence<operands>{});
                              });
        check_second_order(c, 3e-7);
        check_third_order(c, 3e-6);
    }());
}

/// An operand, or a number inside the domain.
template <bool number, class Op> auto operand(Var const& x) {
    if constexpr (number) return Op::domain.low + 0.37 * (Op::domain.high - Op::domain.low);
    else return x;
}
template <class Op, unsigned numbers, std::size_t... k> void check_beside_numbers(std::index_sequence<k...> all) {
    Case const c =
        viewed(fmt::format("{} beside numbers, {:b}", Op::name, numbers), std::vector<Shape>(sizeof...(k), Shape{3, 4}),
               std::vector<std::size_t>(sizeof...(k), 0), inside(table::row<Op>(all)), [](Tape&, Inputs x) {
                   Var const y = apply<Op>(operand<(numbers >> k & 1) != 0, Op>(x[k])...);
                   return Var(y + 0 * (Var(x[k]) + ...));  // in a formula of its own, which is compiled once
               });
    check_second_order(c, 3e-7);
    check_third_order(c, 3e-6);
}
/// Each choice of operands that are numbers, but none, and all.
template <std::size_t operands, class... Op> void check_numbers(List<Op...>) {
    auto const each = []<class O, std::size_t... chosen>(std::index_sequence<chosen...>) {
        if constexpr (!requires { O::surrogate; })
            (check_beside_numbers<O, chosen + 1>(std::make_index_sequence<operands>{}), ...);
    };
    (each.template operator()<Op>(std::make_index_sequence<(1u << operands) - 2>{}), ...);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(derivatives_of_elementwise)

BOOST_AUTO_TEST_CASE(of_one_argument) { check_rows(table::unary(), {{{120}}, {{}}}); }
BOOST_AUTO_TEST_CASE(of_two_arguments) {
    check_rows(table::binary(), {{{40, 3}, {40, 3}}, {{4, 3}, {4, 1}}, {{3}, {4, 3}}});
}
BOOST_AUTO_TEST_CASE(of_three_arguments) {
    check_rows(table::ternary(), {{{40, 3}, {40, 3}, {40, 3}}, {{4, 1}, {1, 3}, {}}});
}
BOOST_AUTO_TEST_CASE(parts_of_one_argument) { check_parts<1>(UnaryOps{}); }
BOOST_AUTO_TEST_CASE(parts_of_two_arguments) { check_parts<2>(BinaryOps{}); }
BOOST_AUTO_TEST_CASE(parts_of_three_arguments) { check_parts<3>(TernaryOps{}); }
BOOST_AUTO_TEST_CASE(two_arguments_of_which_one_is_a_number) { check_numbers<2>(BinaryOps{}); }
BOOST_AUTO_TEST_CASE(three_arguments_of_which_some_are_numbers) { check_numbers<3>(TernaryOps{}); }

BOOST_AUTO_TEST_SUITE_END()
