// Pages of graphs: that they show what they should, that one can move in them, whatever names there are, and load nothing from elsewhere.
#include <algorithm>
#include <browser.hpp>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>
#include <sstream>
#include <unspool/autograd/picture/diagram.hpp>
#include <unspool/autograd/picture/network_page.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/tape/scope.hpp>
#include <unspool/ops/ops.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace browser;

namespace network_pages {

namespace {

bool has(std::string const& s, std::string const& what) { return s.find(what) != s.npos; }

std::size_t occurrences(std::string const& s, std::string const& what) {
    std::size_t n = 0;
    for (std::size_t i = s.find(what); i != s.npos; i = s.find(what, i + 1)) ++n;
    return n;
}

/// A folder of its own for a test, removed at the end.
struct Folder {
    fs::path path = fs::temp_directory_path() / fmt::format("unspool-network-{}", ::getpid());

    Folder() { fs::remove_all(path), fs::create_directories(path); }
    ~Folder() { fs::remove_all(path); }
    std::set<std::string> files() const {
        std::set<std::string> out;
        for (auto const& f : fs::directory_iterator(path)) out.insert(f.path().filename());
        return out;
    }
};

/// Two modules, one after the other, over some steps, and a loss.
struct Net {
    Tape tape{float64};
    Params params{1, float64};
    Param &U = params.normal("U", {4, 4}, 0, 1), &W = params.normal("W", {4, 4}, 0, 1);
    Var loss;

