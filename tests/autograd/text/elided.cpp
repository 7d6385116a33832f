// However large the input, what is said of it is short.
#include <boost/test/unit_test.hpp>
#include <unspool/autograd/gradcheck/gradcheck.hpp>
#include <unspool/autograd/tape/bad_value.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/text/elided.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/ops/ops.hpp>
#include <valid_utf8.hpp>
#include <xtensor/xbuilder.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

template <class F> std::string message(F&& f) {
    try {
        f();
    } catch (Error const& e) { return e.what(); }
    return "";
}

bool has(std::string const& text, std::string_view part) { return text.find(part) != text.npos; }

/// Long enough to be read, and to be an answer; short enough for a terminal.
void require_short(std::string const& text) {
    BOOST_TEST(!text.empty());
    BOOST_TEST(text.size() < 2100u, text.size() << " bytes: " << text.substr(0, 400));
    BOOST_TEST(is_utf8(text));
}

std::string const long_name(1'000'000, 'n');

}  // namespace

BOOST_AUTO_TEST_SUITE(short_texts)

BOOST_AUTO_TEST_CASE(middles_are_left_out_between_characters) {
    BOOST_TEST(elided("abcdef", 6) == "abcdef");
    BOOST_TEST(elided("abcdefg", 6) == "abc … efg");
    for (std::size_t most = 6; most < 12; ++most) BOOST_TEST(is_utf8(elided("ααβγδεζηθικλ‖∇‖", most)));
    BOOST_TEST((some_of(5, 5) == std::vector<std::size_t>{0, 1, 2, 3, 4}));
    BOOST_TEST((some_of(100, 5) == std::vector<std::size_t>{0, 1, 2, 99}));
    BOOST_TEST((some_of(100, 5, 2) == std::vector<std::size_t>{0, 1, 2, 99}));
    BOOST_TEST((some_of(100, 5, 50) == std::vector<std::size_t>{0, 1, 2, 50, 99}));
    BOOST_TEST((some_of(100, 5, 99) == std::vector<std::size_t>{0, 1, 2, 99}));
    BOOST_TEST(some_of(0, 5).empty());
}

BOOST_AUTO_TEST_CASE(any_error) { require_short(ValueError(std::string(1'000'000, 'x')).what()); }

BOOST_AUTO_TEST_CASE(of_many_parameters) {
    Params params;
    for (int i = 0; i < 3000; ++i) params.zeros("layer" + std::to_string(i), {1});
    auto const m = message([&] { params["none"]; });
    BOOST_TEST(has(m, ": there is no parameter none; there are: layer0, layer1, "));
    BOOST_TEST(m.ends_with(", …, layer2999"));
    require_short(m);
    require_short(message([&] { params[long_name]; }));
    Tape tape;
    Var const y = tape.input(1.0) * 2;
    require_short(Graph(y).every_parameter_reached(params).why);
    BOOST_TEST(has(Graph(y).every_parameter_reached(params).why, ", …, layer2999: 3000 parameters"));
}

BOOST_AUTO_TEST_CASE(of_many_operands) {
    Tape tape;
    Where const line{"cell.cpp", 7};
    std::vector<Var> all(20'000, tape.input(xt::xarray<float>{1, 2}, "x"));
    all[15'000]  = tape.input(xt::xarray<float>(xt::ones<float>({3, 1})), "wrong");
    auto const m = message([&] { concat(all, 0, line); });
    require_short(m);
    BOOST_TEST(has(m, "\n      … 14994 more\n      wrong  [3,1]\n      … 4998 more\n      x      [2]"), m);
    auto const s = message([&] { stack(all, 0, line); });
    require_short(s);
    BOOST_TEST(has(s, "wrong"));
    all[15'000]      = tape.input(xt::xarray<float>{1, NAN}, "wrong");
    Var const joined = concat(all, 0, line).named("joined");
    auto const bad   = bad_value(tape, joined.window().node, 1e9);
    BOOST_REQUIRE(bad.has_value());
    require_short(text(*bad));
    BOOST_TEST(has(text(*bad), "wrong  [2]  from 1 to 1, 1 of 2 NaN"), text(*bad));
    BOOST_TEST(has(text(*bad), "and 19990 more"), text(*bad));
}

BOOST_AUTO_TEST_CASE(of_long_names) {
    Tape tape;
    Var const x = tape.input(xt::xarray<float>{1, 2}, long_name),
              y = tape.input(xt::xarray<float>{1, 2, 3}, "y" + long_name);
    require_short(label(x));
    require_short(message([&] { Var z(x + y * x - y); }));
    require_short(message([&] { Var z(matmul(x, y)); }));
    require_short(message([&] { x.item(); }));
    Var const z = log(x - x) + log(x - x * x);
    require_short(text(*first_bad_value(tape)));
    require_short(text(site_of(tape, z.window().node)));
    require_short(message([&] { Tape().lift(Param(long_name, {1}, float32)).value<double>(); }));
}

BOOST_AUTO_TEST_CASE(of_operations_within_operations) {
    Tape tape;
    Where part{"cell.cpp", 7};
    part.part = true;
    Var h     = tape.input(1.0, "x");
    for (int i = 0; i < 1000; ++i) h = Var(h + h, part);  // twice as long in each turn
    require_short(label(h));
}

BOOST_AUTO_TEST_CASE(of_a_check_of_many_inputs) {
    GradReport report;
    report.inputs.resize(20'000);
    for (auto& input : report.inputs) input.name = "input", input.shape = {1}, input.checked = 1;
    report.inputs[15'000].name  = "the one " + long_name;
    report.inputs[15'000].wrong = 1;
    auto const said             = text(report);
    BOOST_TEST(said.size() < 20'000u);
    BOOST_TEST(has(said, "the one"));
    BOOST_TEST(has(said, "1 WRONG"));
    BOOST_TEST(has(said, "and 19950 more inputs"));
}

BOOST_AUTO_TEST_SUITE_END()
