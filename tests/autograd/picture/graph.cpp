// Pictures: what they show, that they are the same everywhere, and that dot draws them.
#include <algorithm>
#include <boost/process/search_path.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <regex>
#include <runs.hpp>
#include <sstream>
#include <unspool/autograd/picture/diagram.hpp>
#include <unspool/autograd/picture/graph.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xbuilder.hpp>

using namespace unspool;
using namespace unspool::core;
namespace fs = std::filesystem;

namespace {

std::string content_of(fs::path const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

xt::xarray<double> numbers(std::vector<std::size_t> const& shape) {
    xt::xarray<double> out(shape);
    double v = 0.1;
    for (auto& x : out) x = std::sin(v += 0.7);
    return out;
}

/// Compares with tests/golden/graph/<name>.dot; UNSPOOL_WRITE_GOLDEN=1 writes it instead.
void check_golden(Graph const& g, std::string const& name) {
    GraphAssertion const equal = g.equals_golden(fs::path(UNSPOOL_TESTS_DIR) / "golden/graph" / (name + ".dot"));
    BOOST_TEST(bool(equal), equal.why);
}

std::string unescaped(std::string_view s) {
    std::string out;
    while (!s.empty()) {
        std::size_t length = 1;
        char c             = s[0];
        for (auto [from, to] : {std::pair{"&#91;", '['},
                                {"&#93;", ']'},
                                {"&lt;", '<'},
                                {"&gt;", '>'},
                                {"&quot;", '"'},
                                {"&amp;", '&'},
                                {"\\\\", '\\'}})
            if (s.starts_with(from)) c = to, length = std::string_view(from).size();
        out += c;
        s.remove_prefix(length);
    }
    return out;
}

/// Every box as one line of plain text: "h = o * tanh(c) | [2,4]"; after it its parameters, as "[Wf [4,3]] [Uf [4,4]] ".
std::vector<std::string> boxes_of(Graph const& g) {
    static std::regex const label(R"(label=<(.*)>\];)"), space(R"(<br[^>]*/><font)"), tag("<[^>]*>"),
        equals("\u00a0 ?="), cell("<td[^>]*bgcolor[^>]*>((?:(?!</td>).)*)</td>"),
        higher("<font point-size=\"11\">\u00a0</font>"),
        broken("<br align=\"left\"/><font point-size=\"14\">\u00a0\u00a0</font>"), bytes(" · \\d+ B");
    std::vector<std::string> out;
    std::istringstream in(g.dot());
    for (std::string line; std::getline(in, line);) {
        std::smatch m;
        if (line.find(" -> ") != line.npos || !std::regex_search(line, m, label)) continue;
        std::string s =
            std::regex_replace(std::regex_replace(std::regex_replace(m[1].str(), higher, ""), broken, " "), bytes, "");
        std::string cells;
        for (auto it = std::sregex_iterator(s.begin(), s.end(), cell); it != std::sregex_iterator(); ++it)
            cells += "[" + unescaped(std::regex_replace((*it)[1].str(), tag, "")) + "] ";
        s = std::regex_replace(std::regex_replace(std::regex_replace(s, cell, ""), space, " | <font"), tag, "");
        s = std::regex_replace(unescaped(s), equals, " =");
        if (!s.empty()) out.push_back(s);
        if (!cells.empty()) out.push_back(cells);
    }
    return out;
}
bool has(Graph const& g, std::string const& box) {
    auto const all = boxes_of(g);
    for (auto& b : all) BOOST_TEST_INFO(b);
    return std::find(all.begin(), all.end(), box) != all.end();
}
std::size_t occurrences(std::string const& s, std::string const& what) {
    std::size_t n = 0;
    for (std::size_t i = s.find(what); i != std::string::npos; i = s.find(what, i + 1)) ++n;
    return n;
}

Graph plain(Graph g) { return g.tooltips(false); }
template <class X> Graph plain(X const& x) { return plain(Graph(x)); }

struct Mgu {
    Param &Wf, &Uf, &bf, &Wn, &Un, &bn;
    explicit Mgu(Params p)
        : Wf(p.uniform("Wf.weight", {4, 3}, -1, 1))
        , Uf(p.uniform("Uf.weight", {4, 4}, -1, 1))
        , bf(p.uniform("bf", {4}, -1, 1))
        , Wn(p.uniform("Wn.weight", {4, 3}, -1, 1))
        , Un(p.uniform("Un.weight", {4, 4}, -1, 1))
        , bn(p.uniform("bn", {4}, -1, 1)) {}
    Var operator()(Var x, Var h0) const {
        Var f = sigmoid(linear(x, Wf) + linear(h0, Uf) + bf);
        Var n = tanh(linear(x, Wn) + linear(f * h0, Un) + bn);
        Var h = (1 - f) * h0 + f * n;
        return h;
    }
};

struct Unrolled {
    Tape tape{float64};
    Params params{7, float64};
    Mgu mgu{params / "mgu"};
    Var xs, h;

    explicit Unrolled(Index steps) {
        xs = tape.input(numbers({static_cast<std::size_t>(steps), 2, 3}), "xs");
        h  = tape.input(numbers({2, 4}), "h0");
        Scope const module(tape, "mgu");
        for (Index t = 0; t < steps; ++t) {
            Scope const step(tape, t);
            h = mgu(xs[t], h);
        }
    }
    Var loss() {
        Var y    = tape.constant(numbers({2, 4}), "y");
        Var loss = mean(square(h - y));
        return loss;
    }
};

/// A folder of its own for a test, removed at the end.
struct Folder {
    fs::path path;
    Folder()
        : path(fs::temp_directory_path() / fmt::format("unspool-graph-{}-{}", ::getpid(),
                                                       boost::unit_test::framework::current_test_case().p_name.get())) {
        fs::remove_all(path);
        fs::create_directories(path);
    }
    ~Folder() {
        fs::permissions(path, fs::perms::owner_all);
        fs::remove_all(path);
    }
    std::size_t files() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), {})); }
};