    explicit Net(Index steps = 3) {
        Var h = tape.input(xt::xarray<double>(xt::ones<double>({2, 4})), "h0");
        unroll(h, steps);
        Var const l = mean(square(h));
        loss        = l.named("loss");
    }
    void unroll(Var& h, Index steps) {
        Scope const net(tape, "net");
        for (Index t = 0; t < steps; ++t) {
            Scope const step(tape, t);
            Var const e = encoded(h);
            h           = decoded(e, h);
        }
    }
    Var encoded(Var const& h) {
        Scope const scope(tape, "encoder");
        Var a = tanh(linear(h, U));
        Var b = a * a;
        return b;
    }
    Var decoded(Var const& e, Var const& h) {
        Scope const scope(tape, "decoder");
        Var c = sigmoid(linear(e, W));
        Var d = c * h;
        return d;
    }
};

/// What a test's script uses; told(x) is what it says.
constexpr char const* tools = R"(
const all = s => Array.from(document.querySelectorAll('.network ' + s)), shown = s => all('.view:not([hidden]) ' + s);
const click = (e, what) => e.dispatchEvent(new MouseEvent(what || 'click', { bubbles: true }));
const box = i => shown('.node').find(e => new RegExp('^v\\d+b' + i + '$').test(e.id));
const visible = e => e.getAttribute('display') !== 'none';
const numbers = list => list.map(e => /\d+$/.exec(e.id)[0]).map(Number).sort((a, b) => a - b).join(' ');
const press = name => click(all('button').find(b => b.textContent === name));
const title = name => shown('.cluster > text').find(e => visible(e.parentNode) && e.textContent.endsWith(' ' + name));
const type = words => { all('.wanted')[0].value = words; all('.wanted')[0].dispatchEvent(new Event('input')); };
const seen = () => shown('svg')[0].getAttribute('viewBox').split(' ').map(Number);
const middle = e => { const a = e.getBoundingClientRect(), s = all('.stage')[0].getBoundingClientRect();
  return [(a.x + a.width / 2 - s.x) / s.width, (a.y + a.height / 2 - s.y) / s.height]; };
const told = x => { const p = document.createElement('p'); p.textContent = '[told ' + x + ']'; document.body.append(p); };
)";

/// What the script says, a line each; nothing where there is no browser.
std::vector<std::string> told(fs::path const& page, std::string const& script) {
    std::string const dom = dom_after(page, tools + script);
    std::vector<std::string> out;
    for (std::size_t i = dom.find("<p>[told "); i != dom.npos; i = dom.find("<p>[told ", i + 1))
        out.push_back(dom.substr(i + 9, dom.find("]</p>", i) - i - 9));
    if (dom.empty()) BOOST_TEST_MESSAGE("there is no Chromium to open the page with");
    else BOOST_TEST(!out.empty(), "the script said nothing");
    return out;
}

/// All boxes that lead to one, or to which it leads.
std::string reached(Diagram const& d, int start, bool forward) {
    std::set<int> out{start};
    for (std::size_t size = 0; size != out.size();) {
        size = out.size();
        for (Link const& l : d.links)
            if (out.contains(forward ? l.from : l.to)) out.insert(forward ? l.to : l.from);
    }
    return fmt::format("{}", fmt::join(out, " "));
}

int number_of(Diagram const& d, std::string const& name, std::size_t which = 0) {
    for (std::size_t b = 0; b < d.boxes.size(); ++b)
        if (d.boxes[b].name == name && which-- == 0) return static_cast<int>(b);
    BOOST_FAIL("no box is called " + name);
    return -1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pages_of_graphs)

BOOST_AUTO_TEST_CASE(a_page_has_all_levels_and_loads_nothing) {
    if (!installed("dot")) return;
    Net net;
    Folder const folder;
    fs::path const page = folder.path / "net.html";
    Graph(net.loss).write(page);
    std::string const html = content_of(page);
    check_offline(html);
    BOOST_TEST(has(html, "<title>Graph of loss</title>"));
    for (char const* level : {"depth 1", "modules", "statements"})
        BOOST_TEST(occurrences(html, fmt::format("\"level\":\"{}\"", level)) == 2u, level);  // also rolled up
    BOOST_TEST(folder.files() == std::set<std::string>{"net.html"});
    auto const said = told(page, R"(
told(all('.levels button').map(b => b.textContent));
told(all('.levels [aria-pressed=true]').map(b => b.textContent));
for (const level of ['modules', 'depth 1', 'statements']) { press(level); told(shown('.node.module').length); }
all('.rolled')[0].click();
told(all('.levels [aria-pressed=true]').map(b => b.textContent) + shown('.cluster > text').length);
)");
    if (said.empty()) return;
    BOOST_REQUIRE(said.size() == 6u);
    BOOST_TEST(said[0] == "depth 1,modules,statements");
    BOOST_TEST(said[1] == "statements");
    BOOST_TEST(said[2] == "6");  // two in each step
    BOOST_TEST(said[3] == "3");
    BOOST_TEST(said[4] == "0");
    BOOST_TEST(said[5] == "statements3");  // one step of net, encoder, decoder
}

BOOST_AUTO_TEST_CASE(a_click_marks_paths) {
    if (!installed("dot")) return;
    Net net;
    Folder const folder;
    Graph(net.loss).write(folder.path / "net.html");
    Diagram const d = Graph(net.loss).diagram();
    int const c     = number_of(d, "c", 1);
    auto const said = told(folder.path / "net.html", fmt::format(R"(
click(box({0}));
told(numbers(shown('.node.leads')));
told(numbers(shown('.node.feeds')));
told(shown('.chosen').map(e => e.id));
told(all('.panel dd').map(e => e.textContent).join('|'));
told(shown('.edge').filter(e => e.classList.contains('leads')).length);
click(box({0}));
told(shown('.traced').length);
)",
                                                                 c));
    if (said.empty()) return;
    BOOST_REQUIRE(said.size() == 6u);
    BOOST_TEST(said[0] == reached(d, c, true));
    BOOST_TEST(said[1] == reached(d, c, false));
    BOOST_TEST(said[2] == fmt::format("v0b{}", c));
    BOOST_TEST(has(said[3], "network.cpp:"));
    BOOST_TEST(has(said[3], "[2,4]"));
    BOOST_TEST(has(said[3], "net.decoder"));
    BOOST_TEST(has(said[3], " → d → d₁ → d → loss|"));
    std::string const leads = " " + reached(d, c, true) + " ";
    auto const whole        = [&](Link const& l) {
        return has(leads, fmt::format(" {} ", l.from)) && has(leads, fmt::format(" {} ", l.to));
    };
    BOOST_TEST(said[4] == std::to_string(std::count_if(d.links.begin(), d.links.end(), whole)));
    BOOST_TEST(said[5] == "0");  // a second click unmarks
}

BOOST_AUTO_TEST_CASE(modules_fold_and_unfold) {
    if (!installed("dot")) return;
    Net net;
    Folder const folder;
    Graph(net.loss).write(folder.path / "net.html");
    Diagram const d  = Graph(net.loss).diagram();
    auto const count = [&](std::string const& path) {
        return std::count_if(d.boxes.begin(), d.boxes.end(), [&](Box const& b) { return b.path == path; });
    };
    auto const said = told(folder.path / "net.html", R"(
const state = () => told([shown('.node').filter(visible).length, shown('.folded').length, shown('.lines .edge').length]);
state();
click(title('encoder')); state();
click(shown('.folded')[0]); told(shown('.folded.leads').length + ' ' + shown('.folded.feeds').length);
press('unfold'); state();
click(title('net')); state();
press('fit'); told(middle(shown('.folded')[0]).map(x => x > 0 && x < 1));
click(shown('.folded')[0], 'dblclick'); state();
press('modules'); click(shown('.node.module')[0], 'dblclick');
told(all('.levels [aria-pressed=true]').map(b => b.textContent) + ' ' + shown('.folded').length);
)");
    if (said.empty()) return;
    BOOST_REQUIRE(said.size() == 8u);
    Index const boxes = std::ssize(d.boxes);
    BOOST_TEST(said[0] == fmt::format("{},0,0", boxes));
    BOOST_TEST(
        said[1] ==
        fmt::format("{},3,6", boxes - count("net.encoder")));  // one in each step, with a link there and one away
    BOOST_TEST(said[2] == "3 1");                              // the first, and those after it
    BOOST_TEST(said[3] == said[0]);
    BOOST_TEST(said[4] == fmt::format("{},1,1", std::count_if(d.boxes.begin(), d.boxes.end(),
                                                              [](Box const& b) { return b.path.empty(); })));
    BOOST_TEST(said[5] == "true,true");
    BOOST_TEST(said[6] == said[0]);
    BOOST_TEST(said[7] == "statements 3");  // one of the two is open, the other is not
}

