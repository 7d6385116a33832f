// Names are text: whatever bytes they have, Graphviz reads the same graph.
#include <algorithm>
#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/io.hpp>
#include <boost/process/search_path.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <hostile.hpp>
#include <iterator>
#include <regex>
#include <unspool/autograd/picture/graph.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xbuilder.hpp>

using namespace unspool;
using namespace unspool::core;
namespace bp = boost::process;
namespace fs = std::filesystem;

namespace {

std::size_t count(std::string const& s, std::string const& regex) {
    std::regex const r(regex);
    return static_cast<std::size_t>(std::distance(std::sregex_iterator(s.begin(), s.end(), r), {}));
}

/// What `dot -Tcanon` makes of a file; "" if it complains, but for letters that are wider in the font it has.
std::string canon(std::string const& dot) {
    fs::path const in  = fs::temp_directory_path() / ("unspool-markup-" + std::to_string(::getpid()) + ".dot"),
                   out = in.string() + ".canon", said = in.string() + ".said";
    std::ofstream(in, std::ios::binary) << dot;
    bp::child run(bp::search_path("dot"), bp::args = {"-Tcanon", "-o", out.string(), in.string()},
                  bp::std_err > said.string());
    run.wait();
    std::ifstream canonical(out, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(canonical), {}};
    std::ifstream complaints(said.string());
    bool silent = true;
    for (std::string line; std::getline(complaints, line);)
        silent = silent && (line.empty() || line.starts_with("in label of ") ||
                            (line.starts_with("Warning: ") && line.find("size too small for ") != line.npos));
    for (auto const& file : {in, out, said}) fs::remove(file);
    return run.exit_code() == 0 && silent ? text : "";
}

/// The same graph whatever its names: five boxes and four links.
std::string drawn(std::string const& input, std::string const& result, std::string const& module,
                  std::string const& param, bool tooltips) {
    Tape tape(float64);
    Params params(7, float64);
    Param& p = params.uniform(param, {2}, -1, 1);
    Var x = tape.input(xt::ones<double>({2}), input), h = tape.input(xt::ones<double>({2}), "h0");
    for (Index t = 0; t < 2; ++t) {
        Scope const cell(tape, module);
        Scope const step(tape, t);
        h = Var(tanh(x * p + h)).named(result);
    }
    return Graph(h).tooltips(tooltips).dot();
}

/// What is wrong with a drawing, that should be as this canonical one.
std::string trouble(std::string const& dot, std::string const& expected) {
    std::string const read = canon(dot);
    if (read.empty()) return "dot cannot read it";
    for (char const* what : {R"((^|\n)\s*n\d+\s*\[)", R"((^|\n)\s*n\d+ -> n\d+)", R"((^|\n)\s*subgraph )"})
        if (count(read, what) != count(expected, what)) return std::string("other structure: ") + what;
    std::regex const quoted("\"[^\"]*\""), links(R"((href|HREF|URL|image|src|SRC|target|shapefile)\s*="")");
    return std::regex_search(std::regex_replace(dot, quoted, "\"\""), links) ? "a link or an image" : "";
}

rc::Gen<std::string> nasty() {
    return rc::gen::map(hostile_text(), [](std::string const& s) { return "n" + s; });  // not empty
}

}  // namespace

BOOST_AUTO_TEST_SUITE(markup)

BOOST_AUTO_TEST_CASE(names_of_any_bytes_never_change_the_structure) {
    std::string const plain = canon(drawn("x", "h", "cell", "p", true));
    BOOST_TEST(count(plain, R"((^|\n)\s*n\d+\s*\[)") == 6u);
    BOOST_TEST(rc::check([&] {
        std::string const input = *nasty(), result = *nasty(), module = *nasty(), param = *nasty();
        RC_ASSERT(trouble(drawn(input, result, module, param, true), plain) == "");
    }));
}

BOOST_AUTO_TEST_CASE(a_very_long_name_is_shortened) {
    std::string const plain = canon(drawn("x", "h", "cell", "p", true));
    for (std::string const unit : {"n", "ü", "\\", "\xff", "<", "\""}) {
        std::string name;
        while (name.size() < 64 * 1024) name += unit;
        std::string const dot = drawn(name, name, name, name, true);
        BOOST_TEST(trouble(dot, plain) == "");
        BOOST_TEST(dot.size() < 400'000u);
    }
}

BOOST_AUTO_TEST_SUITE_END()
