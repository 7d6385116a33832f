// Whatever a text holds, who reads what is written of it reads text.
#include <boost/algorithm/string/trim.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <filesystem>
#include <fstream>
#include <hostile.hpp>
#include <nn/cells.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/diagnostics/gnuplot.hpp>
#include <unspool/nn/diagnostics/html.hpp>
#include <unspool/nn/files/safetensors.hpp>
#include <unspool/nn/fit/progress.hpp>
#include <valid_utf8.hpp>

using namespace unspool;
using namespace unspool::core;
namespace fs = std::filesystem;

namespace {

bool has_control(std::string_view s) {
    bool found = false;
    utf8::each_character(s, [&](auto, char32_t c) { found |= utf8::is_control(c); });
    return found;
}

std::string replaced(std::string s, std::string const& from, std::string const& to) {
    for (std::size_t at = s.find(from); at != s.npos; at = s.find(from, at + to.size())) s.replace(at, from.size(), to);
    return s;
}

/// What gnuplot reads; "" where it would read more or less than one string, or run a program.
std::string as_gnuplot_reads(std::string const& quoted) {
    std::string out;
    if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') return "";
    for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
        if (quoted[i] == '"' || quoted[i] == '`') return "";
        if (quoted[i] == '\\' && (++i + 1 == quoted.size() || !std::strchr("\"\\`", quoted[i]))) return "";
        out += quoted[i];
    }
    return out;
}

std::string as_html_reads(std::string s) {
    for (auto const& [entity, c] :
         {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}})
        s = replaced(s, entity, c);
    return s;
}

void add_texts(boost::property_tree::ptree const& tree, std::vector<std::string>& out, std::string* text = nullptr) {
    for (auto const& [name, child] : tree) {
        std::string mine;
        if (name == "text") add_texts(child, out, &mine), out.push_back(mine);
        else add_texts(child, out, text);
    }
    if (text) *text = replaced(tree.data(), "\u00a0", " ") + *text;  // which gnuplot makes of the second of two blanks
}

/// The texts of a picture, which must be XML.
std::vector<std::string> texts(fs::path const& svg) {
    boost::property_tree::ptree tree;
    read_xml(svg.string(), tree);
    std::vector<std::string> out;
    add_texts(tree, out);
    return out;
}

/// gnuplot writes several blanks in ways of its own.
std::string without_blanks(std::string const& s) { return replaced(replaced(s, " ", ""), "\u00a0", ""); }