/// Another PATH while it lives.
struct Path {
    std::string before = std::getenv("PATH");
    explicit Path(fs::path const& now) { ::setenv("PATH", now.c_str(), 1); }
    ~Path() { ::setenv("PATH", before.c_str(), 1); }
};

void write_program(fs::path const& path, std::string const& script) {
    std::ofstream(path) << "#!/bin/sh\n" << script;
    fs::permissions(path, fs::perms::owner_all);
}

std::string file_error(Graph const& g, fs::path const& path) {
    try {
        g.write(path);
    } catch (FileError const& e) { return e.what(); }
    BOOST_ERROR("no FileError");
    return "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(graph)

// ---- golden files ---------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_step_of_a_minimal_gated_unit) {
    Tape tape(float64);
    Params params(7, float64);
    Mgu const mgu(params / "mgu");
    Var x = tape.input(numbers({2, 3}), "x"), h0 = tape.input(numbers({2, 4}), "h0");
    Scope scope(tape, "mgu");
    Graph const g = plain(mgu(x, h0));
    BOOST_TEST(has(g, "f = sigmoid(Wf·x + Uf·h0 + bf) | [2,4]"));
    BOOST_TEST(has(g, "n = tanh(Wn·x + Un·(f * h0) + bn) | [2,4]"));
    BOOST_TEST(has(g, "h = (1 - f) * h0 + f * n | [2,4]"));
    BOOST_TEST(boxes_of(g).size() == 7);  // with x, h0 and two strips of parameters
    check_golden(g, "mgu");
}

BOOST_AUTO_TEST_CASE(three_steps_and_a_loss) {
    Unrolled net(3);
    Graph const g = plain(net.loss());
    BOOST_TEST(has(g, "f = sigmoid(Wf·xs[2] + Uf·h₁ + bf) | [2,4]"));
    BOOST_TEST(has(g, "loss = mean(square(h₂ - y)) | scalar"));
    BOOST_TEST(g.diagram().clusters.size() == 4u);
    check_golden(g, "unrolled");
}

BOOST_AUTO_TEST_CASE(a_step_with_split_gates) {
    Tape tape(float64);
    Params p = Params(7, float64) / "lstm";
    Param &W = p.uniform("weight_ih", {16, 3}, -1, 1), &U = p.uniform("weight_hh", {16, 4}, -1, 1),
          &b = p.uniform("bias", {16}, -1, 1);
    Var x = tape.input(numbers({2, 3}), "x"), h0 = tape.input(numbers({2, 4}), "h0"),
        c0 = tape.input(numbers({2, 4}), "c0");
    Scope scope(tape, "lstm");
    Var z             = linear(x, W) + linear(h0, U) + b;
    auto [i, f, g, o] = split<4>(z);
    Var c             = sigmoid(f) * c0 + sigmoid(i) * tanh(g);
    Var h             = sigmoid(o) * tanh(c);
    Graph const drawn = plain(std::vector{h, c});
    BOOST_TEST(has(drawn, "c = sigmoid(f) * c0 + sigmoid(i) * tanh(g) | [2,4]"));
    BOOST_TEST(drawn.dot().find(">f, i, g<") != std::string::npos);
    check_golden(drawn, "lstm");
}

