// Initialisers: the numbers of a seed, and the distributions that PyTorch documents.
#include <bit>
#include <functional>
#include <nn/cells.hpp>
#include <numeric>

using namespace unspool;
using namespace unspool::core;
using namespace cells;

namespace {

std::vector<double> elements(Param const& p) {
    auto const x = p.value<double>();
    return {x.begin(), x.end()};
}

double mean(std::vector<double> const& x) {
    return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}
double mean_square(std::vector<double> const& x) {
    return std::inner_product(x.begin(), x.end(), x.begin(), 0.0) / static_cast<double>(x.size());
}
double largest(std::vector<double> x) {
    for (double& v : x) v = std::abs(v);
    return *std::max_element(x.begin(), x.end());
}

using Initialiser = std::function<void(Param&, Random&)>;

struct Named {
    char const* name;
    Shape shape;
    Initialiser fill;
};

std::vector<Named> const all{
    {"uniform", {4, 3, 2}, [](Param& p, Random& r) { nn::init::uniform(p, r, -0.3, 0.7); }},
    {"normal", {4, 3, 2}, [](Param& p, Random& r) { nn::init::normal(p, r, 0.5, 2); }},
    {"truncated_normal", {4, 3, 2}, [](Param& p, Random& r) { nn::init::truncated_normal(p, r, 0.1, 1, -0.5, 1); }},
    {"glorot_uniform", {4, 3, 2}, [](Param& p, Random& r) { nn::init::glorot_uniform(p, r, 2); }},
    {"glorot_normal", {4, 3, 2}, [](Param& p, Random& r) { nn::init::glorot_normal(p, r, 2); }},
    {"he_uniform", {4, 3, 2}, [](Param& p, Random& r) { nn::init::he_uniform(p, r); }},
    {"he_normal", {4, 3, 2}, [](Param& p, Random& r) { nn::init::he_normal(p, r); }},
    {"he_normal_out", {4, 3, 2}, [](Param& p, Random& r) { nn::init::he_normal(p, r, nn::init::Fan::out); }},
    {"lecun_uniform", {4, 3, 2}, [](Param& p, Random& r) { nn::init::lecun_uniform(p, r); }},
    {"lecun_normal", {4, 3, 2}, [](Param& p, Random& r) { nn::init::lecun_normal(p, r); }},
    {"orthogonal", {4, 3, 2}, [](Param& p, Random& r) { nn::init::orthogonal(p, r, 1.5); }},
    {"orthogonal_tall", {7, 3}, [](Param& p, Random& r) { nn::init::orthogonal(p, r); }},
    {"orthogonal_blocks", {6, 5}, [](Param& p, Random& r) { nn::init::orthogonal(p, r, 1, 3); }},
    {"sparse", {7, 4}, [](Param& p, Random& r) { nn::init::sparse(p, r, 0.3); }},
};

struct Fixture {
    Params params{0, float64};
    Random random{4};
};

/// The largest element of R Rᵀ - gain² 1, for the rows from `first` on; of Rᵀ R where columns are fewer.
double from_orthogonal(Param const& p, std::size_t first, std::size_t rows, double gain) {
    auto const x              = p.value<double>();
    std::size_t const columns = x.size() / x.shape()[0];
    bool const wide           = rows <= columns;
    auto const at             = [&](std::size_t i, std::size_t k) {
        return wide ? x.flat((first + i) * columns + k) : x.flat((first + k) * columns + i);
    };
    double far = 0;
    for (std::size_t i = 0; i < std::min(rows, columns); ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            double sum = i == j ? -gain * gain : 0;
            for (std::size_t k = 0; k < std::max(rows, columns); ++k) sum += at(i, k) * at(j, k);
            far = std::max(far, std::abs(sum));
        }
    return far;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(initialisers, Fixture)

// Computed in Python, the orthogonal ones by LAPACK's QR.  The normal ones pass through the platform's log and cos.
BOOST_AUTO_TEST_CASE(draw_the_numbers_of_a_seed) {
    golden::Json const file = golden::file("training");
    BOOST_TEST(file["initialisers"].size() == all.size());
    for (Named const& one : all) BOOST_TEST_CONTEXT(one.name) {
            Random seed(16);
            Param& p = params.zeros(one.name, one.shape);
            one.fill(p, seed);
            BOOST_TEST(golden::near(p.value<double>(), golden::array<double>(file["initialisers"][one.name]), 1e-14));
        }
}

// All bits of them, with every compiler; normal ones with one mathematical library.
BOOST_AUTO_TEST_CASE(draw_the_same_bits_with_every_compiler) {
    std::uint64_t hash = 14695981039346656037u;  // that of Fowler, Noll and Vo
    for (auto fill : {all[0].fill, all[3].fill, all[5].fill, all[8].fill}) {
        Random seed(17);
        Param& p = params.zeros(std::to_string(hash), {31, 17});
        fill(p, seed);
        for (double x : elements(p)) hash = (hash ^ std::bit_cast<std::uint64_t>(x)) * 1099511628211u;
    }
    BOOST_TEST(hash == 10233519465952796468u);
}

BOOST_AUTO_TEST_CASE(write_floats_that_are_rounded_doubles) {
    Params narrow;
    for (Named const& one : all) BOOST_TEST_CONTEXT(one.name) {
            Random a(3), b(3);
            Param &p = narrow.zeros(one.name, one.shape), &q = params.zeros(one.name, one.shape);
            one.fill(p, a), one.fill(q, b);
            auto const x = p.value<float>();
            for (std::size_t i = 0; i < x.size(); ++i) BOOST_TEST(x.flat(i) == static_cast<float>(elements(q)[i]));
        }
}

// (90, 40, 3): fan_in is 120, fan_out 270.  Within five standard errors.
BOOST_AUTO_TEST_CASE(have_the_documented_variances) {
    struct Row {
        Initialiser fill;
        double variance;
        bool uniform;
    };
    double const n = 90 * 40 * 3, gain = nn::init::gain::leaky_relu(0.2);
    Row const rows[] = {
        {[](Param& p, Random& r) { nn::init::glorot_uniform(p, r); }, 2.0 / 390, true},
        {[](Param& p, Random& r) { nn::init::glorot_normal(p, r, nn::init::gain::tanh); }, 25.0 / 9 * 2 / 390, false},
        {[](Param& p, Random& r) { nn::init::he_uniform(p, r); }, 2.0 / 120, true},
        {[=](Param& p, Random& r) { nn::init::he_uniform(p, r, nn::init::Fan::out, gain); }, 2 / 1.04 / 270, true},
        {[](Param& p, Random& r) { nn::init::he_normal(p, r, nn::init::Fan::out); }, 2.0 / 270, false},
        {[](Param& p, Random& r) { nn::init::lecun_uniform(p, r); }, 1.0 / 120, true},
        {[](Param& p, Random& r) { nn::init::lecun_normal(p, r); }, 1.0 / 120, false},
        {[](Param& p, Random& r) { nn::init::glorot_uniform(p, r, 1, 3); }, 2.0 / 210,
         true},  // each block has fan_out 90
        {[](Param& p, Random& r) { nn::init::he_normal(p, r, nn::init::Fan::out, 1, 9); }, 1.0 / 30, false},
        {[](Param& p, Random& r) { nn::init::lecun_normal(p, r, 5); }, 1.0 / 120, false},
    };
    Param& p = params.zeros("p", {90, 40, 3});
    for (Row const& row : rows) BOOST_TEST_CONTEXT("row " << &row - rows) {
            row.fill(p, random);
            auto const x = elements(p);
            BOOST_TEST(std::abs(mean(x)) < 5 * std::sqrt(row.variance / n));
            BOOST_TEST(std::abs(mean_square(x) / row.variance - 1) < 5 * std::sqrt((row.uniform ? 0.8 : 2) / n));
            double const bound = std::sqrt(3 * row.variance);
            if (row.uniform) BOOST_TEST((largest(x) <= bound && largest(x) > bound * 0.998));
            else BOOST_TEST(largest(x) > bound * 1.5);
        }
}

BOOST_AUTO_TEST_CASE(truncate_normal_numbers) {
    Param& p = params.zeros("p", {20'000});
    nn::init::truncated_normal(p, random, 1, 2, -1, 3);
    auto x = elements(p);
    BOOST_TEST((*std::min_element(x.begin(), x.end()) >= -1 && *std::max_element(x.begin(), x.end()) <= 3));
    BOOST_TEST(std::abs(mean(x) - 1) < 5 * 1.08 / std::sqrt(20'000));
    for (double& v : x) v -= 1;
    BOOST_TEST(std::abs(mean_square(x) - 4 * 0.29112509477279) < 0.03);  // 1 - 2 φ(1) / (2 Φ(1) - 1), of σ² = 4
}

BOOST_AUTO_TEST_CASE(make_orthogonal_matrices) {
    for (Shape const& shape :
         {Shape{1, 1}, {5, 5}, {3, 8}, {8, 3}, {64, 64}, {200, 70}, {70, 200}, {6, 2, 5}, {33, 2, 3}, {1, 9}, {9, 1}})
        for (double gain : {1.0, -1.7}) BOOST_TEST_CONTEXT(text(shape)) {
                Params p(0, float64);
                Param& q = nn::init::orthogonal(p.zeros("q", shape), random, gain);
                BOOST_TEST(from_orthogonal(q, 0, static_cast<std::size_t>(shape[0]), gain) < 1e-12);
            }
}

BOOST_AUTO_TEST_CASE(make_orthogonal_blocks) {
    Param& p = nn::init::orthogonal(params.zeros("gates", {4 * 24, 24}), random, 1, 4);
    for (std::size_t k = 0; k < 4; ++k) BOOST_TEST(from_orthogonal(p, 24 * k, 24, 1) < 1e-12);
    BOOST_TEST(from_orthogonal(p, 12, 24, 1) > 0.1);
    nn::init::orthogonal(p, random);  // and as a whole
    BOOST_TEST(from_orthogonal(p, 0, 96, 1) < 1e-12);
    BOOST_TEST(from_orthogonal(p, 0, 24, 1) > 0.1);
}

BOOST_AUTO_TEST_CASE(favour_no_rotation) {  // as a plain QR would: its first element is never of one sign
    double sum = 0, squares = 0;
    int const n = 4000;
    Param& p    = params.zeros("q", {3, 3});
    for (int i = 0; i < n; ++i) {
        double const x = std::as_const(nn::init::orthogonal(p, random)).value<double>()(0, 0);
        sum += x, squares += x * x;
    }
    BOOST_TEST(std::abs(sum / n) < 5 * std::sqrt(1.0 / 3 / n));
    BOOST_TEST(std::abs(squares / n - 1.0 / 3) < 5 * std::sqrt(4.0 / 45 / n));
}

BOOST_AUTO_TEST_CASE(make_identities) {
    BOOST_TEST(
        (elements(nn::init::identity(params.zeros("wide", {2, 3}), 0.5)) == std::vector{0.5, 0.0, 0.0, 0.0, 0.5, 0.0}));
    BOOST_TEST(
        (elements(nn::init::identity(params.zeros("tall", {3, 2}))) == std::vector{1.0, 0.0, 0.0, 1.0, 0.0, 0.0}));
    BOOST_TEST((elements(nn::init::identity(params.zeros("gates", {4, 2}), 1, 2)) ==
                std::vector{1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0}));
}

BOOST_AUTO_TEST_CASE(make_sparse_matrices) {
    Param& p = params.zeros("p", {50, 40});
    for (auto [sparsity, zeros] : {std::pair{0.0, 0}, {0.9, 45}, {0.311, 16}, {1.0, 50}}) {
        nn::init::sparse(p, random, sparsity, 0.1);
        auto const x = p.value<double>();
        std::vector<int> of_row(50);
        for (std::size_t j = 0; j < 40; ++j) {
            int n = 0;
            for (std::size_t i = 0; i < 50; ++i) n += x(i, j) == 0, of_row[i] += x(i, j) == 0;
            BOOST_TEST(n == zeros);
        }
        double const expected = 40.0 * zeros / 50;  // in each row, on average
        for (int n : of_row) BOOST_TEST(std::abs(n - expected) <= 5 * std::sqrt(expected * (1 - zeros / 50.0)));
        if (zeros < 50) BOOST_TEST(std::abs(mean_square(elements(p)) / (0.01 * (1 - zeros / 50.0)) - 1) < 0.5);
    }
}

BOOST_AUTO_TEST_CASE(write_constants) {
    BOOST_TEST((elements(nn::init::constant(params.zeros("a", {2}), 3)) == std::vector{3.0, 3.0}));
    BOOST_TEST((elements(nn::init::constant_block(params.constant("b", {4, 2}, 1), 1, 2, 5)) ==
                std::vector<double>{1, 1, 1, 1, 5, 5, 5, 5}));
    BOOST_TEST(has(message<IndexError>([&] { nn::init::constant_block(params["b"], 2, 2, 5); }),
                   "nn::init::constant_block: there is no block 2 of 2"));
    BOOST_CHECK_THROW(nn::init::constant_block(params["b"], -1, 2, 5), IndexError);
    BOOST_CHECK_THROW(nn::init::constant_block(params["b"], 0, 3, 5), ShapeError);
    BOOST_CHECK_THROW(nn::init::constant_block(params["b"], 0, 0, 5), ValueError);
}

BOOST_AUTO_TEST_CASE(open_forget_gates) {
    Params layers = params / "lstm";
    nn::LSTMCell lstm(layers, 2, 3);
    auto const before = elements(layers["bias_ih_l0"]);
    nn::init::forget_bias(layers, 2);
    auto const input = elements(layers["bias_ih_l0"]), hidden = elements(layers["bias_hh_l0"]);
    for (std::size_t i = 0; i < 12; ++i) {
        bool const forget = i / 3 == 1;
        BOOST_TEST(forget == (input[i] == 2));
        BOOST_TEST(forget == (hidden[i] == 0));
        BOOST_TEST(forget == (input[i] != before[i]));
    }
    // The gate that it opens is the one that keeps c.
    nn::init::forget_bias(layers, 50);
    for (Param* p : layers.all())
        if (p->shape().rank() == 2) p->assign(0);
    nn::init::constant_block(layers["bias_ih_l0"], 0, 4, -50);
    Tape tape(float64);
    Var x = tape.input(numbers({1, 2}, 1)), h = tape.input(numbers({1, 3}, 2)), c = tape.input(numbers({1, 3}, 3));
    auto const next = lstm(x, nn::LSTMCell::State{h, c});
    BOOST_TEST(golden::near(next.c.value<double>(), numbers({1, 3}, 3), 1e-15));
    BOOST_TEST(has(message<NameError>([&] { nn::init::forget_bias(params / "gru"); }),
                   "nn::init::forget_bias: there is no bias_ih_l"));
    params.zeros("odd.bias_ih_l0", {6});
    auto const unchanged = elements(layers["bias_ih_l0"]);
    BOOST_CHECK_THROW(nn::init::forget_bias(params, 9), ShapeError);
    BOOST_TEST((elements(layers["bias_ih_l0"]) == unchanged));
}

BOOST_AUTO_TEST_CASE(refuse_what_they_cannot_fill) {
    Param &vector = params.constant("v", {6}, 1), &matrix = params.constant("m", {6, 4}, 1),
          &cube    = params.constant("c", {2, 2, 2}, 1);
    int const line = __LINE__ + 1;
    auto m         = message<ShapeError>([&] { nn::init::glorot_uniform(vector, random); });
    BOOST_TEST(m == "initialisers.cpp:" + std::to_string(line) +
                        ": nn::init::glorot_uniform: v has the shape [6], but must have two axes at least");
    BOOST_TEST(has(message<ShapeError>([&] { nn::init::orthogonal(matrix, random, 1, 4); }),
                   "a first extent that 4 blocks divide"));
    BOOST_CHECK_THROW(nn::init::he_normal(matrix, random, nn::init::Fan::in, 1, 0), ValueError);
    BOOST_CHECK_THROW(nn::init::lecun_uniform(vector, random), ShapeError);
    BOOST_CHECK_THROW(nn::init::identity(cube), ShapeError);
    BOOST_CHECK_THROW(nn::init::sparse(cube, random, 0.5), ShapeError);
    BOOST_TEST(has(message<ValueError>([&] { nn::init::sparse(matrix, random, 1.5); }),
                   "nn::init::sparse: sparsity is 1.5, but must be in [0, 1]"));
    BOOST_CHECK_THROW(nn::init::uniform(matrix, random, 1, 0), ValueError);
    BOOST_CHECK_THROW(nn::init::normal(matrix, random, 0, -1), ValueError);
    BOOST_CHECK_THROW(nn::init::glorot_normal(matrix, random, std::nan("")), ValueError);
    BOOST_CHECK_THROW(nn::init::truncated_normal(matrix, random, 0, 1, 1, -1), ValueError);
    BOOST_TEST(has(message<ValueError>([&] { nn::init::truncated_normal(matrix, random, 0, 1, 8, 9); }),
                   "the interval's probability is"));
    for (Param* p : {&vector, &matrix, &cube}) BOOST_TEST(mean_square(elements(*p)) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
