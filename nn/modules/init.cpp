// How initialisers draw.  This file is compiled without contraction into fused operations, which compilers do differently.
#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/modules/init.hpp>
#include <unspool/nn/modules/require.hpp>
#include <vector>

namespace unspool::nn::init {

namespace {

constexpr auto size(Index n) { return static_cast<std::size_t>(n); }

// Writes numbers, given in double, to a parameter from its first element on.
void write(Param& p, std::vector<double> const& numbers, Where where) {
    dispatch(p.dtype(), [&](auto type) {
        using T = decltype(type);
        std::transform(numbers.begin(), numbers.end(), static_cast<T*>(p.mutable_data(dtype_of<T>, where)),
                       [](double x) { return static_cast<T>(x); });
    });
}

template <class Draw> Param& fill(Param& p, Where where, Draw draw) {
    static_cast<void>(p.data(where));  // before anything is drawn
    std::vector<double> numbers(size(p.count()));
    std::generate(numbers.begin(), numbers.end(), draw);
    write(p, numbers, where);
    return p;
}

// One of the equal blocks of a parameter, as a matrix of its first extent by the others.
struct Block {
    Index rows, columns, fan_in, fan_out;
};

void require_axes(bool fine, std::string_view name, Param const& p, std::string_view axes, Where where) {
    if (!fine)
        throw ShapeError(fmt::format("{}: nn::init::{}: {} has the shape {}, but must have {}", text(where), name,
                                     p.path(), text(p.shape()), axes));
}

Block block(std::string_view name, Param const& p, Index blocks, Where where) {
    require_axes(p.shape().rank() >= 2, name, p, "two axes at least", where);
    require_at_least(1, fmt::format("nn::init::{}", name), "blocks", blocks, where);
    require_axes(p.shape()[0] % blocks == 0, name, p, fmt::format("a first extent that {} blocks divide", blocks),
                 where);
    Index others = 1;
    for (std::size_t a = 2; a < p.shape().rank(); ++a) others *= p.shape()[a];
    Index const rows = p.shape()[0] / blocks, columns = p.shape()[1] * others;
    return {rows, columns, columns, rows * others};
}

void require_gain(std::string_view name, double gain, Where where) {
    require_number(std::isfinite(gain), fmt::format("nn::init::{}", name), "gain", gain, "finite", where);
}

// As all blocks are of one size and drawn one after another, the parameter is filled as a whole.
Param& uniform_of_variance(Param& p, Random& random, double gain, double variance, Where where) {
    double const bound = gain * std::sqrt(3 * variance);
    return fill(p, where, [&] { return -bound + 2 * bound * random.uniform(); });
}
Param& normal_of_variance(Param& p, Random& random, double gain, double variance, Where where) {
    double const deviation = gain * std::sqrt(variance);
    return fill(p, where, [&] { return deviation * random.normal(); });
}

double inverse(Index fan) { return fan == 0 ? 0 : 1 / static_cast<double>(fan); }

double glorot(std::string_view name, Param const& p, double gain, Index blocks, Where where) {
    require_gain(name, gain, where);
    Block const b = block(name, p, blocks, where);
    return 2 * inverse(b.fan_in + b.fan_out);
}

double he(std::string_view name, Param const& p, Fan fan, double gain, Index blocks, Where where) {
    require_gain(name, gain, where);
    Block const b = block(name, p, blocks, where);
    return inverse(fan == Fan::in ? b.fan_in : b.fan_out);
}

}  // namespace

Param& constant(Param& p, double value, Where where) {
    p.assign(value, where);
    return p;
}

Param& uniform(Param& p, Random& random, double low, double high, Where where) {
    require_number(std::isfinite(low), "nn::init::uniform", "low", low, "finite", where);
    require_number(high >= low && std::isfinite(high), "nn::init::uniform", "high", high, "finite and not below low",
                   where);
    return fill(p, where, [&] { return low + (high - low) * random.uniform(); });
}

Param& normal(Param& p, Random& random, double mean, double deviation, Where where) {
    require_number(std::isfinite(mean), "nn::init::normal", "mean", mean, "finite", where);
    require_not_negative("nn::init::normal", "deviation", deviation, where);
    return fill(p, where, [&] { return mean + deviation * random.normal(); });
}

Param& truncated_normal(Param& p, Random& random, double mean, double deviation, double low, double high, Where where) {
    require_number(std::isfinite(mean), "nn::init::truncated_normal", "mean", mean, "finite", where);
    require_not_negative("nn::init::truncated_normal", "deviation", deviation, where);
    require_number(low <= high, "nn::init::truncated_normal", "low", low, "at most high", where);
    auto const below = [&](double x) { return std::erfc((mean - x) / (deviation * std::numbers::sqrt2)) / 2; };
    require_number(below(high) - below(low) >= 1e-3, "nn::init::truncated_normal", "the interval's probability",
                   below(high) - below(low), "at least 0.001", where);
    return fill(p, where, [&] {
        double x = mean + deviation * random.normal();
        while (x < low || x > high) x = mean + deviation * random.normal();
        return x;
    });
}

Param& glorot_uniform(Param& p, Random& random, double gain, Index blocks, Where where) {
    return uniform_of_variance(p, random, gain, glorot("glorot_uniform", p, gain, blocks, where), where);
}
Param& glorot_normal(Param& p, Random& random, double gain, Index blocks, Where where) {
    return normal_of_variance(p, random, gain, glorot("glorot_normal", p, gain, blocks, where), where);
}
Param& he_uniform(Param& p, Random& random, Fan fan, double gain, Index blocks, Where where) {
    return uniform_of_variance(p, random, gain, he("he_uniform", p, fan, gain, blocks, where), where);
}
Param& he_normal(Param& p, Random& random, Fan fan, double gain, Index blocks, Where where) {
    return normal_of_variance(p, random, gain, he("he_normal", p, fan, gain, blocks, where), where);
}
Param& lecun_uniform(Param& p, Random& random, Index blocks, Where where) {
    return uniform_of_variance(p, random, 1, he("lecun_uniform", p, Fan::in, 1, blocks, where), where);
}
Param& lecun_normal(Param& p, Random& random, Index blocks, Where where) {
    return normal_of_variance(p, random, 1, he("lecun_normal", p, Fan::in, 1, blocks, where), where);
}

namespace {

constexpr std::size_t lanes = 8;

// In lanes, so that the compiler may use SIMD registers, and adds in the same order whatever these hold.
double dot(double const* x, double const* y, std::size_t n) {
    double sum[lanes]       = {};
    std::size_t const whole = n / lanes * lanes;
    for (std::size_t i = 0; i < whole; i += lanes)
        for (std::size_t j = 0; j < lanes; ++j) sum[j] += x[i + j] * y[i + j];
    for (std::size_t i = whole; i < n; ++i) sum[0] += x[i] * y[i];
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

void subtract(double* __restrict y, double factor, double const* __restrict x, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) y[i] -= factor * x[i];
}

// Takes from row k what lies along the rows before it, which are orthonormal; twice, because once leaves roundings
// (Giraud, Langou and Rozložník, 2005).
void clear_of_others(double* rows, std::size_t k, std::size_t n) {
    double* const row = rows + k * n;
    for (int round = 0; round < 2; ++round)
        for (std::size_t j = 0; j < k; ++j) subtract(row, dot(row, rows + j * n, n), rows + j * n, n);
}

// `count` ≤ n orthonormal rows of n: normal ones, made orthogonal by Gram and Schmidt.
std::vector<double> orthonormal(Random& random, std::size_t count, std::size_t n) {
    std::vector<double> rows(count * n);
    std::generate(rows.begin(), rows.end(), [&] { return random.normal(); });
    for (std::size_t k = 0; k < count; ++k) {
        double* const row = rows.data() + k * n;
        clear_of_others(row - k * n, k, n);
        double norm = std::sqrt(dot(row, row, n));
        for (; norm < 1e-10; norm = std::sqrt(dot(row, row, n))) {  // it was among the others: hardly ever
            std::generate_n(row, n, [&] { return random.normal(); });
            clear_of_others(rows.data(), k, n);
        }
        std::transform(row, row + n, row, [norm](double x) { return x / norm; });
    }
    return rows;
}

std::vector<double> transposed(std::vector<double> const& x, std::size_t rows, std::size_t columns) {
    std::vector<double> out(x.size());
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j) out[j * rows + i] = x[i * columns + j];
    return out;
}

std::vector<double> orthogonal_block(Random& random, std::size_t rows, std::size_t columns) {
    return rows <= columns ? orthonormal(random, rows, columns)
                           : transposed(orthonormal(random, columns, rows), columns, rows);
}

}  // namespace