BOOST_AUTO_TEST_CASE(any_name_is_drawn_as_it_is) {
    Tape tape(float64);
    Var a = tape.input(numbers({2}), "<b>&amp;\"'\\N\\G</b>"), b = tape.input(numbers({2}), "two\nlines\t[0]");
    Var c = tape.input(numbers({2}), "größe λ̂ 漢字 🎲"),
        d = tape.input(numbers({2}), std::string_view("\xff\x01]]>", 5));
    Scope scope(tape, "\"} -> <\\N> & ü\n");
    Var e         = a + b;
    Var y         = e * c + d;
    Graph const g = plain(y.named("y\\n"));
    BOOST_TEST(has(g, "<b>&amp;\"'\\N\\G</b> | [2]"));
    BOOST_TEST(has(g, "two\\nlines\\t[0] | [2]"));
    BOOST_TEST(has(g, "größe λ̂ 漢字 🎲 | [2]"));
    BOOST_TEST(has(g, "\uFFFD\\x01]]> | [2]"));
    check_golden(g, "names");
    Folder const folder;
    g.write(folder.path / "names.svg");
    std::string const svg = content_of(folder.path / "names.svg");
    for (char const* text : {">&lt;b&gt;&amp;amp;&quot;&#39;\\N\\G&lt;/b&gt;<", ">two\\nlines\\t[0]<",
                             ">größe λ̂ 漢字 🎲<", ">&quot;} &#45;&gt; &lt;\\N&gt; &amp; ü\\n<"})
        BOOST_TEST(svg.find(text) != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(the_middle_of_a_long_loop_is_left_out) {
    Unrolled net(100);
    Graph const g = plain(net.loss());
    BOOST_TEST(has(g, "⋯ 98 steps ⋯"));
    for (char const* t : {"t = 0", "t = 99"}) BOOST_TEST(occurrences(g.dot(), fmt::format(">{}</td>", t)) == 1, t);
    for (char const* t : {"t = 1", "t = 50", "t = 98"})
        BOOST_TEST(occurrences(g.dot(), fmt::format(">{}</td>", t)) == 0, t);
    BOOST_TEST(has(g, "h₉₈ | [2,4]"));  // what comes into the first step after the gap
    check_golden(g, "elided");
}

BOOST_AUTO_TEST_CASE(the_first_and_the_last_steps_are_shown) {
    Unrolled net(9);
    auto const shown = [&](Graph const& g) {
        std::string const dot = g.dot();
        std::string out;
        for (Index t = 0; t < 9; ++t)
            if (dot.find(fmt::format(">t = {}</td>", t)) != std::string::npos) out += std::to_string(t);
        return out;
    };
    BOOST_TEST(shown(Graph(net.h)) == "08");
    BOOST_TEST(shown(Graph(net.h).page_width(1600)) == "0178");
    BOOST_TEST(shown(Graph(net.h).page_width(1600).budget(27)) == "0178");
    BOOST_TEST(shown(Graph(net.h).page_width(9000).budget(27)) == "012345678");
    BOOST_TEST(shown(Graph(net.h).budget(6)) == "08");
    BOOST_TEST(shown(Graph(net.h).steps(1)) == "08");
    BOOST_TEST(shown(Graph(net.h).steps(3)) == "012678");
    BOOST_TEST(shown(Graph(net.h).steps(4)) == "012345678");  // for one step, there is no need
    BOOST_TEST(shown(Graph(net.h).all_steps()) == "012345678");
    BOOST_TEST(has(Graph(net.h).steps(3), "⋯ 3 steps ⋯"));
}

// ---- what is shown --------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(ids_do_not_depend_on_the_order_of_recording) {
    auto draw = [](bool other_way_round) {
        Tape tape(float64);
        Params params(7, float64);
        Param &p = params.uniform("p", {2}, -1, 1), &q = params.uniform("q", {2}, -1, 1);
        Var x = tape.input(numbers({2}), "x");
        if (other_way_round) tape.lift(q), tape.lift(p);
        Var u, v;
        if (other_way_round) v = Var(x * q).named("v"), u = Var(x + p).named("u");
        else u = Var(x + p).named("u"), v = Var(x * q).named("v");
        if (other_way_round) (void)Var(tanh(u));
        return plain(Var(u - v).named("y")).dot();
    };
    BOOST_TEST(draw(false) == draw(true));
}

BOOST_AUTO_TEST_CASE(only_what_the_results_depend_on_is_drawn) {
    Tape tape(float64);
    Var x = tape.input(numbers({2}), "x"), unused = tape.input(numbers({2}), "unused");
    Var y = tanh(x), z = exp(x), w = tanh(unused);
    BOOST_TEST(boxes_of(Graph(y)).size() == 2);
    BOOST_TEST(boxes_of(Graph(std::vector{y, z})).size() == 3);
    BOOST_TEST(occurrences(Graph(std::vector{y, z}).dot(), "penwidth=2.5") == 2);
    (void)w;
}

BOOST_AUTO_TEST_CASE(operations_have_a_box_each) {
    Unrolled net(1);
    Graph const statements(net.h), operations = Graph(net.h).level(Graph::operations);
    BOOST_TEST(has(operations, "n = tanh(%3 + bn) | [2,4]"));
    BOOST_TEST(has(operations, "%3 = Wn·xs[0] + Un·%2 | [2,4]"));
    BOOST_TEST(!has(statements, "%3 = Wn·xs[0] + Un·%2 | [2,4]"));
}

BOOST_AUTO_TEST_CASE(parameters_are_repeated_in_every_step) {
    Unrolled net(3);
    Graph const g(net.h);
    BOOST_TEST(occurrences(g.dot(), "title=\"mgu.Wf.weight\"") == 3);
    auto const all = boxes_of(g);
    BOOST_TEST(std::count(all.begin(), all.end(), "[Wf [4,3]] [Uf [4,4]] [bf [4]] ") == 3);
}

BOOST_AUTO_TEST_CASE(a_parameter_of_two_equations_is_drawn_once_and_linked_twice) {
    Tape tape(float64);
    Params params(7, float64);
    Param& w              = params.uniform("w", {2}, -1, 1);
    Var x                 = tape.input(numbers({2}), "x");
    Var a                 = x * w;
    Var b                 = a + w;
    std::string const dot = Graph(b).dot();
    BOOST_TEST(occurrences(dot, "title=\"w\"") == 1);
    BOOST_TEST(occurrences(dot, "[color=\"#c9a227\" arrowsize=0.45]") == 2);
}

BOOST_AUTO_TEST_CASE(short_names_of_parameters_stay_distinct) {
    Tape tape(float64);
    Params params(7, float64);
    Param &a = params.uniform("one.W.weight", {2}, -1, 1), &b = params.uniform("one.W", {2}, -1, 1),
          &c = params.uniform("two.W.weight", {2}, -1, 1);
    Var x    = tape.input(numbers({2}), "x");
    Var y    = x * a + b + c;
    BOOST_TEST(has(Graph(y), "y = x * one.W.weight + one.W + two.W | [2]"));
}

BOOST_AUTO_TEST_CASE(a_value_without_a_name_takes_that_of_its_module_or_a_number) {
    Tape tape(float64);
    Var x     = tape.input(numbers({2}), "x");
    auto cell = [](Var v) -> Var { return tanh(v); };
    Var inside;
    {
        Scope scope(tape, "cell");
        inside = cell(x);
    }
    BOOST_TEST(has(Graph(inside), "cell = tanh(x) | [2]"));
    BOOST_TEST(has(Graph(cell(x)), "%1 = tanh(x) | [2]"));
}

BOOST_AUTO_TEST_CASE(constants_of_one_value_are_numbers) {
    Tape tape(float64);
    Var x = tape.input(numbers({2, 2}), "x");
    Var y = x * tape.constant(xt::ones<double>({2, 2})) + tape.constant(0.25);
    Graph const g(y);
    BOOST_TEST(has(g, "y = x * 1 + 0.25 | [2,2]"));
    BOOST_TEST(has(g, "1 | [2,2]"));
    BOOST_TEST(!has(g, "0.25 | scalar"));  // needs no box
}

BOOST_AUTO_TEST_CASE(what_is_used_twice_has_a_box_of_its_own) {
    Tape tape(float64);
    Params params(7, float64);
    Param& W = params.uniform("W", {3, 3}, -1, 1);
    Var x    = tape.input(numbers({2, 3}), "x");
    std::vector<Var> z{linear(x, W)};
    Var y = z[0] * z[0] + x;
    BOOST_TEST(has(Graph(y), "y = %1 * %1 + x | [2,3]"));
    BOOST_TEST(has(Graph(y), "%1 = W·x | [2,3]"));
    Var once = z[0] * x;
    BOOST_TEST(has(Graph(once), "once = W·x * x | [2,3]"));
}

BOOST_AUTO_TEST_CASE(a_sum_of_products_is_one_equation_however_it_is_computed) {
    for (bool fuse : {true, false}) {
        Tape tape(float64);
        Params params(7, float64);
        Param &W = params.uniform("W", {3, 3}, -1, 1), &U = params.uniform("U", {3, 3}, -1, 1),
              &b = params.uniform("b", {3}, -1, 1);
        Var x = tape.input(numbers({2, 3}), "x"), v = tape.input(numbers({3}), "v");
        tape.mechanisms.fuse = fuse;
        Var alike            = linear(x, W, b) + linear(x, U) + linear(x, W);
        Var wide             = linear(x, W) + linear(v, U, b) + linear(x, W);
        Var mixed            = linear(x, W) + linear(v, U) * x + b;
        BOOST_TEST(boxes_of(Graph(alike)).size() == 3u);
        BOOST_TEST(has(Graph(alike), "alike = W·x + b + U·x + W·x | [2,3]"));
        BOOST_TEST(has(Graph(wide), "wide = W·x + U·v + b + W·x | [2,3]"));
        BOOST_TEST(has(Graph(mixed), "mixed = W·x + U·v * x + b | [2,3]"));
    }
}

BOOST_AUTO_TEST_CASE(many_operands_are_abbreviated) {
    Tape tape(float64);
    std::vector<Var> xs;
    for (int i = 0; i < 9; ++i) xs.push_back(tape.input(numbers({2}), fmt::format("x{}", i)));
    Var all = stack(xs);
    Graph const g(all);
    BOOST_TEST(boxes_of(g).back().starts_with("all = stack(x0, x1, x2, …, x8"));
    BOOST_TEST(boxes_of(g).size() == 10);
}

BOOST_AUTO_TEST_CASE(a_long_equation_is_broken_at_an_operator) {
    Tape tape(float64);
    Var x                 = tape.input(numbers({2}), "a_rather_long_name_for_an_input");
    Var y                 = tanh(x * x) + sigmoid(x) * x + x;
    std::string const dot = Graph(y).dot();
    BOOST_TEST(occurrences(dot, "<br align=\"left\"/>") >= 3);
    BOOST_TEST(dot.find("\u00a0\u00a0</font>+ ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(boxes_tell_their_source_line) {
    Tape tape(float64);
    Var x                  = tape.input(numbers({2}), "x");
    Var y                  = tanh(x);
    std::string const here = fmt::format("tooltip=\"graph.cpp:{}&#10;values ", __LINE__ - 1);
    BOOST_TEST(occurrences(Graph(y).dot(), here) == 1);
    BOOST_TEST(occurrences(plain(y).dot(), "tooltip") == 0);
}

BOOST_AUTO_TEST_CASE(steps_that_go_back_in_time_are_drawn_from_left_to_right) {
    Tape tape(float64);
    Var xs = tape.input(numbers({3, 2}), "xs"), h = tape.input(numbers({2}), "h0");
    for (Index t = 2; t >= 0; --t) {
        Scope step(tape, t);
        h = tanh(xs[t] + h);
    }
    std::string const dot = Graph(h).dot();
    BOOST_TEST(occurrences(dot, "dir=back") ==
               4);  // into the two boxes that repeat what comes from later, and out of them
    BOOST_TEST(has(Graph(h), "h = tanh(xs[0] + h₁) | [2]"));
}

BOOST_AUTO_TEST_CASE(loops_that_follow_each_other_are_apart) {
    Tape tape(float64);
    Var xs = tape.input(numbers({2, 2}), "xs"), h = tape.input(numbers({2}), "h0");
    for (int round = 0; round < 2; ++round)
        for (Index t = 0; t < 2; ++t) {
            Scope step(tape, t);
            h = tanh(xs[t] + h);
        }
    BOOST_TEST(occurrences(Graph(h).dot(), ">t = 0</td>") == 2);
}

BOOST_AUTO_TEST_CASE(colours_show_how_gradients_vanish) {
    Unrolled net(6);
    Var const loss        = net.loss();
    auto const grads      = backward(loss, Keep::all);
    std::string const dot = plain(loss).all_steps().colour(grads).dot();
    std::regex const box(R"re(fillcolor="#(..)(..)(..)"[^\n]*<b>h.{1,2}</b>=[^\n]*?‖∇‖ ([-+.e0-9]+))re");
    std::vector<double> norms, light;
    for (auto it = std::sregex_iterator(dot.begin(), dot.end(), box); it != std::sregex_iterator(); ++it) {
        auto const part = [&](std::size_t i) { return std::stoi((*it)[i].str(), nullptr, 16); };
        light.push_back(0.299 * part(1) + 0.587 * part(2) + 0.114 * part(3)),
            norms.push_back(std::stod((*it)[4].str()));
    }
    BOOST_REQUIRE(norms.size() == 6);
    double sum = 0;
    for (double v : grads[net.h].value<double>()) sum += v * v;
    BOOST_TEST(norms.back() == std::sqrt(sum), boost::test_tools::tolerance(0.05));
    for (std::size_t i = 0; i < 6; ++i)
        for (std::size_t j = 0; j < 6; ++j)
            if (norms[i] < norms[j]) BOOST_TEST(light[i] <= light[j]);  // in grey print, too
    BOOST_TEST(occurrences(dot, "fillcolor=\"#fde725\"") == 1);         // only the greatest is all yellow
    BOOST_TEST(dot.find("on a log scale") != std::string::npos);
    std::regex const passed(R"(color="#......" penwidth=[0-9.]+ weight=3)");  // what came back through the steps
    BOOST_TEST(std::distance(std::sregex_iterator(dot.begin(), dot.end(), passed), std::sregex_iterator()) == 5);
}

BOOST_AUTO_TEST_CASE(gradients_that_are_not_usual_are_told_apart_without_colours) {
    Tape tape(float64);
    Var x = tape.input(numbers({2}), "x"), y = tape.input(numbers({2}), "y"),
        z    = tape.input(xt::zeros<double>({2}), "z");
    Var a    = x * tape.constant(xt::zeros<double>({2}));
    Var b    = sqrt(z);
    Var c    = y * 100.0;
    Var loss = sum(a + b + c), other = sum(tanh(y) + tape.input(numbers({2}), "w"));
    auto const grads      = backward(loss, Keep::all);
    std::string const dot = plain(std::vector{loss, other}).colour(grads).clip(50).dot();
    auto const box        = [&](std::string const& name) {
        std::size_t const at = dot.find("<b>" + name + "</b>");
        return dot.substr(dot.rfind('\n', at) + 1, dot.find('\n', at) - dot.rfind('\n', at));
    };
    BOOST_TEST(box("x").find("style=\"rounded,filled,dashed\"") != std::string::npos);
    BOOST_TEST(box("x").find("∇ = 0") != std::string::npos);
    BOOST_TEST(box("w").find("style=\"rounded,filled,dotted\"") != std::string::npos);
    BOOST_TEST(box("w").find("∇ unreached") != std::string::npos);
    BOOST_TEST(box("z").find("shape=octagon") != std::string::npos);
    BOOST_TEST(box("z").find("∇ infinite") != std::string::npos);
    BOOST_TEST(box("y").find("peripheries=2") != std::string::npos);
    BOOST_TEST(box("y").find("clipped at 50") != std::string::npos);
    for (char const* words : {"zero", "does not depend on it", "NaN or infinite", "above 50: clipped"})
        BOOST_TEST(dot.find(words, dot.find("labelloc")) != std::string::npos, words);
}

BOOST_AUTO_TEST_CASE(gradients_that_were_not_kept_are_refused) {
    Unrolled net(2);
    Var const loss   = net.loss();
    auto const grads = backward(loss);
    BOOST_CHECK_EXCEPTION(Graph(loss).colour(grads).dot(), TapeError,
                          [](auto& e) { return std::string(e.what()).find("Keep::all") != std::string::npos; });
}

BOOST_AUTO_TEST_CASE(what_cannot_be_drawn_is_refused) {
    Tape tape(float64), other(float64);
    Var x = tape.input(numbers({2}), "x"), z = other.input(numbers({2}), "z");
    BOOST_CHECK_THROW(Graph(std::vector<Var>{}), ValueError);
    BOOST_CHECK_THROW(Graph(std::vector{x, z}), TapeError);
    BOOST_CHECK_THROW(Graph(x.detach()), TapeError);
    BOOST_CHECK_THROW(Graph(Var{}), TapeError);
    BOOST_CHECK_THROW(Graph(x).steps(0), ValueError);
    BOOST_CHECK_THROW(Graph(x).write("x.jpeg"), ValueError);
    tape.rewind();
    BOOST_CHECK_THROW(plain(x).dot(), TapeError);
}

BOOST_AUTO_TEST_CASE(detached_values_are_constants_with_their_name) {
    Tape tape(float64);
    Var x = tape.input(numbers({2}), "x");
    Var h = tanh(x);
    Var y = h.detach().named("h") * x;
    BOOST_TEST(has(Graph(y), "h | [2]"));
    BOOST_TEST(!has(Graph(y), "h = tanh(x) | [2]"));
}

BOOST_AUTO_TEST_CASE(a_detached_value_is_linked_by_a_dashed_line_to_what_it_was) {
    Tape tape(float64);
    Var x                 = tape.input(numbers({2}), "x");
    Var h                 = tanh(x);
    Var y                 = h.detach() * h;
    std::string const dot = plain(y).dot();
    BOOST_TEST(occurrences(dot, "style=dashed") == 1);
    BOOST_TEST(occurrences(dot, "rounded,filled,dashed") == 1);
}

BOOST_AUTO_TEST_CASE(a_graph_may_keep_the_owner_of_its_tape) {
    auto const net = std::make_shared<Unrolled>(2);
    Graph const g  = Graph(net->h).keep_alive(net);
    BOOST_TEST(net.use_count() == 2);
    std::ostringstream out;
    g.write(out);
    BOOST_TEST(out.str() == g.dot());
}

BOOST_AUTO_TEST_CASE(a_tape_is_drawn_with_all_its_results) {
    Tape tape(float64);
    Var x = tape.input(numbers({2}), "x"), unused = tape.input(numbers({2}), "unused");
    Var y = tanh(x), z = exp(x);
    BOOST_TEST(Graph(tape).dot() == Graph(std::vector{y, z}).dot());
    Tape const empty;
    BOOST_CHECK_THROW(Graph{empty}, ValueError);
    (void)unused;
}

BOOST_AUTO_TEST_CASE(an_equation_that_depends_on_another_by_way_of_a_module_stands_in_another_column) {
    Tape tape(float64);
    Var xs = tape.input(numbers({2, 2}), "xs"), h = tape.input(numbers({2}), "h0");
    for (Index t = 0; t < 2; ++t) {
        Scope step(tape, t);
        Var a = tanh(xs[t] + h);
        Var b = exp(a);
        Var c;
        {
            Scope inner(tape, "inner");
            Var d = a * b;
            Var e = d * a;
            c     = e - d;
        }
        h = tanh(c + b);
    }
    std::string const dot = Graph(h).dot();
    auto id               = [&](std::string const& name) {
        std::regex const box("(n\\d+) \\[[^\n]*<b>" + name + "\u00a0</b>= ");
        std::smatch m;
        return std::regex_search(dot, m, box) ? m[1].str() : "none";
    };
    BOOST_TEST(dot.find(fmt::format("{{ rank=same; {}; {}; }}", id("a"), id("b"))) != std::string::npos);
    BOOST_TEST(dot.find(fmt::format("{{ rank=same; {}; {}; {}; }}", id("d"), id("e"), id("c"))) != std::string::npos);
    BOOST_TEST(occurrences(dot, "rank=same") == 4);
}

// ---- size -----------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_long_chain_is_refused_unless_it_is_asked_for) {
    Tape tape;
    Var x            = tape.input(1.0, "x");
    auto const links = static_cast<std::size_t>(runs(100'000, 1'000'000));
    for (std::size_t i = 0; i < links; ++i) x = x * 0.5;
    BOOST_CHECK_EXCEPTION(plain(x).dot(), ValueError, [](auto& e) {
        return std::string(e.what()).find("more than 400 boxes") != std::string::npos;
    });
    BOOST_TEST(occurrences(plain(x).limit(2'000'000).dot(), " -> ") == links);
}

BOOST_AUTO_TEST_CASE(a_million_steps_are_a_small_picture) {
    Tape tape;
    Var h = tape.input(1.0, "h0");
    for (Index t = 0; t < 250'000; ++t) {
        Scope step(tape, t);
        h = h * 0.5;
        h = tanh(h);
    }
    Graph const g(h);
    BOOST_TEST(boxes_of(g).size() < 30);
    BOOST_TEST(has(g, "⋯ 249998 steps ⋯"));
}

BOOST_AUTO_TEST_CASE(a_thousand_steps_are_rendered) {
    Folder const folder;
    Unrolled net(1000);
    Graph(net.loss()).write(folder.path / "long.svg");
    BOOST_TEST(content_of(folder.path / "long.svg").find("998 steps") != std::string::npos);
}

// ---- files ----------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(files_of_every_kind) {
    Folder const folder;
    Unrolled net(2);
    Graph const g(net.loss());
    for (auto [name, beginning] :
         {std::pair{"a.dot", "digraph"}, {"a.svg", "<?xml"}, {"a.png", "\x89PNG"}, {"a.pdf", "%PDF"}}) {
        g.write(folder.path / name);
        BOOST_TEST(content_of(folder.path / name).starts_with(beginning), name);
    }
    BOOST_TEST(folder.files() == 4);  // nothing else is left
    BOOST_TEST(content_of(folder.path / "a.svg").ends_with("</svg>\n"));
}

BOOST_AUTO_TEST_CASE(file_names_mean_nothing_to_a_shell) {
    Folder const folder;
    Unrolled net(1);
    fs::path const path = folder.path / "a b;$(touch c)'\".svg";
    Graph(net.h).write(path);
    BOOST_TEST(fs::exists(path));
    BOOST_TEST(folder.files() == 1);
}

BOOST_AUTO_TEST_CASE(a_missing_dot_leaves_the_dot_file) {
    Folder const folder;
    Path const nothing(folder.path / "bin");
    Unrolled net(1);
    Graph const g(net.h);
    std::string const words = file_error(g, folder.path / "a.svg");
    BOOST_TEST(words.find("no program dot") != std::string::npos, words);
    BOOST_TEST(words.find((folder.path / "a.dot").string()) != std::string::npos, words);
    BOOST_TEST(content_of(folder.path / "a.dot") == g.dot());
    BOOST_TEST(folder.files() == 1);
}

BOOST_AUTO_TEST_CASE(a_failing_dot_is_quoted) {
    Folder const folder;
    fs::create_directory(folder.path / "bin");
    write_program(folder.path / "bin/dot", "echo 'the moon is in the wrong phase' >&2\nexit 3\n");
    Path const path(folder.path / "bin");
    Unrolled net(1);
    Graph const g(net.h);
    std::ofstream(folder.path / "a.svg") << "before";
    std::string const words = file_error(g, folder.path / "a.svg");
    BOOST_TEST(words.find("exit status 3: the moon is in the wrong phase") != std::string::npos, words);
    BOOST_TEST(content_of(folder.path / "a.svg") == "before");
    BOOST_TEST(content_of(folder.path / "a.dot") == g.dot());
    BOOST_TEST(folder.files() == 3);
}

BOOST_AUTO_TEST_CASE(a_dot_that_does_not_end_is_stopped) {
    Folder const folder;
    fs::create_directory(folder.path / "bin");
    write_program(folder.path / "bin/dot", "exec /bin/sleep 600\n");
    Path const path(folder.path / "bin");
    Unrolled net(1);
    std::string const words = file_error(Graph(net.h).time_limit(0.1), folder.path / "a.png");
    BOOST_TEST(words.find("stopped after 0.1 s: draw less, with steps(k)") != std::string::npos, words);
    BOOST_TEST(fs::exists(folder.path / "a.dot"));
    BOOST_TEST(folder.files() == 2);
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_not_there) {
    Folder const folder;
    Unrolled net(1);
    for (char const* name : {"none/a.dot", "none/a.svg"}) {
        std::string const words = file_error(Graph(net.h), folder.path / name);
        BOOST_TEST(words.find("cannot write") != std::string::npos, words);
        BOOST_TEST(words.find("No such file") != std::string::npos, words);
    }
}

BOOST_AUTO_TEST_CASE(a_file_may_be_called_like_an_option) {
    Folder const folder;
    fs::path const before = fs::current_path();
    fs::current_path(folder.path);
    Unrolled net(1);
    BOOST_CHECK_NO_THROW(Graph(net.h).write("-Tpng.svg"));
    fs::current_path(before);
    BOOST_TEST(fs::exists(folder.path / "-Tpng.svg"));
}

BOOST_AUTO_TEST_CASE(options_are_an_aggregate_or_chained) {
    Unrolled net(8);
    GraphOptions const o{.level = Graph::operations, .steps = 1, .legend = false, .tooltips = false};
    BOOST_TEST(Graph(net.h, o).dot() ==
               Graph(net.h).level(Graph::operations).steps(1).legend(false).tooltips(false).dot());
    BOOST_TEST(Graph(net.h, o).dot() != Graph(net.h).dot());
    BOOST_CHECK_THROW(Graph(net.h, {.depth = 0}), ValueError);
    BOOST_CHECK_THROW(Graph(net.h, {.steps = 0}), ValueError);
    BOOST_CHECK_THROW(Graph(net.h, {.budget = 0}), ValueError);
    BOOST_CHECK_THROW(Graph(net.h, {.page_width = 0}), ValueError);
    BOOST_CHECK_THROW(Graph(net.h, {.limit = -1}), ValueError);
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_written, *boost::unit_test::precondition([](auto) {
                         boost::test_tools::assertion_result yes(::geteuid() != 0);
                         yes.message() << "root may write everywhere";
                         return yes;
                     })) {
    Folder const folder;
    Unrolled net(1);
    fs::permissions(folder.path, fs::perms::owner_read | fs::perms::owner_exec);
    for (char const* name : {"a.dot", "a.svg"}) {
        std::string const words = file_error(Graph(net.h), folder.path / name);
        BOOST_TEST(words.find("Permission denied") != std::string::npos, words);
    }
    BOOST_TEST(folder.files() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
