// The page of a training: its numbers are those of the training, it stays small, and it says what goes wrong.
#include <csignal>
#include <nlohmann/json.hpp>
#include <nn/cells.hpp>
#include <nn/files/scratch.hpp>
#include <set>
#include <sys/resource.h>
#include <unspool/autograd/text/html.hpp>

using namespace cells;

namespace training_page {

namespace {

using nlohmann::json;

/// What the script of a page reads.
json data_in(std::string const& html) {
    std::string const begin = "<script type=\"application/json\" id=\"training\">";
    std::size_t const at    = html.find(begin) + begin.size();
    return json::parse(html.substr(at, html.find("</script>", at) - at));
}
json data_in(files::fs::path const& path) { return data_in(files::contents(path)); }

json column(json const& rows, std::string const& name) {
    for (auto const& c : rows["columns"])
        if (c["name"] == name) return c["values"];
    return nullptr;
}

/// What is said of one name: "vanishing", "dead", or both.
std::set<std::string> verdicts(std::vector<Finding> const& all, std::string const& name) {
    std::set<std::string> out;
    for (Finding const& f : all)
        if (f.of == name) out.insert(f.what);
    return out;
}
std::string why(std::vector<Finding> const& all, std::string const& what) {
    for (Finding const& f : all)
        if (f.what == what) return f.why;
    return "";
}

xt::xarray<double> noise(std::vector<std::size_t> const& shape, std::uint64_t seed) {
    Random random(seed);
    auto out = xt::xarray<double>::from_shape(shape);
    for (double& x : out) x = random.normal();
    return out;
}

/// A cell over 100 steps, whose loss looks at the last.
template <class Cell> TrainingProbe last_step_of(Cell const& cell, Index in) {
    return {.loss = [&cell, in](Tape& tape, Recorder& recorder) {
        Var const xs   = tape.constant(noise({100, 2, static_cast<std::size_t>(in)}, 5));
        auto const run = scan(cell, xs, cell.zeros(tape, 2), {.record = &recorder});
        Var loss       = mean(square(output_of(run.state)));
        return loss;
    }};
}

struct Plain {
    Params params{1, float64};
    nn::RNNCell cell{params / "rnn", 3, 8};
    Param& recurrent = params["rnn.weight_hh_l0"];

