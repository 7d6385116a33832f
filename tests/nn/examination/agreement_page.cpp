// docs/agreement.md: what several engines make of the same steps.  UNSPOOL_WRITE_PAGES=1 writes it anew.
#include <boost/test/unit_test.hpp>
#include <cells/clockwork.hpp>
#include <cells/conv_lstm.hpp>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <plans/cells.hpp>
#include <regex>
#include <sstream>
#include <unspool/nn/examination/agreement.hpp>

using namespace unspool;

namespace {

constexpr char const* page = UNSPOOL_TESTS_DIR "/../docs/agreement.md";

/// In a word, why an engine is left out.
std::string reason(std::string const& why) {
    for (auto const& [words, shorter] :
         {std::pair{"nothing to learn", "nothing to learn"}, std::pair{"told the number of the step", "counts steps"},
          std::pair{"no compiler here", "?"}, std::pair{"conv", "convolves"}})
        if (why.find(words) != std::string::npos) return shorter;
    BOOST_ERROR(why);
    return why;
}

std::string row(std::string const& name, core::ExaminedCell const& cell, std::vector<Shape> const& inputs,
                Params const& params) {
    std::string out = "| " + name + " |";
    for (auto const& [engine, error] : agreement(cell, params, {.inputs = inputs}, Where::here())) {
        BOOST_TEST((!error || *error <= 1e-12), name << ", " << engine << ": " << (error ? *error : 0));
        out += !error ? " " + reason(error.why) + " |" : *error == 0 ? " 0 |" : fmt::format(" {:.0e} |", *error);
    }
    return out + "\n";
}

std::string without_figures(std::string const& text) {
    return std::regex_replace(text, std::regex("\\| (0|\\?|[0-9]e-[0-9]+)(?= \\|)"), "| #");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(examination_agreement)

BOOST_AUTO_TEST_CASE(of_all_engines_is_what_the_page_says) {
    std::string text = R"(# How the engines agree

Six steps of each cell, in double, from the same numbers, against `backward` through all of them: the greatest difference in a gradient or an output, of the greatest element. The columns are
gradients that `Rtrl` has while it runs, those that `gradient` records, the derivative of the last output along a random direction by `jvp`, gradients and outputs of a scan that keeps one state in two and
computes the other steps again, the outputs of a `nn::Stream`, and those of the C file, as the system's compiler has it. None may be above
1e-12; a test computes this table and compares it, but for the figures. [A page of any cell](examine.md) has its row.

The echo state network has nothing to learn. The clockwork RNN is told the number of the step, which no plan can follow, and C has no convolution.

| cell | `Rtrl` | `gradient` | `jvp` | recomputed scan | `nn::Stream` | C file |
|---|---|---|---|---|---|---|
)";
    Params const shipped(3, float64), examples(4, float64), others(5, float64);
    for (auto const& cell : plans::shipped_cells(shipped))
        text += row(cell.name, cell.examined(), cell.inputs, shipped);
    for (auto const& cell : plans::example_cells(examples))
        text += row(cell.name, cell.examined(), cell.inputs, examples);
    ClockworkRNN const clockwork(others / "clockwork", 3, 2, 3);
    ConvLSTM const conv(others / "conv", 1, 2, 3, 3, 3);
    text += row("clockwork", core::examined_cell(clockwork), {{3}}, others / "clockwork");
    text += row("conv_lstm", core::examined_cell(conv), {{1, 3, 3}}, others / "conv");
    if (std::getenv("UNSPOOL_WRITE_PAGES")) std::ofstream(page) << text;
    std::stringstream there;
    there << std::ifstream(page).rdbuf();
    BOOST_TEST(without_figures(there.str()) == without_figures(text));
}

BOOST_AUTO_TEST_SUITE_END()
