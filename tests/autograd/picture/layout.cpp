// Where boxes and links stand: alike with any font, legible on a page, and out of each other's way.
#include <autograd/picture/svg.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <runs.hpp>
#include <unspool/autograd/picture/cluster_rows.hpp>
#include <unspool/autograd/picture/diagram.hpp>
#include <unspool/autograd/picture/dot.hpp>
#include <unspool/autograd/picture/fit.hpp>
#include <unspool/autograd/picture/lay_out.hpp>
#include <unspool/autograd/picture/render.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/tape/scope.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xbuilder.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

enum class Loss : std::uint8_t { of_the_last, of_all_stacked, summed_over_steps };

struct Design {
    int layers        = 1;
    Index steps       = 3;
    Loss loss         = Loss::of_all_stacked;
    int equations     = 1;      // of a step
    bool backwards    = false;  // time, in the first layer
    bool shared       = false;  // all steps read one array
    bool named_inputs = false;
    bool skips        = false;  // a layer reads the one before the last, too
    bool given_states = false;  // all layers begin with one array
    bool decoder      = false;  // a loop after them, which reads what they made of all steps
};

/// Stacked recurrent layers of made-up equations, over time.
class Network {
public:
    explicit Network(Design const& plan) : plan_(plan) {
        std::vector<Var> xs, all;
        Var const inputs = tape_.input(xt::xarray<double>(xt::ones<double>({plan.steps, Index{2}, Index{4}})), "xs");
        Var embedded     = tanh(inputs * 2.0);
        for (Index t = 0; t < plan.steps; ++t) xs.push_back(plan.named_inputs ? embedded[t] : inputs[t]);
        shared_ = tape_.input(xt::xarray<double>(xt::ones<double>({2, 4})), "memory");
        shared_ = Var(exp(shared_)).named("memory");
        start_  = Var(tanh(shared_)).named("start");
        for (int layer = 0; layer < plan.layers; ++layer) {
            std::vector<Var> const before = xs;
            xs = run(std::move(xs), fmt::format("layer{}", layer), plan.backwards && layer == 0);
            for (std::size_t t = 0; plan.skips && layer > 0 && t < xs.size(); ++t) xs[t] = xs[t] + before[t];
        }
        if (plan.decoder) xs = decode(xs);
        loss_ = loss(xs);
    }
    Var loss() const { return loss_; }

private:
    std::vector<Var> run(std::vector<Var> xs, std::string const& name, bool backwards) {
        Scope const module(tape_, name);
        Params params = params_ / name;
        Param& W      = params.uniform("W.weight", {4, 4}, -1, 1);
        Param& b      = params.uniform("bias_of_hidden", {4}, -1, 1);
        Var h         = plan_.given_states ? start_ : tape_.constant(xt::xarray<double>(xt::zeros<double>({2, 4})));
        for (std::size_t i = 0; i < xs.size(); ++i) {
            std::size_t const t = backwards ? xs.size() - 1 - i : i;
            Scope const step(tape_, static_cast<Index>(t));
            Var z = linear(xs[t], W) + b;
            if (plan_.shared) z = Var(z * shared_).named("m");
            for (int k = 1; k < plan_.equations; ++k) z = Var(sigmoid(z) * h + tanh(z)).named(fmt::format("z{}", k));
            h     = Var(tanh(z) + h * 0.5).named("h");
            xs[t] = h;
        }
        return xs;
    }
    std::vector<Var> decode(std::vector<Var> const& xs) {
        Var const context = Var(mean(stack(xs), {0})).named("context");
        return run(std::vector<Var>(3, context), "decoder", false);
    }
    Var loss(std::vector<Var> const& hs) {
        if (plan_.loss == Loss::of_the_last) return Var(mean(square(hs.back()))).named("loss");
        if (plan_.loss == Loss::of_all_stacked) return Var(mean(square(stack(hs)))).named("loss");
        Var sum = square(hs[0]);
        for (std::size_t t = 1; t < hs.size(); ++t) sum = sum + square(hs[t]);
        return Var(mean(sum)).named("loss");
    }

    Design plan_;
    Tape tape_{float64};
    Params params_{7, float64};
    Var shared_, start_, loss_;
};

Design random_plan(unsigned seed) {
    std::mt19937 random(seed);
    auto const below = [&](unsigned n) { return static_cast<int>(random() % n); };
    return {1 + below(3),  2 + below(6),  static_cast<Loss>(below(3)),
            1 + below(4),  below(4) == 0, below(3) == 0,
            below(2) == 0, below(4) == 0, below(4) == 0,
            below(5) == 0};
}

