// What parameters start from: PyTorch's distributions, and the same numbers for the same seed.
#include <cmath>
#include <nn/cells.hpp>
#include <numeric>
#include <set>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

void make(Params p, golden::Json const& j) {
    std::string const module = j["module"];
    if (module == "RNN") nn::RNNCell(p, j["input_size"], j["hidden_size"]);
    else if (module == "LSTM") nn::LSTMCell(p, j["input_size"], j["hidden_size"]);
    else if (module == "GRU") nn::GRUCell(p, j["input_size"], j["hidden_size"]);
    else if (module == "Linear") nn::Linear(p, j["in_features"], j["out_features"]);
    else if (module == "Embedding") nn::Embedding(p, j["num_embeddings"], j["embedding_dim"]);
    else BOOST_FAIL("no such module: " + module);
}

struct Sample {
    std::vector<double> x;
    double n, mean = 0, variance = 0;
    explicit Sample(Param& p)
        : x(p.value<double>().begin(), p.value<double>().end()), n(static_cast<double>(x.size())) {
        mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
        variance =
            std::accumulate(x.begin(), x.end(), 0.0, [&](double s, double v) { return s + (v - mean) * (v - mean); }) /
            n;
    }
    std::size_t distinct() const { return std::set(x.begin(), x.end()).size(); }
};

// Each bound is missed by chance with a probability below 1e-5; the seed is fixed.
void check_uniform(Sample const& s, double low, double high) {
    double const width = high - low, reach = width * std::log(1e5) / s.n;
    auto const [least, most] = std::minmax_element(s.x.begin(), s.x.end());
    BOOST_TEST((low <= *least && *least < low + reach));
    BOOST_TEST((high - reach < *most && *most < high));
    BOOST_TEST(std::abs(s.mean - (low + high) / 2) < 4.5 * width / std::sqrt(12 * s.n));
    BOOST_TEST(std::abs(s.variance / (width * width / 12) - 1) < 4.5 * std::sqrt(0.8 / s.n));
}

void check_normal(Sample const& s, double mean, double deviation) {
    BOOST_TEST(std::abs(s.mean - mean) < 4.5 * deviation / std::sqrt(s.n));
    BOOST_TEST(std::abs(s.variance / (deviation * deviation) - 1) < 4.5 * std::sqrt(2 / s.n));
    auto beyond = static_cast<double>(
        std::count_if(s.x.begin(), s.x.end(), [&](double v) { return std::abs(v - mean) > 2 * deviation; }));
    BOOST_TEST(std::abs(beyond / s.n - 0.0455) < 4.5 * std::sqrt(0.0455 / s.n));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(init)

BOOST_AUTO_TEST_CASE(is_distributed_as_in_pytorch) {
    golden::Json const file = golden::file("init");
    for (auto const& j : file["cases"]) {
        Params p(5, float64);
        make(p, j);
        BOOST_TEST(p.all().size() == j["parameters"].size());
        for (Param* q : p.all()) BOOST_TEST_CONTEXT(j["module"] << " " << q->path()) {
                auto const& expected = j["parameters"].at(q->path());
                Sample const s(*q);
                BOOST_TEST((q->shape() == Shape::of(expected["shape"].get<std::vector<Index>>())));
                BOOST_TEST(s.distinct() == s.x.size());
                if (expected["distribution"] == "uniform") check_uniform(s, expected["low"], expected["high"]);
                else check_normal(s, expected["mean"], expected["std"]);
            }
    }
}

BOOST_AUTO_TEST_CASE(is_the_same_for_the_same_seed) {
    auto draw = [](std::uint64_t seed) {
        Params p(seed, float64);
        nn::LSTMCell cell(p / "lstm", 3, 4);
        nn::Linear out(p / "out", 4, 2);
        return std::pair{xt::xarray<double>(p["lstm.weight_hh_l0"].value<double>()),
                         xt::xarray<double>(p["out.bias"].value<double>())};
    };
    BOOST_TEST((draw(7) == draw(7)));
    BOOST_TEST((draw(7).first != draw(8).first));
}

BOOST_AUTO_TEST_SUITE_END()
