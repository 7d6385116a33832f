// Names read off source lines.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <unspool/autograd/source/source.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/tape/scope.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xbuilder.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

struct Fixture {
    Tape tape{float64};
    Params params{3, float64};
    Param& W = params.uniform("W", {3, 3}, -1, 1);
    Param& U = params.uniform("U", {3, 3}, -1, 1);
    Var x    = tape.input(xt::xarray<double>(xt::ones<double>({2, 3})), "x");

    std::string name(NodeId id) const { return given_name(tape, tape[id].value); }
    /// Of all nodes since one, that are not parameters.
    std::vector<std::string> names_since(NodeId first) const {
        std::vector<std::string> out;
        for (NodeId id = first; id < tape.size(); ++id)
            if (!tape[id].param) out.push_back(name(id));
        return out;
    }
};
using Names = std::vector<std::string>;

std::string joined(Names const& names) { return fmt::format("{}", fmt::join(names, "|")); }

/// What the statements on one line of some text assign: "h=tanh; a|b=split".
std::string read_line(std::string const& text, unsigned line) {
    static int n    = 0;
    auto const path = new std::string((std::filesystem::temp_directory_path() /
                                       ("unspool-source-" + std::to_string(::getpid()) + "-" + std::to_string(n++)))
                                          .string());
    std::ofstream(*path) << text;
    std::string out;
    for (Assignment const& a : assignments({path->c_str(), line}))
        out += (out.empty() ? "" : "; ") + joined(a.names) + "=" + a.head;
    std::filesystem::remove(*path);
    delete path;
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(source)

BOOST_AUTO_TEST_CASE(heads_of_expressions) {
    for (auto [expression, head] : {std::pair{"tanh(a + b)", "tanh"},
                                    {"a * b + c", "+"},
                                    {"a + b - c", "-"},
                                    {"-a", "-"},
                                    {"-a * b", "*"},
                                    {"a / (b + c)", "/"},
                                    {"(a + b)", "+"},
                                    {"(a + b) * c", "*"},
                                    {"xs[3]", "[]"},
                                    {"xs[i + 1]", "[]"},
                                    {"f(x)[2]", "[]"},
                                    {"split<4>(z)", "split"},
                                    {"ops::split<2>(z)", "split"},
                                    {"x.detach()", "detach"},
                                    {"tape.input(a, \" \")", "input"},
                                    {"Var(a * b)", "*"},
                                    {"(a * b).named(\"  \")", "*"},
                                    {"1e-3 * x", "*"},
                                    {"x", ""},
                                    {"1.5", ""},
                                    {"", ""},
                                    {"cell->step(x)", "step"},
                                    {"[&](Var v) ", ""},
                                    {"f(x) - g(y)", "-"},
                                    {"f(-x)", "f"},
                                    {"a * -b", "*"}})
        BOOST_TEST(head_of(expression) == head, expression << " has the head " << head_of(expression));
}

BOOST_AUTO_TEST_CASE(assignments_of_a_line) {
    BOOST_TEST(read_line("Var h = tanh(x);", 1) == "h=tanh");
    BOOST_TEST(read_line("Var a = x * y; Var b = a + x;", 1) == "a=*; b=+");
    BOOST_TEST(read_line("auto const [i, f] = split<2>(z);", 1) == "i|f=split");
    BOOST_TEST(read_line("return tanh(x);", 1) == "=tanh");
    BOOST_TEST(read_line("int k;\nh = x * y; // Var g = x + y;", 2) == "h=*");
    BOOST_TEST(read_line("/* Var g = x; */ Var h = /* a + */ tanh(x);", 1) == "h=tanh");
    BOOST_TEST(read_line("Var h = f(x, \"; Var g = 1; \");", 1) == "h=f");
    BOOST_TEST(read_line("auto cell = [&](Var x, Var h) { return tanh(x + h); };", 1) == "cell=; =tanh");
    BOOST_TEST(read_line("auto cell = [&](Var x) { Var y = x * x; return y; };", 1) == "cell=; y=*; =");
    BOOST_TEST(read_line("for (Index t = 0; t < 3; ++t) h = tanh(h);", 1) == "=; =; h=tanh");
    BOOST_TEST(read_line("for (auto& x : xs) h = cell(x, h);", 1) == "h=cell");
    BOOST_TEST(read_line("if (a == b) h = tanh(h); else h = exp(h);", 1) == "h=tanh; h=exp");
    BOOST_TEST(read_line("void f() {\n    this->h = concat({x, h});\n}", 2) == "h=concat");
    BOOST_TEST(read_line("Var a = f(x, y), b = x * y;", 1) == "a=f; b=*");
    BOOST_TEST(read_line("Var h(a * b);", 1) == "h=*");
    BOOST_TEST(read_line("Var h = t == 1 ? core::relu(x) : tanh(x);", 1) == "h=relu; h=tanh");
    BOOST_TEST(read_line("Var h = a ? x : b ? exp(x) : x * x, g = x + y;", 1) == "h=; h=exp; h=*; g=+");
    BOOST_TEST(read_line("state.h = tanh(x);", 1) == "state.h=tanh");
    BOOST_TEST(read_line("h += tanh(x);", 1) == "=tanh");
    BOOST_TEST(read_line("bool b = x <= y;", 1) == "b=");
    BOOST_TEST(read_line("Var größe = tanh(x);", 1) == "größe=tanh");
    BOOST_TEST(read_line("Var h =\n    tanh(x +\n         y);\nVar g = exp(h);", 2) == "h=tanh");
    BOOST_TEST(read_line("Var h =\n    tanh(x +\n         y);\nVar g = exp(h);", 4) == "g=exp");
    BOOST_TEST(read_line("#define F(x) Var h = x;\nVar g = exp(h);", 2) == "g=exp");
    BOOST_TEST(read_line("auto s = R\"(Var h = x;)\"; Var g = 1'000 * x;", 1) == "s=; g=*");
    BOOST_TEST(read_line("", 1) == "");
    BOOST_TEST(read_line("Var h = tanh(x", 7) == "");
    BOOST_TEST(read_line("))}}((\"", 1) == "=");
}

BOOST_AUTO_TEST_CASE(lines_of_one_statement_belong_together) {
    static char const* const here = __FILE__;
    unsigned const line           = __LINE__ + 2;
    // clang-format off
    int const a = 1 +
                  2;
    int const b = a; int const c = b;
    // clang-format on
    BOOST_TEST(same_statement({here, line}, {here, line + 1}));
    BOOST_TEST(!same_statement({here, line + 1}, {here, line + 2}));
    BOOST_TEST(same_statement({here, line + 2}, {here, line + 2}));
    BOOST_TEST(!same_statement({here, line}, {"other.cpp", line}));
    (void)c;
}

BOOST_FIXTURE_TEST_CASE(parts_of_an_equation_do_not_take_its_name, Fixture) {
    NodeId const first = tape.size();
    Var n              = tanh(linear(x, W) + linear(x * x, U));
    auto const names   = names_since(first);
    BOOST_TEST(names.back() == "n");
    BOOST_TEST(std::count(names.begin(), names.end(), "n") == 1);
    (void)n;
}

/// A user's function: what it gives is recorded on lines of its own.
Var of_a_function(Var a, Var b) {
    Var inner = tanh(a) * b;
    return inner;
}

BOOST_FIXTURE_TEST_CASE(arguments_do_not_take_the_name_of_what_a_function_gives, Fixture) {
    auto const names_of = [&](auto const& f) {
        NodeId const first = tape.size();
        f();
        return joined(names_since(first));
    };
    BOOST_TEST(names_of([&] { [[maybe_unused]] Var h = of_a_function(x - 1, x); }) == "|inner");
    BOOST_TEST(names_of([&] { [[maybe_unused]] Var h = of_a_function(exp(x), x); }) == "|inner");
    BOOST_TEST(names_of([&] { [[maybe_unused]] Var h = of_a_function(concat({x, x}), concat({x, x})); }) == "||inner");
    BOOST_TEST(names_of([&] { [[maybe_unused]] Var h = of_a_function(x, x); }) == "inner");
    BOOST_TEST(names_of([&] { [[maybe_unused]] Var h = linear(x * x + 1, W); }) == "|h");
    BOOST_TEST(names_of([&] { [[maybe_unused]] Var h = apply<Softsign>(linear(x, W) + linear(x, U)); }) == "|h");
}

BOOST_FIXTURE_TEST_CASE(a_state_has_its_name_in_every_step, Fixture) {
    Var h              = tape.input(xt::xarray<double>(xt::zeros<double>({2, 3})), "start");
    NodeId const first = tape.size();
    for (Index t = 0; t < 3; ++t) {
        Scope const step(tape, t);
        h = 0.9 * h + 0.1 * tanh(linear(x, W) + linear(h, U));
    }
    auto const names = names_since(first);
    BOOST_TEST(std::count(names.begin(), names.end(), "h") == 3);
}

BOOST_FIXTURE_TEST_CASE(a_call_of_the_same_name_inside_does_not_take_it, Fixture) {
    NodeId const first = tape.size();
    Var y              = linear(linear(x, W), U);
    BOOST_TEST(joined(names_since(first)) == "|y");
    (void)y;
}

BOOST_FIXTURE_TEST_CASE(several_statements_on_a_line, Fixture) {
    NodeId const first = tape.size();
    // clang-format off
    Var a = x * x; Var b = a * x; Var c = a + b;
    // clang-format on
    BOOST_TEST(joined(names_since(first)) == "a|b|c");
    (void)c;
}

BOOST_FIXTURE_TEST_CASE(elements_of_one_line_have_their_own_names, Fixture) {
    Var q   = tape.input(xt::xarray<double>(xt::ones<double>({3, 2})), "q");
    Index t = 1;
    // clang-format off
    Var a = q[0], b = q[1], c = q[2];
    Var y = a * b - c;
    Var d = q[t], e = q[t + 1];  // which is which?
    Var z = d * e;
    // clang-format on
    BOOST_TEST(formula_of(tape, tape[y.window().node]) == "a * b - c");
    BOOST_TEST(formula_of(tape, tape[z.window().node]) == "q[1] * q[2]");
}

BOOST_FIXTURE_TEST_CASE(functors_of_one_letter_name_what_they_give, Fixture) {
    struct Map {
        Param& weight;
        Var operator()(Var in, Where where = Where::here()) const { return linear(in, weight, where); }
    };
    Params params(1, float64);
    Map const M{params.zeros("weight", {W.shape()[0], W.shape()[1]})};
    Var mx = M(x);
    BOOST_TEST(label(mx) == "mx");
}

BOOST_FIXTURE_TEST_CASE(a_loop_names_every_turn, Fixture) {
    NodeId const first = tape.size();
    Var h              = x;
    for (int t = 0; t < 3; ++t) h = tanh(linear(h, W) + x);
    auto const names = names_since(first);
    BOOST_TEST(std::count(names.begin(), names.end(), "h") == 3);
}

BOOST_FIXTURE_TEST_CASE(a_result_is_named_inside_the_function, Fixture) {
    auto named = [&](Var v) {
        Var inner = tanh(v);
        return inner;
    };
    auto plain         = [&](Var v) -> Var { return tanh(v); };
    NodeId const first = tape.size();
    Var y              = named(x);
    Var z              = plain(x);
    BOOST_TEST(joined(names_since(first)) == "inner|");
    (void)y, (void)z;
}

BOOST_FIXTURE_TEST_CASE(a_call_through_an_object_gives_its_name, Fixture) {
    struct {
        Param& weight;
        Var operator()(Var v, Where where = Where::here()) const { return linear(v, weight, where); }
    } const out{W};
    NodeId const first = tape.size();
    Var logits         = out(x);
    BOOST_TEST(joined(names_since(first)) == "logits");
    (void)logits;
}

BOOST_FIXTURE_TEST_CASE(views_take_the_name_of_what_they_are_assigned_to, Fixture) {
    auto [i, f, g] = split<3>(x);
    Var row        = x[1];
    Var part       = slice(x, 1, 0, 2);
    BOOST_TEST(label(i) == "i");
    BOOST_TEST(label(g) == "g");
    BOOST_TEST(label(row) == "row");
    BOOST_TEST(label(part) == "part");
    BOOST_TEST(label(x[0]) == "x[0]");
    BOOST_TEST(label(index(x, 1, 2)) == "x[:,2]");
    (void)f;
}

BOOST_FIXTURE_TEST_CASE(inputs_take_the_name_of_their_variable, Fixture) {
    Var y = tape.input(1.0), z = tape.constant(2.0), u = tape.constant(3.0);
    BOOST_TEST(label(y) == "y");
    BOOST_TEST(label(z) == "z");
    BOOST_TEST(label(u) == "u");
}

BOOST_FIXTURE_TEST_CASE(a_given_name_comes_first, Fixture) {
    Var y = Var(x * x).named("squared");
    BOOST_TEST(label(y) == "squared");
}

BOOST_AUTO_TEST_SUITE_END()