BOOST_AUTO_TEST_CASE(search_finds_and_centres) {
    if (!installed("dot")) return;
    Net net;
    Folder const folder;
    Graph(net.loss).write(folder.path / "net.html");
    Diagram const d = Graph(net.loss).diagram();
    auto const said = told(folder.path / "net.html", fmt::format(R"(
for (let k = 0; k < 8; ++k) press('+');
const hits = () => told(all('.found')[0].textContent + ': ' + numbers(shown('.match')));
type('tanh'); hits();
told(middle(box({})).map(x => Math.round(100 * x)));
type('matmul'); hits();
type('net.decoder sigmoid'); hits();
type('nothing of this name'); hits();
press('modules'); type('tanh'); told(all('.found')[0].textContent);
)",
                                                                 number_of(d, "a")));
    if (said.empty()) return;
    BOOST_REQUIRE(said.size() == 6u);
    auto const all = [&](std::string const& name) {
        return fmt::format("{} {} {}", number_of(d, name, 0), number_of(d, name, 1), number_of(d, name, 2));
    };
    BOOST_TEST(said[0] == "1 of 3: " + all("a"));
    BOOST_TEST(said[1] == "50,50");
    BOOST_TEST(has(said[2], "1 of 6: "));
    BOOST_TEST(said[3] == "1 of 3: " + all("c"));
    BOOST_TEST(said[4] == "none: ");
    BOOST_TEST(has(said[5], "none here, but in statements"));
}

BOOST_AUTO_TEST_CASE(the_wheel_zooms_around_the_pointer_and_fit_shows_all) {
    if (!installed("dot")) return;
    Net net;
    Folder const folder;
    Graph(net.loss).write(folder.path / "net.html");
    auto const said = told(folder.path / "net.html", R"(
const stage = all('.stage')[0], r = stage.getBoundingClientRect();
const whole = () => shown('.node').concat(shown('.cluster')).every(e => middle(e).every(x => x > 0 && x < 1));
press('fit'); told(whole());
const e = box(0), at = middle(e), before = seen()[2];
stage.dispatchEvent(new WheelEvent('wheel', { deltaY: -300, clientX: r.x + at[0] * r.width, clientY: r.y + at[1] * r.height }));
told([Math.abs(middle(e)[0] - at[0]) < 0.004, Math.abs(middle(e)[1] - at[1]) < 0.004, seen()[2] < before / 1.9]);
const drag = (what, x, y) => stage.dispatchEvent(new PointerEvent(what, { bubbles: true, pointerId: 1, clientX: x, clientY: y }));
const from = middle(e);
stage.setPointerCapture = () => {};
drag('pointerdown', r.x + 50, r.y + 50); drag('pointermove', r.x + 70, r.y + 60); drag('pointerup', r.x + 70, r.y + 60);
told([Math.round((middle(e)[0] - from[0]) * r.width), Math.round((middle(e)[1] - from[1]) * r.height)]);
drag('pointerdown', r.x + 5, r.y + 5); drag('pointerup', r.x + 5, r.y + 5); click(stage, 'dblclick'); told(whole());
for (let k = 0; k < 30; ++k) press('+');
told(whole());
stage.dispatchEvent(new KeyboardEvent('keydown', { key: 'f' })); told(whole());
)");
    if (said.empty()) return;
    BOOST_REQUIRE(said.size() == 6u);
    BOOST_TEST(said[0] == "true");
    BOOST_TEST(said[1] == "true,true,true");
    BOOST_TEST(said[2] == "20,10");
    BOOST_TEST(said[3] == "true");
    BOOST_TEST(said[4] == "false");
    BOOST_TEST(said[5] == "true");
}