Param& orthogonal(Param& p, Random& random, double gain, Index blocks, Where where) {
    require_gain("orthogonal", gain, where);
    Block const b = block("orthogonal", p, blocks, where);
    Random drawn  = random;
    std::vector<double> numbers;
    for (Index k = 0; k < blocks; ++k)
        for (double x : orthogonal_block(drawn, size(b.rows), size(b.columns))) numbers.push_back(gain * x);
    write(p, numbers, where);
    random = drawn;
    return p;
}

Param& identity(Param& p, double gain, Index blocks, Where where) {
    require_axes(p.shape().rank() == 2, "identity", p, "two axes", where);
    require_gain("identity", gain, where);
    Block const b = block("identity", p, blocks, where);
    Index at      = 0;
    return fill(p, where, [&] {
        Index const row = at / b.columns % b.rows, column = at % b.columns;
        return ++at, row == column ? gain : 0;
    });
}

Param& sparse(Param& p, Random& random, double sparsity, double deviation, Where where) {
    require_axes(p.shape().rank() == 2, "sparse", p, "two axes", where);
    require_number(sparsity >= 0 && sparsity <= 1, "nn::init::sparse", "sparsity", sparsity, "in [0, 1]", where);
    require_not_negative("nn::init::sparse", "deviation", deviation, where);
    static_cast<void>(p.data(where));  // before anything is drawn
    std::size_t const rows = size(p.shape()[0]), columns = size(p.shape()[1]);
    auto const zeros = static_cast<std::size_t>(std::ceil(sparsity * static_cast<double>(rows)));
    std::vector<double> numbers(rows * columns);
    std::vector<std::size_t> order(rows);
    std::generate(numbers.begin(), numbers.end(), [&] { return deviation * random.normal(); });
    for (std::size_t column = 0; column < columns; ++column) {
        for (std::size_t i = 0; i < rows; ++i) order[i] = i;
        for (std::size_t i = 0; i < zeros; ++i) {  // the first steps of a shuffle
            std::swap(order[i], order[i + random.below(rows - i)]);
            numbers[order[i] * columns + column] = 0;
        }
    }
    write(p, numbers, where);
    return p;
}

