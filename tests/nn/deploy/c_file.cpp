// Files in C, and the tests that they bring.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fmt/format.h>
#include <nn/files/scratch.hpp>
#include <unspool.hpp>

using namespace unspool;

namespace {

constexpr char const* strict = "-std=c99 -Wall -Wextra -Wconversion -pedantic -Werror";

int shell(std::string const& command) { return std::system(command.c_str()); }

/// What its own test says.
int run_test(CFileOptions options) {
    files::TemporaryFolder const folder;
    Params const p(6);
    options.name = "cell";
    write_c((folder / "cell.c").string(), nn::MGUCell(p, 3, 8), options);
    return shell(fmt::format("cd {} && gcc {} -O1 cell.c cell_test.c -o cell_test -lm && ./cell_test >printed",
                             folder.folder.string(), strict));
}

std::string refused(auto const& cell) {
    files::TemporaryFolder const folder;
    try {
        write_c((folder / "cell.c").string(), cell, {.inputs = {{3}}});
    } catch (TypeError const& e) {
        BOOST_TEST(folder.names().empty());
        return e.what();
    }
    return "nothing was thrown";
}

struct Sorting {
    using State = Var;
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, 3}); }
    Var operator()(Var x, Var h) const { return tanh(cumsum(x + h, -1)); }
};
struct Own {
    static constexpr auto name = "own";
    template <class V> static V f(V x) { return x * x; }
    template <class V> static V df(V x, V) { return x + x; }
};
struct WithOwn : Sorting {
    Var operator()(Var x, Var h) const { return tanh(apply<Own>(x + h)); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(c_file)

BOOST_AUTO_TEST_CASE(brings_a_test_that_passes) {
    BOOST_TEST(run_test({}) == 0);
    BOOST_TEST(run_test({.dtype = float64}) == 0);
    BOOST_TEST(run_test({.batch = 3}) == 0);
    BOOST_TEST(run_test({.loaded = true}) == 0);
    BOOST_TEST(run_test({.int8 = true}) == 0);
    BOOST_TEST(run_test({.loaded = true, .int8 = true}) == 0);
    BOOST_TEST(run_test({.jacobian = true}) == 0);
    BOOST_TEST(run_test({.head = [](Var h) -> Var { return softmax(2 * h); }}) == 0);
}

BOOST_AUTO_TEST_CASE(has_its_equations_in_it) {
    files::TemporaryFolder const folder;
    write_c((folder / "mgu.c").string(), nn::MGUCell(Params(1), 2, 4));
    std::string const text = files::contents(folder / "mgu.c");
    BOOST_TEST(text.find("static real sigmoid(real x)") != std::string::npos, text);
    BOOST_TEST(files::contents(folder / "mgu.h").find("float h[4];") != std::string::npos);
    BOOST_CHECK_THROW(write_c((folder / "a.c").string(), nn::MGUCell(Params(1), 2, 4), {.name = "no name"}), NameError);
}

BOOST_AUTO_TEST_CASE(is_refused_of_what_c_cannot_say) {
    std::string const sorting = refused(Sorting()), own = refused(WithOwn());
    BOOST_TEST((sorting.find("c_file.cpp:") == 0 && sorting.find("cumsum is not among") != std::string::npos), sorting);
    BOOST_TEST(
        (own.find("c_file.cpp:") == 0 && own.find("own does not say how it is written in C") != std::string::npos),
        own);
}

BOOST_AUTO_TEST_SUITE_END()