BOOST_AUTO_TEST_CASE(no_name_breaks_out) {
    if (!installed("dot")) return;
    std::string const name   = "</script></svg><script>alert(1)</script>\"'&é\xff",
                      quoted = "</script></svg><script>alert";
    Tape tape;
    Scope const scope(tape, name);
    Var const x = tape.input(xt::xarray<float>{1, 2}, name), square_of_x = x * x, sum_of_both = x + square_of_x;
    Var const y = square_of_x.named(name), z = sum_of_both.named(std::string(5000, 'z'));
    Folder const folder;
    Graph(std::vector{y, z}).write(folder.path / "net.html");
    std::string const html = content_of(folder.path / "net.html");
    check_offline(html);
    BOOST_REQUIRE(!has(html, quoted));  // or the browser would wait for its alert
    BOOST_TEST(html.size() < 100'000u);
    auto const said = told(folder.path / "net.html", R"(
click(box(1)); told(all('.panel h3')[0].textContent);
type('ALERT(1)'); told(shown('.match').length > 0);
told(document.querySelectorAll('script').length);
)");
    if (said.empty()) return;
    BOOST_REQUIRE(said.size() == 3u);
    BOOST_TEST(has(said[0], "&lt;/script&gt;&lt;/svg&gt;&lt;script&gt;alert(1)"));
    BOOST_TEST(said[1] == "true");
    BOOST_TEST(said[2] == "4");  // make, data, the page's own, the test's
}

BOOST_AUTO_TEST_CASE(one_node_is_a_page) {
    if (!installed("dot")) return;
    Tape tape;
    Var const x = tape.input(2.f, "x");
    Folder const folder;
    Graph(x).write(folder.path / "net.html");
    auto const said = told(folder.path / "net.html", R"(
click(box(0)); told(all('.panel dd').map(e => e.textContent).join('|'));
told(all('.roll, .colour').every(e => e.hidden));
)");
    if (said.empty()) return;
    BOOST_REQUIRE(said.size() == 2u);
    BOOST_TEST(has(said[0], "it is a result|0 boxes|0 boxes"));
    BOOST_TEST(said[1] == "true");
    BOOST_CHECK_THROW(Graph(std::vector<Var>{}), ValueError);
}

BOOST_AUTO_TEST_CASE(gradients_colour_the_boxes) {
    if (!installed("dot")) return;
    Net net;
    Folder const folder;
    Gradients const g = backward(net.loss, Keep::all);
    Graph(net.loss).colour(g).write(folder.path / "net.html");
    Diagram const d = Graph(net.loss).colour(g).diagram();
    int const c     = number_of(d, "c");
    BOOST_REQUIRE(d.boxes[static_cast<std::size_t>(c)].flow.has_value());
    auto const said = told(folder.path / "net.html", fmt::format(R"(
const fill = () => getComputedStyle(box({0}).querySelector('path')).fill;
told(fill()); all('.coloured')[0].click(); told(fill());
click(box({0})); told(all('.panel dd').map(e => e.textContent).join('|'));
)",
                                                                 c));
    if (said.empty()) return;
    BOOST_REQUIRE(said.size() == 3u);
    BOOST_TEST(said[0] != said[1]);
    BOOST_TEST(has(said[2], fmt::format("‖∇‖ {:.2g}", d.boxes[static_cast<std::size_t>(c)].flow->norm)));
}

BOOST_AUTO_TEST_CASE(what_is_too_large_is_left_out) {
    if (!installed("dot")) return;
    Net net(3);
    NetworkPage const little = Graph(net.loss).page(1);
    BOOST_TEST(occurrences(little.body, "<svg") == 1u);
    BOOST_TEST(has(little.body, "modules: the page would be too large"));
    BOOST_TEST(occurrences(Graph(net.loss).page(1'000'000).body, "<svg") == 6u);
    // Statements are too many, but modules are not.
    NetworkPage const modules = Graph(net.loss, {.limit = 8}).page(1'000'000);
    BOOST_TEST(has(modules.body, "statements: this graph has more than 8 boxes"));
    BOOST_TEST(has(modules.body, "\"level\":\"modules\""));
    BOOST_CHECK_THROW(Graph(net.loss, {.limit = 1}).page(1'000'000), ValueError);
}

BOOST_AUTO_TEST_CASE(a_missing_dot_is_an_error_as_elsewhere) {
    Net net;
    Folder const folder;
    std::string const before = std::getenv("PATH");
    ::setenv("PATH", (folder.path / "bin").c_str(), 1);
    std::string words;
    try {
        Graph(net.loss).write(folder.path / "net.html");
    } catch (FileError const& e) { words = e.what(); }
    ::setenv("PATH", before.c_str(), 1);
    BOOST_TEST(has(words, "cannot draw"));
    BOOST_TEST(has(words, "no program dot"));
    BOOST_TEST(folder.files() == std::set<std::string>{"net.dot"});
    BOOST_TEST(content_of(folder.path / "net.dot") == Graph(net.loss).dot());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace network_pages