std::string content_of(std::filesystem::path const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string drawn(Graph const& g, std::string const& format) {
    Rendered const r = rendered(g.dot(), format, 60);
    BOOST_REQUIRE_MESSAGE(r.complaint.empty(), r.complaint);
    return r.picture;
}

/// A variable of the environment while it lives.
struct Environment {
    char const* name;
    std::string before = std::getenv(name) ? std::getenv(name) : "";
    Environment(char const* n, std::string const& now) : name(n) { ::setenv(n, now.c_str(), 1); }
    ~Environment() { before.empty() ? ::unsetenv(name) : ::setenv(name, before.c_str(), 1); }
};

/// Steps whose values go into a box from outside of it, each by a link of its own.
int most_links_from_steps(Diagram const& d) {
    std::map<int, int> from_steps;
    auto const step = [&](int box) {
        int c = d.boxes[static_cast<std::size_t>(box)].cluster;
        while (c >= 0 && !d.clusters[static_cast<std::size_t>(c)].step)
            c = d.clusters[static_cast<std::size_t>(c)].parent;
        return c;
    };
    int most = 0;
    for (core::Link const& l : d.links)
        if (step(l.from) >= 0 && step(l.to) < 0) most = std::max(most, ++from_steps[l.to]);
    return most;
}

/// "layer1 stands below layer0", if they stand side by side no more than a little.
std::vector<std::string> rows_out_of_order(Diagram const& d, std::string const& picture) {
    std::vector<std::string> out;
    ClusterRows const rows(d);
    auto const all = svg::clusters(picture);
    for (auto const& [a, lower] : all)
        for (auto const& [b, upper] : all) {
            Cluster const &its    = d.clusters[static_cast<std::size_t>(a)],
                          &other  = d.clusters[static_cast<std::size_t>(b)];
            double const common   = std::min(lower.right, upper.right) - std::max(lower.left, upper.left);
            double const narrower = std::min(lower.right - lower.left, upper.right - upper.left);
            if (d.horizontal && its.parent == other.parent && rows[a] < rows[b] && lower.top < upper.top &&
                common > narrower / 2)
                out.push_back(other.title + " stands below " + its.title);
        }
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(layout)

BOOST_AUTO_TEST_CASE(widths_are_those_of_helvetica) {
    BOOST_TEST(text_width("Wf·xs", 1000) == 944 + 278 + 278 + 500 + 500);
    BOOST_TEST(text_width("h = ", 1000, true) == 611 + 278 + 584 + 278);
    Extent const e = extent_of("<b>h</b>= a &lt; b<br/><font point-size=\"8\">[2]</font>", 10);
    BOOST_TEST(e.width == text_width("h", 10, true) + text_width("= a < b", 10));
    BOOST_TEST(e.height == 1.2 * (10 + 8), boost::test_tools::tolerance(1e-12));
    BOOST_TEST(extent_of("", 10).height == 0);
}

BOOST_AUTO_TEST_CASE(no_font_moves_a_box) {
    auto const folder = std::filesystem::temp_directory_path() / fmt::format("unspool-fonts-{}", ::getpid());
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "fonts.conf")
        << "<?xml version=\"1.0\"?><fontconfig><dir>/usr/share/fonts</dir><cachedir>" << folder.string()
        << "</cachedir><match target=\"pattern\"><edit name=\"family\" mode=\"assign\" binding=\"strong\">"
           "<string>DejaVu Sans Mono</string></edit></match></fontconfig>\n";
    for (Design const& plan : {Design{}, Design{.layers = 2, .shared = true}, Design{.steps = 60, .equations = 3}}) {
        Network const net(plan);
        Graph const g           = Graph(net.loss()).tooltips(false);
        std::string const usual = drawn(g, "plain");
        Environment const other("FONTCONFIG_FILE", folder / "fonts.conf");
        BOOST_TEST(drawn(g, "plain") == usual);
    }
    std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(values_of_all_steps_are_collected_along_one_line) {
    for (Loss loss : {Loss::of_all_stacked, Loss::summed_over_steps})
        for (Index steps : {2, 3, 8, 50})
            for (int layers : {1, 2})
                for (bool all : {false, true}) {
                    Network const net({.layers = layers, .steps = steps, .loss = loss});
                    Diagram const d = Graph(net.loss(), {.all_steps = all, .limit = 2000}).diagram();
                    BOOST_TEST(most_links_from_steps(d) <= 1, "T = " << steps);
                    auto const shown   = std::count_if(d.clusters.begin(), d.clusters.end(),
                                                       [&](Cluster const& c) { return c.step && c.loop == 0; });
                    auto const gaps    = std::count_if(d.boxes.begin(), d.boxes.end(),
                                                       [](Box const& b) { return b.kind == Box::elision && b.loop == 0; });
                    auto const corners = std::count_if(d.boxes.begin(), d.boxes.end(),
                                                       [](Box const& b) { return b.kind == Box::junction; });
                    BOOST_TEST((corners == shown + gaps || loss == Loss::summed_over_steps));
                }
}

BOOST_AUTO_TEST_CASE(as_many_steps_are_shown_as_can_be_read) {
    for (unsigned seed = 0; seed < 200; ++seed) {
        Network const net(random_plan(seed));
        Diagram const d = Graph(net.loss()).diagram();
        auto const steps =
            std::count_if(d.clusters.begin(), d.clusters.end(), [](Cluster const& c) { return c.step && c.loop == 0; });
        BOOST_TEST((steps <= 3 || width_of(d) <= widest(880)), "seed " << seed);
    }
    Network const narrow({.steps = 5});
    auto const steps = [&](Index page) {
        Diagram const d = Graph(narrow.loss()).page_width(page).diagram();
        return std::count_if(d.clusters.begin(), d.clusters.end(), [](Cluster const& c) { return c.step; });
    };
    BOOST_TEST(steps(3000) == 5);
    BOOST_TEST(steps(400) == 2);
}

/// Rows stand in their order, and no link crosses a text, a few networks apart: those in which one value goes into the first step of a layer and into the
/// last of another, and those with sums between rows, each of one step, for which dot has no place.
BOOST_AUTO_TEST_CASE(rows_are_in_order_and_links_cross_no_text) {
    int const pictures = runs(60, 500);
    int strange = 0, faults = 0;
    for (unsigned seed = 0; seed < static_cast<unsigned>(pictures); ++seed) {
        Design const plan = random_plan(seed);
        bool const odd    = plan.skips || (plan.given_states && plan.backwards);
        Network const net(plan);
        Diagram d =
            Graph(net.loss()).tooltips(false).level(seed % 3 == 0 ? Graph::modules : Graph::statements).diagram();
        Rendered const r = lay_out(
            d, [](Diagram const& x) { return dot_text(x, true); }, 60);
        BOOST_REQUIRE_MESSAGE(r.complaint.empty(), "seed " << seed << ": " << r.complaint);
        auto const picture = svg::parsed(r.picture);
        auto found         = svg::crossings(picture);
        for (auto& what : svg::flaws(picture)) found.push_back(std::move(what));
        for (auto& what : rows_out_of_order(d, r.picture)) found.push_back(std::move(what));
        for (auto const& what : found) BOOST_TEST((odd || what.empty()), "seed " << seed << ": " << what);
        strange += odd, faults += odd && !found.empty();
    }
    BOOST_TEST(faults <= 0.5 * strange, faults << " of " << strange << " strange pictures");
}

/// `Graph` aims at `least_print`; where no step more can be left out, a picture may be a little wider.
BOOST_AUTO_TEST_CASE(pictures_of_the_documentation_can_be_read) {
    constexpr double least = 8;
    int pictures           = 0;
    for (std::string const folder : {"", "/gallery", "/cells"})
        for (auto const& entry : std::filesystem::directory_iterator(UNSPOOL_TESTS_DIR "/../docs/figures" + folder)) {
            if (entry.path().extension() != ".svg") continue;
            std::string const source = content_of(entry.path());
            if (source.find("Generated by graphviz") == source.npos) continue;
            svg::Picture const picture = svg::parsed(source);
            BOOST_TEST(svg::least_print(picture, 880) >= least, entry.path());
            for (auto const& c : svg::crossings(picture)) BOOST_TEST(c == "", entry.path() << ": " << c);
            for (auto const& f : svg::flaws(picture)) BOOST_TEST(f == "", entry.path() << ": " << f);
            ++pictures;
        }
    BOOST_TEST(pictures >= 39);
}

BOOST_AUTO_TEST_SUITE_END()
