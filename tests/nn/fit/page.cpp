// fit() and the page that it writes.
#include <nlohmann/json.hpp>
#include <nn/files/scratch.hpp>
#include <set>

using namespace unspool;
using namespace unspool::core;

namespace fitted_page {

namespace {

using nlohmann::json;

json data_in(files::fs::path const& path) {
    std::string const html = files::contents(path), begin = "<script type=\"application/json\" id=\"training\">";
    std::size_t const at = html.find(begin) + begin.size();
    return json::parse(html.substr(at, html.find("</script>", at) - at));
}

std::vector<double> column(json const& data, std::string const& name) {
    for (auto const& c : data["epochs"]["columns"])
        if (c["name"] == name) return c["values"];
    return {};
}

/// A GRU that says what the last number of a sequence was.
struct Model {
    Params params{1, float64};
    nn::GRUCell gru{params / "gru", 1, 5};
    nn::Linear out{params / "out", 5, 1};
    Adam adam{params, {.rate = 0.01}};
    std::vector<xt::xarray<double>> batches;

    Model() {
        Random random(1);
        for (int k = 0; k < 4; ++k) {
            auto& xs = batches.emplace_back(xt::zeros<double>({7, 3, 1}));
            for (double& x : xs) x = random.normal();
        }
    }
    Var loss_of(Tape& tape, xt::xarray<double> const& xs, Recorder* recorder) const {
        auto const run = scan(gru, tape.constant(xs), gru.zeros(tape, 3), {.record = recorder});
        return mse(out(run.state), tape.constant(xs)[6]);
    }
    auto loss(double factor = 1) const {
        return [this, factor](Tape& tape, xt::xarray<double> const& xs, Mode) -> Var {
            Var l = factor * loss_of(tape, xs, nullptr);
            return l;
        };
    }
    TrainingPageOptions inside() const {
        return {.title = "last number", .probe = {.loss = [this](Tape& tape, Recorder& recorder) {
                                            return loss_of(tape, batches[0], &recorder);
                                        }}};
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(pages_of_fit)

BOOST_AUTO_TEST_CASE(a_page_holds_the_history_and_changes_nothing) {
    files::TemporaryFolder const folder;
    Model a, b;
    auto const page = folder / "page.html";
    History const h = fit(a.params, a.adam, a.batches, a.loss(), a.batches,
                          {.epochs = 3, .clip_norm = 0.3, .page = page, .page_options = a.inside(), .quiet = true});
    History const plain =
        fit(b.params, b.adam, b.batches, b.loss(), b.batches, {.epochs = 3, .clip_norm = 0.3, .quiet = true});
    BOOST_TEST(h["loss"] == plain["loss"], boost::test_tools::per_element());
    BOOST_TEST(a.params.flatten() == b.params.flatten(), boost::test_tools::per_element());

    json const data = data_in(page);
    BOOST_TEST(data["state"] == "finished");
    for (char const* name : {"loss", "validation_loss", "rate"})
        BOOST_TEST(column(data, name) == h[name], boost::test_tools::per_element());
    auto const& updates = data["updates"];
    BOOST_TEST(updates["number"].size() == 12u);
    double mean = 0, most = 0;
    for (std::size_t k = 0; k < 4; ++k) mean += updates["loss"][k].get<double>() / 4;
    BOOST_TEST(mean == h["loss"][0], boost::test_tools::tolerance(1e-12));
    for (std::size_t k = 0; k < 12; ++k) {
        double const norm = updates["norm"][k], clipped = updates["clipped"][k];
        BOOST_TEST(clipped == std::min(norm, 0.3));
        most = std::max(most, norm);
    }
    BOOST_TEST(most > 0.3);
    BOOST_REQUIRE(data["frames"].size() == 3u);
    BOOST_TEST(data["frames"][2]["flow"][0]["norms"].size() == 7u);
    BOOST_TEST(data["frames"][2]["ratios"].size() == a.params.all().size());
    std::set<std::string> recorded;
    for (auto const& m : data["sequences"][0]["maps"]) recorded.insert(m["name"]);
    for (char const* name : {"h", "r", "z", "n"}) BOOST_TEST(recorded.contains(name), name);
}

BOOST_AUTO_TEST_CASE(norms_are_told_where_nothing_is_clipped) {
    files::TemporaryFolder const folder;
    Model a;
    fit(a.params, a.adam, a.batches, a.loss(), {.epochs = 1, .page = folder / "page.html", .quiet = true});
    json const updates = data_in(folder / "page.html")["updates"];
    Model b;
    Tape tape(float64);
    double const norm = grad_norm(backward(b.loss_of(tape, b.batches[0], nullptr)));
    BOOST_TEST(updates["norm"][0].get<double>() == norm, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(updates["clipped"][0].is_null());
}

BOOST_AUTO_TEST_CASE(the_network_is_drawn_once_and_changes_nothing) {
    files::TemporaryFolder const folder;
    Model a, b;
    int losses      = 0;
    auto const loss = [&](Tape& tape, xt::xarray<double> const& xs, Mode) -> Var {
        ++losses;
        return a.loss_of(tape, xs, nullptr);
    };
    fit(a.params, a.adam, a.batches, loss, {.epochs = 2, .page = folder / "page.html", .quiet = true});
    fit(b.params, b.adam, b.batches, b.loss(), {.epochs = 2, .quiet = true});
    BOOST_TEST(losses == 8);
    BOOST_TEST(a.params.flatten() == b.params.flatten(), boost::test_tools::per_element());
    std::string const html = files::contents(folder / "page.html");
    bool const drawn       = html.find("\"level\":\"statements\"") != html.npos;
    BOOST_TEST((drawn || html.find("there is no program dot") != html.npos));
}

BOOST_AUTO_TEST_CASE(a_network_that_cannot_be_drawn_is_no_error) {
    files::TemporaryFolder const folder;
    Model a;
    TrainingPage page(folder / "page.html", a.params);
    Tape tape(float64);
    Var x = tape.input(1.0);
    for (int k = 0; k < 500; ++k) x = 0.5 * x, x = x.named("x");
    page.network(x);
    BOOST_TEST(page.html().find("The network is not drawn: this graph has more than 400 boxes") != std::string::npos);
    page.network(a.loss_of(tape, a.batches[0], nullptr));  // the first one counts
    page.finish();
    BOOST_TEST(files::contents(folder / "page.html").find("more than 400 boxes") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_page_of_a_run_that_goes_on_has_the_epochs_of_before) {
    files::TemporaryFolder const folder;
    for (Index epochs : {2, 5}) {
        Model a;
        History const h =
            fit(a.params, a.adam, a.batches, a.loss(),
                {.epochs = epochs, .checkpoint = folder / "run", .page = folder / "page.html", .quiet = true});
        json const data = data_in(folder / "page.html");
        BOOST_TEST(data["epochs"]["epochs"] == epochs);
        BOOST_TEST(column(data, "loss") == h["loss"], boost::test_tools::per_element());
        BOOST_TEST(data["frames"].back()["epoch"] == epochs);
    }
}

BOOST_AUTO_TEST_CASE(a_page_shows_why_a_training_ended) {
    files::TemporaryFolder const folder;
    Model a;
    auto const page = folder / "page.html";
    BOOST_CHECK_THROW(fit(a.params, a.adam, a.batches, a.loss(NAN), {.epochs = 2, .page = page, .quiet = true}),
                      ValueError);
    json const data = data_in(page);
    BOOST_TEST(data["state"] == "the loss is nan");
    BOOST_TEST(data["updates"]["loss"] == json({"nan"}));
    fit(a.params, a.adam, a.batches, a.loss(),
        {.page = page, .quiet = true, .on_batch = [](TrainingProgress& p) { p.stop(); }});
    BOOST_TEST(data_in(page)["state"] == "stopped");
    BOOST_CHECK_THROW(
        fit(a.params, a.adam, a.batches, a.loss(), {.page = (folder / "none") / "page.html", .quiet = true}),
        FileError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fitted_page
