// How they are computed, and how they pass adjoints on.
#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <limits>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/operands.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <unspool/ops/linalg/decompositions.hpp>
#include <unspool/ops/linalg/lapack.hpp>
#include <unspool/ops/linalg/linalg.hpp>
#include <xtensor/xbuilder.hpp>

namespace unspool::core {

namespace {

/// There is no result.  The call says it again, with the name of the operand.
struct Refused : ValueError {
    using ValueError::ValueError;
};

constexpr auto singular = "singular", indefinite = "not positive definite";

void require(bool computed, std::string_view op, std::string_view fault) {
    if (!computed) throw Refused(fmt::format("{}: the matrix is {}", op, fault));
}

void require_square(std::string_view op, Var const& x, std::string_view expected, Where where) {
    Shape const& s = x.shape(where);
    if (s.rank() != 2 || s[0] != s[1])
        throw ShapeError(describe(where, op, fmt::format("{} is not a square matrix", label(x)), expected,
                                  std::array{Shown{label(x), s}}));
}

/// Calls an operation that may refuse the matrix `a`, which is its first operand.
template <class Op, class... X>
Var call_with(Op const& op, std::string_view fault, Where where, Var const& a, X const&... more) {
    require_square(Op::name, a, Op::signature.text(), where);
    try {
        return call(op, where, a, more...);
    } catch (Refused const&) {
        throw ValueError(describe(where, Op::name, fmt::format("{} is {}", label(a), fault), "",
                                  std::array{Shown{label(a), a.shape(where)}}));
    }
}
template <class Op> Var call_on_square(Op const& op, std::string_view fault, Argument const& x, Where where) {
    return with_operands(std::array{x}, Op::name, where, [&](Var const& v) { return call_with(op, fault, where, v); });
}

/// A matrix for as long as a rule runs.
template <Real T> class Scrap {
public:
    explicit Scrap(Shape const& s) : numbers_(static_cast<std::size_t>(count(s))), shape_(s) {}

    Array<T> array() { return {numbers_.data(), shape_, row_major(shape_)}; }
    std::vector<T>& numbers() { return numbers_; }
    void negate() { std::transform(numbers_.begin(), numbers_.end(), numbers_.begin(), std::negate{}); }

private:
    std::vector<T> numbers_;
    Shape shape_;
};

template <class T> T& element(Array<T> const& a, Index i, Index j) {
    return a.data[i * a.strides[0] + j * a.strides[1]];
}

}  // namespace

// ---- solve ----------------------------------------------------------------------------------------------------------

template <Real T> void Solve::f(Array<T> y, Array<T const> a, Array<T const> b) const {
    require(lapack::solve(y, a, b), name, singular);
}

template <Real T> std::shared_ptr<std::vector<T> const> Solve::adjoint_of_b(Array<T const> g, Array<T const> a) {
    auto const out = std::make_shared<std::vector<T>>(static_cast<std::size_t>(count(g.shape)));
    require(lapack::solve<T>({out->data(), g.shape, row_major(g.shape)}, transposed(a), g), name, singular);
    return out;
}
template <Real T> void Solve::subtract_product(Array<T> da, T const* db, Array<T const> y) {
    Scrap<T> minus(y.shape);
    std::transform(db, db + count(y.shape), minus.numbers().begin(), std::negate{});
    multiply<T>(da, {minus.array(), transposed(y)}, WriteMode::add);
}

Var solve(Argument a, Argument b, Where where) {
    return with_operands(std::array{a, b}, Solve::name, where, [&](Var const& x, Var const& y) {
        bool const vector = y.shape(where).rank() == 1;
        Shape const& s    = x.shape(where);
        if (vector && s.rank() == 2 && s[0] == s[1] && s[0] != y.shape(where)[0])
            throw ShapeError(
                describe(where, Solve::name,
                         fmt::format("n is {} in {} but {} in {}", s[0], label(x), y.shape(where)[0], label(y)),
                         "[n,n] [n] -> [n]", std::array{Shown{label(x), s}, Shown{label(y), y.shape(where)}}));
        Var const columns = call_with(Solve{}, singular, where, x, vector ? unsqueeze(y, 1, where) : y);
        return vector ? squeeze(columns, 1, where) : columns;
    });
}

// ---- inverse --------------------------------------------------------------------------------------------------------

template <Real T> void Inverse::f(Array<T> y, Array<T const> x) const { require(lapack::invert(y, x), name, singular); }

template <Real T> void Inverse::add_adjoint(Array<T> dx, Array<T const> g, Array<T const> y) {
    Scrap<T> yg(y.shape);
    multiply<T>(yg.array(), {transposed(y), g}, WriteMode::assign);
    yg.negate();
    multiply<T>(dx, {yg.array(), transposed(y)}, WriteMode::add);
}

Var inverse(Argument x, Where where) { return call_on_square(Inverse{}, singular, x, where); }

// ---- cholesky -------------------------------------------------------------------------------------------------------

template <Real T> void Cholesky::f(Array<T> y, Array<T const> x) const {
    require(lapack::factor(y, x), name, indefinite);
}

template <Real T> void Cholesky::add_adjoint(Array<T> dx, Array<T const> g, Array<T const> y) {
    Scrap<T> memory(y.shape);
    Array<T> const s = memory.array();
    Index const n    = y.shape[0];
    multiply<T>(s, {transposed(y), g}, WriteMode::assign);
    for (Index i = 0; i < n; ++i) {
        element(s, i, i) /= 2;
        for (Index j = i + 1; j < n; ++j) element(s, i, j) = 0;
    }
    lapack::solve_transposed_triangle<T>(s, y, s);
    lapack::solve_transposed_triangle<T>(s, y, transposed(s));  // now it is sᵀ, of which the sum is the same
    for (Index i = 0; i < n; ++i)
        for (Index j = 0; j < n; ++j) element(dx, i, j) += (element(s, i, j) + element(s, j, i)) / 2;
}

Var cholesky(Argument x, Where where) { return call_on_square(Cholesky{}, indefinite, x, where); }

// ---- logdet ---------------------------------------------------------------------------------------------------------

template <Real T> void LogDet::f(Array<T> y, Array<T const> x) const { *y.data = lapack::log_abs_det(x); }

template <Real T> void LogDet::add_adjoint(Array<T> dx, T g, Array<T const> x) {
    Scrap<T> memory(x.shape);
    Array<T> const inverse = memory.array();
    bool const computed    = lapack::invert<T>(inverse, x);
    for (Index i = 0; i < x.shape[0]; ++i)
        for (Index j = 0; j < x.shape[1]; ++j)
            element(dx, i, j) += computed ? g * element(inverse, j, i) : std::numeric_limits<T>::quiet_NaN();
}

Var logdet(Argument x, Where where) { return call_on_square(LogDet{}, singular, x, where); }

// ---- examples -------------------------------------------------------------------------------------------------------

namespace {

using Inputs = std::span<Var const>;

/// A matrix whose diagonal outweighs the rest, where no number is above 2: of itself and its transpose as well.
Var heavy(Tape& tape, Var const& x) {
    Index const n = x.shape()[0];
    return x + tape.constant(xt::eye<double>(static_cast<std::size_t>(n)) * static_cast<double>(2 * n + 1));
}
Var product_with_itself(Tape& tape, Var const& x) {
    return matmul(x, transpose(x)) + tape.constant(xt::eye<double>(static_cast<std::size_t>(x.shape()[0])) * 2.0);
}

template <Var (*op)(Argument, Where)> Var of_heavy(Tape& tape, Inputs x) {
    return op(heavy(tape, x[0]), Where::here());
}
template <Var (*op)(Argument, Where)> Var of_product(Tape& tape, Inputs x) {
    return op(product_with_itself(tape, x[0]), Where::here());
}

template <Var (*op)(Argument, Where)> std::vector<Example> of_squares() {
    return {{"a matrix", {{3, 3}}, of_heavy<op>},
            {"a larger one", {{5, 5}}, of_heavy<op>},
            {"a product", {{3, 4}}, of_product<op>},
            {"one number", {{1, 1}}, of_heavy<op>},
            {"nothing", {{0, 0}}, of_heavy<op>}};
}

}  // namespace

std::vector<Example> Solve::examples() {
    auto const f = [](Tape& tape, Inputs x) { return solve(heavy(tape, x[0]), x[1]); };
    return {{"a vector", {{4, 4}, {4}}, f},
            {"several sides", {{3, 3}, {3, 2}}, f},
            {"as many sides as unknowns", {{3, 3}, {3, 3}}, f},
            {"one equation", {{1, 1}, {1, 3}}, f},
            {"no side", {{3, 3}, {3, 0}}, f},
            {"no equation", {{0, 0}, {0, 2}}, f}};
}
std::vector<Example> Inverse::examples() { return of_squares<inverse>(); }
std::vector<Example> Cholesky::examples() { return of_squares<cholesky>(); }
std::vector<Example> LogDet::examples() { return of_squares<logdet>(); }

Var Solve::gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const {
    Var const db = solve(transpose(x[0]), g);
    if (k == 1) return db;
    Shape const columns{x[0].size(0), y.shape().rank() == 1 ? 1 : y.size(1)};
    return -matmul(reshape(db, columns), transpose(reshape(y, columns)));
}
Var Inverse::gradient(std::size_t, Var g, Var y, std::span<Var const>) const {
    return -matmul(matmul(transpose(y), g), transpose(y));
}
Var Cholesky::gradient(std::size_t, Var g, Var y, std::span<Var const> x) const {
    Index const n   = y.size(0);
    Var const below = x[0].tape().filled(y.shape(), {}, [n](auto v) {
        for (Index i = 0; i < n; ++i)
            for (Index j = 0; j < n; ++j) v[static_cast<std::size_t>(i * n + j)] = j < i ? 1 : j == i ? 0.5f : 0;
    });
    Var const up = transpose(y), half = below * matmul(up, g * where(below > 0, 1, 0));
    Var const s = solve(up, transpose(solve(up, transpose(half))));
    return 0.5 * (s + transpose(s));
}
Var LogDet::gradient(std::size_t, Var g, Var, std::span<Var const> x) const { return g * transpose(inverse(x[0])); }

}  // namespace unspool::core
