// Pages and plots: that they show what they should, whatever names there are, and load nothing from elsewhere.
#include <browser.hpp>
#include <nn/cells.hpp>
#include <nn/files/scratch.hpp>
#include <regex>
#include <unspool/autograd/text/html.hpp>

using namespace cells;
using namespace browser;

BOOST_AUTO_TEST_SUITE(pages)

BOOST_AUTO_TEST_CASE(texts_are_escaped) {
    BOOST_TEST(html_text("<a href=\"x\">&'\x01\xff é") == "&lt;a href=&quot;x&quot;&gt;&amp;&#39; \xEF\xBF\xBD é");
    BOOST_TEST(html_text("\xed\xa0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // a surrogate
}

BOOST_AUTO_TEST_CASE(a_datasheet_counts) {
    Params p(1);
    nn::MGUCell const mgu(p / "mgu", 3, 4);
    Datasheet const d = datasheet(mgu, {.title = "Mgu"});
    BOOST_TEST(d.parameter_count() == 2 * (3 * 4 + 4 * 4 + 4));
    BOOST_TEST(d.bytes_of_parameters() == 4 * d.parameter_count());
    BOOST_REQUIRE(d.equations.size() == 3u);
    auto const &f = d.equations[0], &n = d.equations[1], &h = d.equations[2];
    BOOST_TEST(f.name == "f");
    BOOST_TEST(f.flops == 2 * 3 * 4 + 2 * 4 * 4 + (2 + 1) * 4);      // two products, two sums, σ
    BOOST_TEST(n.flops == 2 * 3 * 4 + 2 * 4 * 4 + (2 + 1 + 1) * 4);  // and f ⊙ h
    BOOST_TEST(h.flops == 4 * 4);                                    // 1 − f, two products, a sum
    BOOST_TEST(d.flops() == f.flops + n.flops + h.flops);
    BOOST_TEST(h.bytes == 16);
    BOOST_TEST(datasheet(mgu, {.batch = 5}).flops() == 5 * d.flops());
    BOOST_TEST(h.unicode == "h = (1 − f) ⊙ h₀ + f ⊙ n");
    BOOST_TEST(has(d.latex(), "h &= \\left(1 - f\\right) \\odot h_{0} + f \\odot n\n\\end{align*}"));
    BOOST_TEST(has(d.dot, "<b>h\u00a0</b>"));

    Params q(1);
    nn::LSTMCell const lstm(q / "lstm", 3, 4);
    auto const sheet = datasheet(lstm);
    BOOST_TEST(sheet.parameter_count() == 16 * (3 + 4 + 2));
    Index const gates = 2 * 16 * (3 + 4) + 3 * 16;  // two products, three sums: of them and two biases
    BOOST_TEST(sheet.flops() == gates + 6 * 4 + 3 * 4);
    BOOST_CHECK_THROW(datasheet(mgu, {.batch = 0}), ValueError);
    BOOST_CHECK_THROW(datasheet(mgu, {.inputs = {{3}, {1}}}), ShapeError);
    BOOST_TEST(datasheet(mgu, {.inputs = {{3}}}).flops() == d.flops());
}

BOOST_AUTO_TEST_CASE(a_datasheet_is_a_page_that_no_name_can_break) {
    if (!installed("dot")) return;
    Params p(1);
    nn::MGUCell const mgu(p / "</pre><script>alert(1)</script>\"&", 3, 4);
    files::TemporaryFolder const folder;
    datasheet(mgu, folder / "mgu.html", {.title = "<b>x</b>"});
    std::string const page = content_of(folder / "mgu.html");
    check_offline(page);
    BOOST_TEST(has(page, "<svg"));
    BOOST_TEST(has(page, "<h1>&lt;b&gt;x&lt;/b&gt;</h1>"));
    BOOST_TEST(!has(page, "<script>alert"));
    BOOST_TEST(has(page, "&lt;script&gt;alert(1)&lt;.script&gt;"));
    BOOST_CHECK_THROW(datasheet(mgu, folder / "none/x.html"), FileError);
}

BOOST_AUTO_TEST_CASE(a_film_has_one_layout_and_many_colours) {
    if (!installed("dot")) return;
    Params p(1, float64);
    nn::RNNCell const rnn(p / "rnn", 3, 4);
    Film film({.every = 5, .title = "a </title> & b"});
    BOOST_TEST(film.wants(0));
    BOOST_TEST(!film.wants(4));
    BOOST_TEST(film.wants(10));
    BOOST_CHECK_THROW(film.html(), ValueError);
    Tape tape(float64);
    auto const shoot = [&](Index steps, double scale, std::string const& caption) {
        tape.rewind();
        Var const xs = tape.constant(
            xt::xarray<double>(xt::ones<double>({static_cast<std::size_t>(steps), std::size_t{2}, std::size_t{3}})));
        auto const r   = scan(rnn, xs, rnn.zeros(tape, 2), "rnn");
        Var const loss = tape.input(scale, "scale") * mean(square(r.state));
        film.frame(loss, backward(loss, Keep::all), caption);
    };
    shoot(3, 1, "first </script><script>alert(1)</script>");
    shoot(3, 1e-6, "second");
    shoot(3, 0, "third");
    BOOST_TEST(has(message<ValueError>([&] { shoot(4, 1, "longer"); }),
                   "the picture of \"longer\" has other boxes than that of \"first"));
    BOOST_TEST(film.frames() == 3);

    files::TemporaryFolder const folder;
    film.save(folder / "film.html");
    std::string const page = content_of(folder / "film.html");
    check_offline(page);
    BOOST_TEST(!has(page, "alert(1)</script>"));
    BOOST_TEST(has(page, "<title>a &lt;/title&gt; &amp; b</title>"));

    auto const moved_to = [&](int k) {
        return dom_after(folder / "film.html", fmt::format("var s = document.getElementById('slider'); s.value = '{}'; "
                                                           "s.dispatchEvent(new Event('input'))",
                                                           k));
    };
    std::string const first = moved_to(0);
    if (first.empty()) {
        BOOST_TEST_MESSAGE("there is no Chromium to open the film with");
        return;
    }
    std::string const second = moved_to(1), third = moved_to(2);
    BOOST_TEST(has(first, "id=\"caption\">first &lt;/script&gt;"));
    BOOST_TEST(has(second, "id=\"caption\">second<"));
    auto const marks = [](std::string const& dom, std::string const& pattern) {
        std::regex const what(pattern);
        return std::vector<std::string>(std::sregex_token_iterator(dom.begin(), dom.end(), what), {});
    };
    std::string const place = " (d|points)=\"[^\"]*\"", fill = "fill=\"rgb[^\"]*\"", norm = "‖∇‖ [-+.0-9a-z]+";
    BOOST_TEST(marks(first, place) == marks(second, place), boost::test_tools::per_element());  // the layout stays
    BOOST_TEST(marks(first, fill).size() >= 5u);
    BOOST_TEST((marks(first, fill) != marks(second, fill)));
    BOOST_TEST((marks(first, norm) != marks(second, norm)));
    std::string const line = "stroke=\"rgb[^\"]*\"";
    BOOST_TEST(marks(first, line).size() >= 5u);  // links change with the frame, too
    BOOST_TEST((marks(first, line) != marks(second, line)));
    BOOST_TEST(marks(third, fill).size() <= 3u);  // those of the loss, its scale and the link between; zeros are white
    BOOST_TEST(marks(third, "stroke-dasharray=\"4,2\"").size() >= 5u);
}

BOOST_AUTO_TEST_CASE(a_page_of_a_training_draws_itself) {
    Params p(1);
    p.normal("w", {3, 4}, 0, 1);
    TrainingProbe const probe{.loss =
                                  [](Tape& tape, Recorder& recorder) {
                                      Var h = tape.input(xt::xarray<float>(xt::ones<float>({1, 2})), "h");
                                      for (Index t = 0; t < 5; ++t) h = 1e-3f * h, recorder.put("l0.h", t, h);
                                      return sum(h);
                                  },
                              .tokens = {{"</td>", "b", "c", "d", "e"}}};
    files::TemporaryFolder const folder;
    TrainingPage page(folder / "page.html", p, {.title = "a </title> & b", .probe = probe});
    for (double x : {1.0, static_cast<double>(NAN), 0.5}) {
        page.update({.loss = x, .norm = 2 * x, .max_norm = 1});
        page.epoch({{"loss", x}, {"validation_loss", 2 * x}, {"accuracy", 0.5}});
    }
    page.finish();
    check_offline(content_of(folder / "page.html"));
    std::string const dom = dom_of(folder / "page.html");
    if (dom.empty()) {
        BOOST_TEST_MESSAGE("there is no Chromium to open the page with");
        return;
    }
    auto const times = [&](std::string const& pattern) {
        std::regex const what(pattern);
        return std::distance(std::sregex_iterator(dom.begin(), dom.end(), what), {});
    };
    BOOST_TEST(times("<svg class=\"curves\"") == 4);  // losses, accuracies; by update, losses and norms
    BOOST_TEST(times(">×<") == 5);                    // one a curve of what is NaN: two of epochs, three of updates
    BOOST_TEST(times("<canvas") == 2);                // gradients, states
    BOOST_TEST(times("l0.h is <b class=\"exploding\">|l0.h is <b class=\"vanishing\">") == 1);
    BOOST_TEST(times("<span>&lt;/td&gt;</span>") == 1);
    BOOST_TEST(times("<title>a &lt;/title&gt; &amp; b</title>") == 1);
}

BOOST_AUTO_TEST_CASE(a_page_of_a_loss_that_hardly_moves_draws_itself) {
    Params p(1);
    p.normal("w", {3, 4}, 0, 1);
    files::TemporaryFolder const folder;
    TrainingPage page(folder / "page.html", p, {.title = "still"});
    for (double x : {1.0, 1 + 0x1p-52, 1 - 0x1p-52})  // between which no third number is
        page.update({.loss = x, .norm = x, .max_norm = 1}), page.epoch({{"loss", x}});
    page.finish();
    std::string const dom = dom_of(folder / "page.html");
    if (dom.empty()) {
        BOOST_TEST_MESSAGE("there is no Chromium to open the page with");
        return;
    }
    std::regex const tick("text-anchor=\"end\">[0-9.]+<");
    std::sregex_iterator const all(dom.begin(), dom.end(), tick);
    BOOST_TEST(std::distance(all, {}) >= 6);  // of three pictures
}

BOOST_AUTO_TEST_CASE(a_network_of_two_layers_and_200_steps_stays_small) {
    if (!installed("dot")) return;
    Params p(1);
    nn::LSTM const net(p / "net", 3, 8, {.layers = 2});
    Tape tape;
    Var const xs   = tape.input(xt::xarray<float>(xt::ones<float>({200, 2, 3})), "xs");
    Var const loss = mean(square(net(xs).outputs));
    files::TemporaryFolder const folder;
    Gradients const g = backward(loss, Keep::all);
    Graph(loss).colour(g).write(folder / "net.html");
    BOOST_TEST(fs::file_size(folder / "net.html") < 1'000'000u);
    std::string const dom =
        dom_after(folder / "net.html", "document.title = document.querySelectorAll('.view').length;");
    if (!dom.empty()) BOOST_TEST(has(dom, "<title>4</title>"));  // modules and statements, of both kinds
}

BOOST_AUTO_TEST_CASE(a_page_of_a_training_shows_its_network) {
    if (!installed("dot")) return;
    Params p(1);
    nn::LSTM const net(p / "net", 3, 8, {.layers = 2});
    files::TemporaryFolder const folder;
    TrainingProbe const probe{.loss = [&](Tape& t, Recorder&) {
        return mean(square(net(t.input(xt::xarray<float>(xt::ones<float>({200, 2, 3})), "xs")).outputs));
    }};
    TrainingPage page(folder / "page.html", p, {.probe = probe});
    page.epoch({{"loss", 1.0}});
    page.finish();
    std::string const training = content_of(folder / "page.html");
    check_offline(training);
    BOOST_TEST(has(training, "id=\"network\""));
    BOOST_TEST(training.size() < 1'000'000u);
    std::string const shown = dom_of(folder / "page.html");
    if (shown.empty()) return;
    BOOST_TEST(has(shown, "<button type=\"button\" aria-pressed=\"true\">statements</button>"));
}

BOOST_AUTO_TEST_CASE(flows_are_plotted) {
    GradientFlow flow;
    flow.layers.push_back({"l0 'h'", {1e-8, 1e-4, 0, NAN, 1}, false, {}});
    flow.layers.push_back({"l1", {1e-2, 1e-1, 1e-1, 1, 1}, false, {}});
    files::TemporaryFolder const folder;
    BOOST_TEST(has(message<ValueError>([&] { plot(flow, folder / "x.jpg"); }), "ends neither in .svg"));
    GradientFlow none;
    none.layers.push_back({"h", {0, NAN}, false, {}});
    BOOST_TEST(has(message<ValueError>([&] { plot(none, folder / "x.svg"); }), "no norm above 0"));
    plot(flow, folder / "curves.svg", {.title = "norms"});
    plot(flow, folder / "heat.svg", {.kind = FlowPlotOptions::heat_map});
    std::string const curves = content_of(folder / "curves.svg"), heat = content_of(folder / "heat.svg");
    BOOST_TEST(has(curves, "l0 &#39;h&#39; (not finite at t = 3)"));
    BOOST_TEST(has(curves, ">norms<"));
    BOOST_TEST(has(curves, ">1e-8<"));
    BOOST_TEST(has(heat, "not finite"));
    BOOST_TEST(has(heat, "l0 &#39;h&#39;"));
    BOOST_TEST(has(heat, ">‖∂L/∂h_t‖<"));
}

BOOST_AUTO_TEST_SUITE_END()
