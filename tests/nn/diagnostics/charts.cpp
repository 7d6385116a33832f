// Plots: whatever the numbers and the names, they are pictures that can be read.
#include <boost/process/search_path.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <hostile.hpp>
#include <iterator>
#include <limits>
#include <set>
#include <sstream>
#include <unistd.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/diagnostics/axis.hpp>
#include <unspool/nn/diagnostics/chart.hpp>
#include <unspool/nn/diagnostics/heat_map.hpp>
#include <unspool/nn/diagnostics/picture_file.hpp>

namespace core = unspool::core;
namespace fs   = std::filesystem;
using core::Axis, core::Chart, core::Curve, core::Index;

namespace charts {

namespace {

constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

boost::property_tree::ptree parsed(std::string const& svg) {
    std::istringstream in(svg);
    boost::property_tree::ptree tree;
    read_xml(in, tree);  // throws where it is not well-formed
    return tree.get_child("svg");
}
std::vector<std::string> attributes(std::string const& svg, std::string const& element, std::string const& name) {
    std::vector<std::string> out;
    for (auto const& [tag, child] : parsed(svg))
        if (tag == element) out.push_back(child.get<std::string>("<xmlattr>." + name, ""));
    return out;
}
std::vector<std::string> texts(std::string const& svg) {
    std::vector<std::string> out;
    for (auto const& [tag, child] : parsed(svg))
        if (tag == "text") out.push_back(child.data());
    return out;
}
bool shows(std::string const& svg, std::string const& text) {
    auto const all = texts(svg);
    return std::find(all.begin(), all.end(), text) != all.end();
}
std::ptrdiff_t count(std::vector<std::string> const& all, std::string const& one) {
    return std::count(all.begin(), all.end(), one);
}

/// The points of the thin lines that are curves, one after the other.
std::size_t points(std::string const& svg) {
    std::size_t out = 0;
    for (auto const& [tag, child] : parsed(svg))
        if (tag == "path" && child.get<std::string>("<xmlattr>.stroke-width", "") == "2") {
            auto const d = child.get<std::string>("<xmlattr>.d");
            out += static_cast<std::size_t>(
                std::count_if(d.begin(), d.end(), [](char c) { return c == 'M' || c == 'L'; }));
        }
    return out;
}

/// How high and how low the thin lines reach that join points.
std::pair<double, double> heights(std::string const& svg) {
    std::pair<double, double> out{inf, -inf};
    for (auto const& d : attributes(svg, "path", "d")) {
        if (d.find('L') == d.npos) continue;
        std::istringstream in(d);
        char command;
        for (double x, y; in >> command;)
            if ((command == 'M' || command == 'L') && in >> x >> y)
                out = {std::min(out.first, y), std::max(out.second, y)};
            else in >> x;
    }
    return out;
}

/// All numbers are numbers, and within the picture.
void check_drawing(std::string const& svg, Chart const& c) {
    for (auto const& [tag, child] : parsed(svg)) {
        if (tag == "path") {
            auto const d = child.get<std::string>("<xmlattr>.d");
            BOOST_TEST(d.find_first_not_of("MLHVhv0123456789. -") == d.npos, d);  // neither "nan" nor "inf"
            double x = 0, y = 0;
            std::istringstream in(d);
            for (char command; in >> command;) {
                double by = 0;
                if (command == 'M' || command == 'L') BOOST_REQUIRE(in >> x >> y);
                else if (command == 'V') BOOST_REQUIRE(in >> y);
                else if (command == 'H') BOOST_REQUIRE(in >> x);
                else BOOST_REQUIRE(in >> by);
                BOOST_TEST(
                    (x >= 0 && x <= static_cast<double>(c.width) && y >= 0 && y <= static_cast<double>(c.height)),
                    x << " " << y);
            }
        }
        for (char const* name : {"x", "y", "width", "height"})
            if (auto const n = child.get_optional<double>(fmt::format("<xmlattr>.{}", name)))
                BOOST_TEST((std::isfinite(*n) && *n >= 0));
    }
}

Chart chart(std::vector<double> values, bool logarithmic = false) {
    return {.curves      = {{"a", std::move(values)}},
            .title       = "title",
            .across      = "epoch",
            .up          = "",
            .first       = 1,
            .logarithmic = logarithmic};
}

struct Folder {
    fs::path path = fs::temp_directory_path() / fmt::format("unspool_charts_{}", getpid());
    Folder() { fs::create_directory(path); }
    ~Folder() { fs::remove_all(path); }
};
std::string contents(fs::path const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
template <class E, class F> std::string message(F&& f) {
    try {
        f();
    } catch (E const& e) { return e.what(); }
    return "nothing of the kind was thrown";
}
bool has(std::string const& s, std::string const& part) { return s.find(part) != s.npos; }

}  // namespace

BOOST_AUTO_TEST_SUITE(charts_)

BOOST_AUTO_TEST_CASE(ticks_are_round_and_tell_one_from_another) {
    std::vector<double> ends{-inf,      1e-300,    3.3e-9,   0.5, 0.7,     1 - 1e-15, 1,
                             1 + 3e-16, 1 + 5e-16, 1 + 1e-9, 12,  1234567, 1e300};
    for (double low : ends) {
        for (double high : ends) {
            for (auto kind : {Axis::linear, Axis::logarithmic, Axis::whole}) {
                double const from = std::isfinite(low) ? low : kind == Axis::logarithmic ? 5e-324 : -1e300;
                if (!(from <= high) || !std::isfinite(high) ||
                    (kind == Axis::whole &&
                     (high > 1e9 || from < -1e9 || from != std::floor(from) || high != std::floor(high))))
                    continue;
                auto const ticks = Axis(kind, from, high).ticks(6);
                std::set<std::string> all;
                double before = -1;
                for (auto const& t : ticks) {
                    BOOST_TEST((t.place >= -1e-9 && t.place <= 1 + 1e-9 && t.place > before));
                    BOOST_TEST(t.text.size() <= 16u, t.text);
                    all.insert(t.text), before = t.place;
                }
                BOOST_TEST(all.size() == ticks.size(), "from " << from << " to " << high << ", kind " << kind);
                BOOST_TEST((ticks.size() >= (kind == Axis::whole ? 1u : 2u) && ticks.size() <= 12u),
                           ticks.size() << " from " << from << " to " << high << ", kind " << kind);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(ticks_are_where_their_numbers_are) {
    auto const check = [](Axis const& axis) {
        for (auto const& t : axis.ticks(7))
            BOOST_TEST(std::abs(axis.place(std::stod(t.text)) - t.place) < 1e-9, t.text);
    };
    for (double scale : {1e-300, 1e-5, 1.0, 1e5, 1e300})
        check({Axis::linear, -0.3 * scale, 0.9 * scale}), check({Axis::logarithmic, 0.3 * scale, 0.9 * scale}),
            check({Axis::logarithmic, 0.3 * scale, 90 * scale});
    check({Axis::logarithmic, 1e-300, 1e300});
    check({Axis::whole, 1, 100});
    auto const text = [](Axis const& axis, Index most) {
        std::string out;
        for (auto const& t : axis.ticks(most)) out += t.text + " ";
        return out;
    };
    BOOST_TEST(text({Axis::linear, 0, 1}, 6) == "0 0.2 0.4 0.6 0.8 1.0 ");
    BOOST_TEST(text({Axis::logarithmic, 1e-8, 1}, 5) == "1e-8 1e-6 0.0001 0.01 1 ");
    BOOST_TEST(text({Axis::whole, 1, 12}, 20) == "1 2 3 4 5 6 7 8 9 10 11 12 ");
    BOOST_TEST(text({Axis::linear, 2e7, 3e7}, 3) == "2.0e7 2.5e7 3.0e7 ");
    BOOST_TEST(text({Axis::linear, 5, 5}, 4) == "4.8 5.0 5.2 ");
}

BOOST_AUTO_TEST_CASE(any_numbers_are_drawn) {
    std::vector<std::vector<double>> const all{{1},
                                               {0},
                                               {2, 2, 2},
                                               {1, nan, 2},
                                               {inf, 1, -inf},
                                               {1e-300, 1e300},
                                               {-1e300, 1e300},
                                               {-1.7e308, 1.7e308},
                                               {5e-324, 1e-323},
                                               {0, 1, 0, -1, 10},
                                               {1, nan, nan, nan, 3, inf}};
    for (auto const& values : all) {
        for (bool logarithmic : {false, true}) {
            for (Index size : {200, 800}) {
                Chart c = chart(values, logarithmic);
                c.width = c.height = size;
                check_drawing(line_chart(c), c), check_drawing(heat_map(c), c);
            }
        }
    }
    Chart const none = chart({nan, inf});
    BOOST_TEST(!anything_drawn(none));
    BOOST_TEST(anything_drawn(chart({0})));
    BOOST_TEST(!anything_drawn(chart({0, -1}, true)));
    Chart empty = chart({});
    BOOST_TEST(!anything_drawn(empty));
    check_drawing(line_chart(empty), empty);
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_is_a_shaded_gap) {
    std::string const gap = line_chart(chart({1, 2, nan, nan, 3, 4}));
    auto const fills      = attributes(gap, "rect", "fill");
    BOOST_TEST(count(fills, "#fbdcdc") == 1);
    auto const at     = static_cast<std::size_t>(std::find(fills.begin(), fills.end(), "#fbdcdc") - fills.begin());
    double const wide = std::stod(attributes(gap, "rect", "width")[at]),
                 from = std::stod(attributes(gap, "rect", "x")[at]);
    BOOST_TEST(std::abs(wide / 800 - 2. / 5) <
               0.03);  // from half a step before the third to half a step behind the fourth
    BOOST_TEST(std::abs(from / 800 - 0.34) < 0.03);
    for (auto const& d : attributes(gap, "path", "d")) BOOST_TEST((std::count(d.begin(), d.end(), 'L') <= 2));
    std::string const zeros = line_chart(chart({1, 0, 10, -1, 100}, true));  // have no place, and are finite
    BOOST_TEST(count(attributes(zeros, "rect", "fill"), "#fbdcdc") == 0);
    BOOST_TEST(points(zeros) == 3u + 1);  // and the line of the legend
}

BOOST_AUTO_TEST_CASE(of_many_values_the_extremes_are_left) {
    std::vector<double> many(1'000'000, 0.0);
    many[123'456] = 1, many[654'321] = -1;
    Chart c               = chart(many);
    std::string const svg = line_chart(c);
    BOOST_TEST(svg.size() < 60'000u);
    BOOST_TEST(points(svg) < 1700u);
    Chart few            = c;
    few.curves[0].values = {0, 1, -1};
    auto const ticks     = [](std::string const& s) {
        auto out = texts(s);
        std::erase_if(out, [](auto const& t) { return t.size() > 4 || t.find('.') == t.npos; });
        return out;
    };
    BOOST_TEST(ticks(svg) == ticks(line_chart(few)), boost::test_tools::per_element());
    BOOST_TEST((heights(svg) == heights(line_chart(few))));
    for (std::size_t i = 0; i < many.size(); i += 2) many[i] = nan;
    c.curves[0].values = many;
    BOOST_TEST(line_chart(c).size() < 100'000u);
    c.curves.resize(3, c.curves[0]);
    BOOST_TEST(heat_map(c).size() < 300'000u);
}

BOOST_AUTO_TEST_CASE(a_heat_map_colours_by_size) {
    Chart c{
        .curves = {{"l0", {1e-8, 1e-4, 0, nan, 1}}, {"l1", {1, 1, 1, 1, 1}}}, .title = "", .across = "t", .up = "norm"};
    std::string const svg = heat_map(c);
    auto const fills      = attributes(svg, "rect", "fill");
    BOOST_TEST(count(fills, "#e00000") == 2);  // the cell, and the key
    BOOST_TEST(shows(svg, "not finite"));
    BOOST_TEST((shows(svg, "l0") && shows(svg, "l1") && shows(svg, "norm")));
    c.curves[0].values[3] = 1;
    BOOST_TEST(!shows(heat_map(c), "not finite"));
}

BOOST_AUTO_TEST_CASE(every_name_is_shown) {
    auto const draws = [](std::string const& words) {
        Chart c = chart({1, 2});
        c.title = "n" + words + ".", c.across = "x" + words + ".", c.up = "y" + words + ".";
        c.curves[0].name      = "c" + words + ".";
        std::string const svg = line_chart(c), map = heat_map(c);
        std::string const shown = core::utf8::one_line(words);
        if (shown.size() > 20) return;  // those of which the middle is left out
        for (char const* first : {"n", "x", "y", "c"}) {
            BOOST_TEST(shows(svg, first + shown + "."), first << shown << " in " << svg);
            BOOST_TEST(shows(map, first + shown + "."));
        }
    };
    for (char const* s :
         {"'", "''", "\"", "\\", "`date`", "{a}_b^c", "%5.2f", "]]>", "<b>", "&amp;", "ü漢", "\x01\xff"})
        draws(s);
    auto const generate = hostile_text();
    for (std::uint64_t seed = 0; seed < 60; ++seed) draws(generate(rc::Random(seed), 12).value());
    Chart many = chart({1, 2});
    many.curves.resize(1000, {std::string(1'000'000, '<'), {1, 2}});
    std::string const svg = line_chart(many);
    BOOST_TEST(svg.size() < 2'000'000u);
    BOOST_TEST(count(attributes(svg, "path", "stroke-width"), "2") <= 1000 + 24);
    check_drawing(svg, many);
}

BOOST_AUTO_TEST_CASE(other_kinds_of_files_are_made_by_another_program) {
    Folder const folder;
    std::string const svg = line_chart(chart({1, 2}));
    core::save_svg(svg, folder.path / "x.svg", 30);
    BOOST_TEST(contents(folder.path / "x.svg") == svg);
    if (!boost::process::search_path("rsvg-convert").empty()) {
        core::save_svg(svg, folder.path / "x.png", 30), core::save_svg(svg, folder.path / "x.pdf", 30);
        BOOST_TEST(contents(folder.path / "x.png").substr(1, 3) == "PNG");
        BOOST_TEST(contents(folder.path / "x.pdf").substr(0, 4) == "%PDF");
    }
    std::string const path = getenv("PATH");
    setenv("PATH", folder.path.c_str(), 1);
    auto const why = [&](double seconds = 30) {
        return message<core::FileError>([&] { core::save_svg(svg, folder.path / "y.png", seconds); });
    };
    BOOST_TEST(
        has(why(),
            "y.png: there is no rsvg-convert to make it of SVG: install it (on Debian: apt-get install librsvg2-bin)"));
    core::save_svg(svg, folder.path / "z.svg", 30);  // which needs none
    auto const fake = [&](std::string const& script) {
        std::ofstream(folder.path / "rsvg-convert") << "#!/bin/sh\n" << script;
        fs::permissions(folder.path / "rsvg-convert", fs::perms::owner_all);
    };
    fake("echo 'no room' >&2\nexit 1\n");
    BOOST_TEST(has(why(), "rsvg-convert failed: no room"));
    fake("exit 0\n");
    BOOST_TEST(has(why(), "rsvg-convert failed"));
    fake("while :; do :; done\n");
    BOOST_TEST(has(why(0.2), "rsvg-convert took longer than 0.2 s"));
    BOOST_TEST(!fs::exists(folder.path / "y.png"));
    setenv("PATH", path.c_str(), 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace charts