Param& constant_block(Param& p, Index k, Index n, double value, Where where) {
    require_axes(p.shape().rank() >= 1, "constant_block", p, "an axis", where);
    require_at_least(1, "nn::init::constant_block", "n", n, where);
    require_axes(p.shape()[0] % n == 0, "constant_block", p, fmt::format("a first extent that {} blocks divide", n),
                 where);
    if (k < 0 || k >= n)
        throw IndexError(fmt::format("{}: nn::init::constant_block: there is no block {} of {}", text(where), k, n));
    dispatch(p.dtype(), [&](auto type) {
        using T = decltype(type);
        std::fill_n(static_cast<T*>(p.mutable_data(dtype_of<T>, where)) + k * (p.count() / n), p.count() / n,
                    static_cast<T>(value));
    });
    return p;
}

namespace {

bool called(Param const& p, std::string_view beginning) {
    std::string_view const path = p.path();
    std::size_t const dot       = path.rfind('.');
    return path.substr(dot == path.npos ? 0 : dot + 1).starts_with(beginning);
}

}  // namespace

void forget_bias(Params const& lstm, double value, Where where) {
    std::vector<Param*> biases;
    for (Param* p : lstm.all())
        if (called(*p, "bias_ih_l") || called(*p, "bias_hh_l")) biases.push_back(p);
    if (biases.empty())
        throw NameError(
            fmt::format("{}: nn::init::forget_bias: there is no bias_ih_l… below \"{}\"", text(where), lstm.path()));
    for (Param* p : biases)
        require_axes(p->shape().rank() == 1 && p->shape()[0] % 4 == 0, "forget_bias", *p, "four gates", where);
    for (Param* p : biases) constant_block(*p, 1, 4, called(*p, "bias_ih_l") ? value : 0, where);
}

}  // namespace unspool::nn::init