struct Folder {
    fs::path path = fs::temp_directory_path() / fmt::format("unspool_writers_{}", getpid());
    Folder() { fs::create_directory(path); }
    ~Folder() { fs::remove_all(path); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(writers)

BOOST_AUTO_TEST_CASE(a_line_has_no_control_characters) {
    BOOST_TEST(rc::check([] {
        std::string const s = *hostile_text(), line = utf8::one_line(s);
        RC_ASSERT(is_utf8(line) && !has_control(line));
        RC_ASSERT(utf8::one_line(line) == line);
    }));
    BOOST_TEST(utf8::one_line("a\x1b\tä\xff") == "a  ä\xEF\xBF\xBD");
    BOOST_TEST(utf8::one_line(std::string(1000, 'x'), 10) == "xxxxxxxxxx…");
}

BOOST_AUTO_TEST_CASE(gnuplot_reads_one_string) {
    BOOST_TEST(rc::check([] {
        std::string const s = *hostile_text(), shown = replaced(utf8::one_line(s), "]]>", "]] >");
        RC_ASSERT(as_gnuplot_reads(gnuplot_text(s)) == shown);
        RC_ASSERT(as_gnuplot_reads(gnuplot_tic(s)) == replaced(shown, "%", "%%"));
    }));
    BOOST_TEST(gnuplot_text(std::string(1'000'000, '"')).size() < 3000u);
}

BOOST_AUTO_TEST_CASE(gnuplot_draws_every_title) {
    if (std::system("command -v gnuplot >/dev/null 2>&1") != 0) return;
    Folder const folder;
    auto const file  = folder.path / "plot.svg";
    std::size_t seen = 0;
    auto const draws = [&](std::string const& title, bool legible) {
        std::string const name = "n" + title;  // a text that is blank at its ends may lose that
        History h;
        for (double x : {1.0, 2.0}) h.add({{replaced(name, "\n", " "), x}, {"other", x * x}});
        plot(h, file, {.columns = h.names(), .title = "n" + title + "."});
        auto const all = texts(file);
        auto const has = [&](std::string const& s) {
            std::string const shown = replaced(utf8::one_line(s), "]]>", "]] >");
            return std::any_of(all.begin(), all.end(),
                               [&](auto const& t) { return without_blanks(t) == without_blanks(shown); });
        };
        BOOST_TEST(all.size() >= 10u, name);  // of axes and titles: it was drawn, and is XML
        BOOST_TEST((!legible || has(name + ".")), "the title " << name << " of " << all.size());
        BOOST_TEST((!legible || has(replaced(name, "\n", " "))), "the curve " << name);
        ++seen;
    };
    for (char const* s : {"'", "''", "'x'", "\"", "\\", "`date`", "@x", "{a}_b^c", "%5.2f", "]]>"}) draws(s, true);
    auto const generate = hostile_text();
    for (std::uint64_t seed = 0; seed < 30; ++seed)
        draws(generate(rc::Random(seed), 12).value(),
              false);  // in SVG, odd characters and blanks are written in other ways
    BOOST_TEST(seen == 40u);
    History h;
    h.add({{"loss", 1.0}}), h.add({{"loss", 2.0}});
    plot(h, file, {.title = "'begins with a quote"});
    BOOST_TEST((texts(file).size() > 2u));
    GradientFlow flow;
    for (char const* name : {"100% '%5.2f' \"x\"", "%"}) {
        auto& layer = flow.layers.emplace_back();
        layer.name = name, layer.norms = {1, 0.5, 0.25};
    }
    plot(flow, file, {.kind = FlowPlotOptions::heat_map});
    auto const all = texts(file);
    BOOST_TEST((std::count_if(all.begin(), all.end(),
                              [](auto const& t) { return t.find("100% '%5.2f' \"x\"") != t.npos; }) == 1));
}

BOOST_AUTO_TEST_CASE(html_reads_text) {
    BOOST_TEST(rc::check([] {
        std::string const s = *hostile_text(), escaped = html_text(s);
        RC_ASSERT(escaped.find_first_of("<>\"'") == escaped.npos);
        RC_ASSERT(is_utf8(escaped));
        RC_ASSERT(replaced(as_html_reads(escaped), "\n", " ") == utf8::one_line(s));
    }));
}

BOOST_AUTO_TEST_CASE(a_terminal_is_not_commanded) {
    BOOST_TEST(rc::check([] {
        std::unique_ptr<std::FILE, int (*)(std::FILE*)> const out(std::tmpfile(), std::fclose);
        Progress progress(false, out.get());
        progress.say(epoch_line(0, 1, {{*hostile_text(), 1.0}}));
        std::rewind(out.get());
        char some[1 << 14];
        std::string said(some, std::fread(some, 1, sizeof some, out.get()));
        RC_ASSERT(!said.empty() && said.back() == '\n');
        said.pop_back();
        RC_ASSERT(!has_control(said) && is_utf8(said));
    }));
}

BOOST_AUTO_TEST_CASE(files_keep_names_and_texts) {
    Folder const folder;
    auto const file = folder.path / "file";
    BOOST_TEST(rc::check([&] {
        std::string const name = "n" + *hostile_text(), text = *hostile_text();
        Params params, back;
        params.constant(name, {2}, 7), back.zeros(name, {2});
        bool const good = is_utf8(name) && is_utf8(text);
        try {
            save(params, file, {.metadata = {{name, text}}});
            RC_ASSERT(good);
        } catch (NameError const& e) {
            RC_ASSERT(!good);
            RC_ASSERT(!has_control(e.what()) && is_utf8(e.what()));
            return;
        }
        load(back, file);
        RC_ASSERT(back[name].value<float>()(1) == 7);
        RC_ASSERT(Safetensors(file).metadata().at(name) == text);
    }));
}

BOOST_AUTO_TEST_SUITE_END()