    /// The identity, so many times.
    void recur(double factor) { recurrent.assign(xt::xarray<double>(factor * xt::eye<double>(8))); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(training_pages)

BOOST_AUTO_TEST_CASE(numbers_are_those_of_the_training) {
    files::TemporaryFolder const folder;
    Params params(1, float64);
    Param& w = params.trained("w", xt::xarray<double>{3, 4});
    Sgd sgd(params, {.rate = 0.1});
    TrainingPage page(folder / "page.html", params, {.seconds = 1000});
    Tape tape(float64);
    std::vector<double> losses, norms;
    for (int epoch = 0; epoch < 3; ++epoch) {
        for (int update = 0; update < 4; ++update) {
            tape.rewind();
            Var const loss    = sum(square(tape.lift(w)));
            Gradients g       = backward(loss);
            double const norm = clip_grad_norm(g, 2);
            sgd.step(g);
            page.update({.loss = loss.item(), .rate = sgd.rate(), .norm = norm, .max_norm = 2});
            losses.push_back(loss.item()), norms.push_back(norm);
        }
        page.epoch({{"loss", losses.back()}, {"validation_loss", -1.0 / (epoch + 3)}});
    }
    page.finish();
    json const data = data_in(folder / "page.html");
    BOOST_TEST(data["state"] == "finished");
    BOOST_TEST(data["epochs"]["number"] == json({1, 2, 3}));
    BOOST_TEST(column(data["epochs"], "loss") == json({losses[3], losses[7], losses[11]}));
    BOOST_TEST(column(data["epochs"], "validation_loss") == json({-1.0 / 3, -1.0 / 4, -1.0 / 5}));
    BOOST_TEST(data["updates"]["loss"].get<std::vector<double>>() == losses, boost::test_tools::per_element());
    BOOST_TEST(data["updates"]["norm"].get<std::vector<double>>() == norms, boost::test_tools::per_element());
    BOOST_TEST(norms[0] == 10, boost::test_tools::tolerance(1e-9));  // 2 ‖w‖
    BOOST_TEST(data["updates"]["clipped"][0] == 2.0);
    BOOST_TEST(data["updates"]["rate"][11] == 0.1);
    // An update goes 0.1 · 2 of the way; the first of each epoch counts, and w was 5, 4.2, 3.4 long then.
    std::vector<double> const lengths{5, 4.2, 3.4};
    BOOST_REQUIRE(data["frames"].size() == 3u);
    for (std::size_t k = 0; k < 3; ++k)
        BOOST_TEST(data["frames"][k]["ratios"][0].get<double>() == 0.2 / lengths[k],
                   boost::test_tools::tolerance(0.005));
    BOOST_TEST(data["parameters"] == json({"w"}));
}

BOOST_AUTO_TEST_CASE(histograms_count_all) {
    Params params(1, float64);
    Param const& w          = params.trained("w", xt::xarray<double>{-1, -0.6, 0.1, 1, NAN, INFINITY});
    WeightHistogram const h = weight_histogram(w, 4);
    BOOST_TEST(h.low == -1);
    BOOST_TEST(h.high == 1);
    BOOST_TEST(h.counts == (std::vector<Index>{2, 0, 1, 1}), boost::test_tools::per_element());
    BOOST_TEST(h.not_finite == 2);
    BOOST_TEST(weight_histogram(params.constant("c", {5}, 7), 3).counts[0] == 5);
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_is_marked_and_never_thinned_out) {
    files::TemporaryFolder const folder;
    Params params(1);
    TrainingPage page(folder / "page.html", params, {.seconds = 1000});
    for (int k = 0; k < 5000; ++k) page.update({.loss = k == 1234 ? NAN : 1.0, .norm = k == 4321 ? INFINITY : 2.0});
    for (int k = 0; k < 5000; ++k) page.epoch({{"loss", k == 777 ? -INFINITY : 0.5}});
    json const data = data_in(page.html()), &u = data["updates"], &e = data["epochs"];
    BOOST_TEST(u["number"].size() <= 1000u);
    BOOST_TEST(u["number"].size() >= 500u);
    auto const at = [](json const& list, json const& x) {
        return std::find(list.begin(), list.end(), x) - list.begin();
    };
    BOOST_TEST(u["number"].at(static_cast<std::size_t>(at(u["loss"], "nan"))) == 1235);
    BOOST_TEST(u["number"].at(static_cast<std::size_t>(at(u["norm"], "inf"))) == 4322);
    BOOST_TEST(e["number"].at(static_cast<std::size_t>(at(column(e, "loss"), "-inf"))) == 778);
    BOOST_TEST(e["number"].back() == 5000);
}

BOOST_AUTO_TEST_CASE(ten_thousand_epochs_stay_small) {
    files::TemporaryFolder const folder;
    Params params(1);
    std::vector<Param*> all;
    for (int k = 0; k < 70; ++k) all.push_back(&params.normal("weight" + std::to_string(k), {1, 4}, 0, 1));
    // Two layers, 200 steps, without a network: what a Recorder is given, and a loss of that.
    int looks       = 0;
    auto const loss = [&](Tape& tape, Recorder& recorder) {
        ++looks;
        Var h = tape.lift(*all[0]);
        for (int layer = 0; layer < 2; ++layer)
            for (Index t = 0; t < 200; ++t)
                for (char const* name : {"h", "c", "i", "f", "g", "o"}) {
                    h = 1.01 * h;
                    recorder.put(fmt::format("l{}.{}", layer, name), t, h);
                }
        Var out = mean(h);
        return out;
    };
    std::vector<std::vector<std::string>> const tokens(1, std::vector<std::string>(200, std::string(100, '<')));
    TrainingPage page(folder / "page.html", params, {.seconds = 1000, .probe = {.loss = loss, .tokens = tokens}});
    for (int k = 0; k < 10'000; ++k) {
        for (int j = 0; j < 3; ++j)
            page.update({.loss = 1.0 / (k + 3), .rate = 0.1 / 3, .norm = k / 3.0, .max_norm = 1});
        page.epoch({{"loss", 1.0 / (k + 3)}, {"validation_loss", 2.0 / (k + 3)}, {"accuracy", k / 30000.0}});
    }
    page.finish();
    json const data = data_in(folder / "page.html");
    BOOST_TEST(files::fs::file_size(folder / "page.html") < 3'000'000u);
    BOOST_TEST(files::fs::file_size(folder / "page.html") > 500'000u);  // or nothing was kept
    BOOST_TEST(data["frames"].size() >= 50u);
    BOOST_TEST(data["frames"].size() <= 201u);
    BOOST_TEST(data["frames"].back()["epoch"] == 10'000);
    BOOST_TEST(data["parameters"].size() == 60u);
    BOOST_TEST(data["left_out"] == 10);
    BOOST_TEST(data["sequences"][0]["maps"].size() == 12u);
    BOOST_TEST(looks < 2000);
    auto const& epochs = data["epochs"];
    BOOST_TEST(epochs["number"].size() <= 500u);
    for (std::size_t k = 0; k < epochs["number"].size(); ++k)
        BOOST_REQUIRE(column(epochs, "loss")[k] == 1.0 / (epochs["number"][k].get<double>() + 2));
}

BOOST_AUTO_TEST_CASE(maps_of_a_large_network_stay_small) {
    std::vector<RecordedMap> maps;
    for (int k = 0; k < 6; ++k)
        maps.push_back({"h" + std::to_string(k), 1000, 5, 64, std::vector<double>(1000 * 5 * 64, 0.25), 0.25, 0.25});
    std::vector<std::vector<std::string>> const tokens(5, std::vector<std::string>(1000, std::string(100, '<')));
    std::string const text = maps_json(maps, tokens);
    BOOST_TEST(script_data("maps", text).size() < 800'000u);  // of which tokens are a third
    json const sequences = json::parse(text);
    BOOST_REQUIRE(sequences.size() == 4u);
    BOOST_TEST(sequences[3]["maps"].size() == 6u);
    BOOST_TEST(sequences[3]["tokens"].size() == 400u);
    BOOST_TEST(sequences[3]["maps"][5]["rows"].size() == 22u);  // of 64 units, one in three
    BOOST_TEST(sequences[3]["maps"][5]["every"] == 3);
}

BOOST_AUTO_TEST_CASE(maps_show_what_was_recorded) {
    Params params(1, float64);
    nn::LSTMCell const lstm(params / "lstm", 3, 4);
    xt::xarray<double> h, f;
    TrainingProbe const probe{.loss = [&](Tape& tape, Recorder& recorder) {
        auto const run = scan(lstm, tape.constant(noise({6, 2, 3}, 3)), lstm.zeros(tape, 2), {.record = &recorder});
        Var loss       = mean(square(run.state.h));
        h = recorder.sequence("h").value<double>(), f = recorder.sequence("f").value<double>();
        return loss;
    }};
    ProbeResult const r = look_inside(probe, float64);
    json const maps     = json::parse(maps_json(r.maps, {{"a", "b", "c", "d", "e", "f"}, {"x", "y"}}));
    BOOST_REQUIRE(maps.size() == 2u);
    for (std::size_t b = 0; b < 2; ++b)
        for (auto const& [name, truth] : {std::pair("h", h), std::pair("f", f)}) {
            json map;
            for (auto const& m : maps[b]["maps"])
                if (m["name"] == name) map = m;
            BOOST_REQUIRE(map["rows"].size() == 4u);
            double const low = map["low"], high = map["high"];
            for (std::size_t u = 0; u < 4; ++u) {
                std::string const row = map["rows"][u];
                BOOST_REQUIRE(row.size() == (b == 0 ? 12u : 4u));  // as many steps as tokens
                for (std::size_t t = 0; 2 * t < row.size(); ++t)
                    BOOST_TEST(std::abs(low + std::stoi(row.substr(2 * t, 2), nullptr, 16) / 254.0 * (high - low) -
                                        truth(t, b, u)) <= 0.51 / 254 * (high - low));
            }
        }
    json const flow = json::parse(flow_json(r.flow));
    BOOST_REQUIRE(flow.size() == 2u);
    for (auto const& layer : flow)
        for (std::size_t t = 0; t < 6; ++t)
            BOOST_TEST(layer["norms"][t].get<double>() == r.flow[layer["name"].get<std::string>()].norms[t],
                       boost::test_tools::tolerance(0.005));
}

BOOST_AUTO_TEST_CASE(a_small_recurrent_weight_vanishes) {
    Plain net;
    net.recur(0.5);
    auto const found = look_inside(last_step_of(net.cell, 3), float64).findings;
    BOOST_TEST(verdicts(found, "h").contains("vanishing"));
    BOOST_TEST(has(why(found, "vanishing"), "at t = 99 to"));
    BOOST_TEST(has(why(found, "vanishing"), "a factor of 0."));
}

BOOST_AUTO_TEST_CASE(a_large_recurrent_weight_explodes) {
    Plain net;
    for (Param* p : net.params.all()) p->assign(0.0);  // states of 0 leave all slopes of the tanh at 1
    net.recur(1.2);
    TrainingProbe const probe{.loss = [&](Tape& tape, Recorder& recorder) {
        Var const xs = tape.constant(noise({100, 2, 3}, 5));
        auto run     = scan(net.cell, xs, net.cell.zeros(tape, 2), {.record = &recorder});
        Var loss     = sum(run.state);
        return loss;
    }};
    auto const found = look_inside(probe, float64).findings;
    BOOST_TEST(verdicts(found, "h").contains("exploding"));
    BOOST_TEST(has(why(found, "exploding"), "a factor of 1.20 a step"));
    net.recur(1);
    BOOST_TEST(!verdicts(look_inside(probe, float64).findings, "h").contains("exploding"));
    BOOST_TEST(verdicts(look_inside(probe, float64).findings, "h").contains("healthy"));
}

BOOST_AUTO_TEST_CASE(gates_that_are_shut_are_saturated) {
    Params params(1, float64);
    nn::LSTMCell const lstm(params / "lstm", 3, 4);
    auto const before = look_inside(last_step_of(lstm, 3), float64).findings;
    for (char const* gate : {"i", "f", "o"}) BOOST_TEST(!verdicts(before, gate).contains("saturated"));
    xt::xarray<double> bias = xt::zeros<double>({16});
    for (std::size_t u = 0; u < 4; ++u) bias(u) = 9;  // those of the input gate come first
    params["lstm.bias_ih_l0"].assign(bias);
    auto const found = look_inside(last_step_of(lstm, 3), float64).findings;
    BOOST_TEST(verdicts(found, "i").contains("saturated"));
    BOOST_TEST(!verdicts(found, "f").contains("saturated"));
    BOOST_TEST(why(found, "saturated") == "0 % below 0.1, 100 % above 0.9");

    Plain net;
    BOOST_TEST(!verdicts(look_inside(last_step_of(net.cell, 3), float64).findings, "h").contains("saturated"));
    net.recur(20);
    BOOST_TEST(verdicts(look_inside(last_step_of(net.cell, 3), float64).findings, "h").contains("saturated"));
}

BOOST_AUTO_TEST_CASE(a_unit_that_never_fires_is_dead) {
    Params params(1, float64);
    nn::IRNNCell const irnn(params / "irnn", 3, 6);
    BOOST_TEST(!verdicts(look_inside(last_step_of(irnn, 3), float64).findings, "h").contains("dead"));
    for (Param* p : params.all())
        if (p->shape().rank() == 1) {
            xt::xarray<double> b = p->value<double>();
            b(2) = b(4) = -1000;
            p->assign(b);
        }
    auto const found = look_inside(last_step_of(irnn, 3), float64).findings;
    BOOST_TEST(verdicts(found, "h").contains("dead"));
    BOOST_TEST(why(found, "dead") == "2 of 6 units are 0 in each step of each sequence: 2, 4");

    // Once is enough, in any sequence.
    TrainingProbe const seldom{.loss = [](Tape& tape, Recorder& recorder) {
        Var const first  = tape.input(xt::xarray<double>{{0, 0, 0}, {0, 2, 0}}),
                  second = tape.input(xt::xarray<double>{{3, 0, 0}, {0, 0, 0}});
        recorder.put("a", 0, second), recorder.put("a", 1, first), recorder.put("b", 0, first),
            recorder.put("b", 1, second);
        return sum(first * second);
    }};
    auto const rare = look_inside(seldom, float64).findings;
    BOOST_REQUIRE(rare.size() == 2u);
    for (Finding const& f : rare) BOOST_TEST(f.why == "1 of 3 units are 0 in each step of each sequence: 2");
}

BOOST_AUTO_TEST_CASE(names_are_shown_as_they_are) {
    files::TemporaryFolder const folder;
    std::string const name = "</script><b>\"&\xff";
    Params params(1);
    params.zeros("<b></script>", {2});
    TrainingProbe const probe{.loss =
                                  [&](Tape& tape, Recorder& recorder) {
                                      Var h = tape.input(xt::xarray<float>(xt::ones<float>({2, 1})), "h");
                                      recorder.put(name, 0, h);
                                      Var loss = mean(h);
                                      return loss;
                                  },
                              .tokens = {{name}}};
    TrainingPage page(folder / "page.html", params, {.title = name, .probe = probe});
    page.epoch({{name, 1.0}});
    page.finish(name);
    std::string const html = files::contents(folder / "page.html");
    BOOST_TEST(has(html, "<h1>&lt;/script&gt;&lt;b&gt;&quot;&amp;\xEF\xBF\xBD</h1>"));
    BOOST_TEST(!has(html, "<b>"));
    json const data         = data_in(html);
    std::string const shown = "</script><b>\"&\xEF\xBF\xBD";
    BOOST_TEST(data["epochs"]["columns"][0]["name"] == shown);
    BOOST_TEST(data["parameters"][0] == "<b><.script>");  // a slash separates paths
    BOOST_TEST(data["sequences"][0]["tokens"][0] == shown);
    BOOST_TEST(data["sequences"][0]["maps"][0]["name"] == shown);
    BOOST_TEST(data["state"] == shown);
    BOOST_TEST(has(html, "default-src 'none'"));
    for (char const* loads : {"src=", "href=", "url(", "@import", "<link", "fetch(", "innerHTML"})
        BOOST_TEST(!has(html, loads));
}

BOOST_AUTO_TEST_CASE(the_file_is_replaced_whole_or_stays) {
    files::TemporaryFolder const folder;
    Params params(1);
    BOOST_CHECK_THROW(TrainingPage(folder / "none/page.html", params), FileError);
    BOOST_CHECK_THROW(TrainingPage(folder / "page.html", params, {.seconds = -1}), ValueError);
    BOOST_CHECK_THROW(TrainingPage(folder / "page.html", params, {.epochs = 1}), ValueError);
    BOOST_CHECK_THROW(TrainingPage(folder / "page.html", params, {.probe = {.saturated = 0}}), ValueError);
    BOOST_TEST(folder.names().empty());

    TrainingPage page(folder / "page.html", params, {.seconds = 0});
    BOOST_TEST(data_in(folder / "page.html")["state"] == "running");
    page.epoch({{"loss", 1.0}});
    BOOST_TEST(data_in(folder / "page.html")["epochs"]["epochs"] == 1);
    std::string const before = files::contents(folder / "page.html");
    rlimit old{};
    getrlimit(RLIMIT_FSIZE, &old);
    rlimit const little{1000, old.rlim_max};
    auto const signal_before = std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &little);  // as on a disk that is full
    BOOST_CHECK_THROW(page.finish(), FileError);
    setrlimit(RLIMIT_FSIZE, &old);
    std::signal(SIGXFSZ, signal_before);
    BOOST_TEST((files::contents(folder / "page.html") == before));
    BOOST_TEST(folder.names() == std::vector<std::string>{"page.html"}, boost::test_tools::per_element());
    page.finish();
    BOOST_TEST(data_in(folder / "page.html")["state"] == "finished");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace training_page
