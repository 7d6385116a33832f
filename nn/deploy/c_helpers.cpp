// Functions that array operations call in C.
#include <map>
#include <unspool/nn/deploy/c_helpers.hpp>

namespace unspool::core {

namespace {

/// By name.
std::map<std::string, std::string> const& helpers() {
    static std::map<std::string, std::string> const all{
        {"add_product", R"(/* y += W x, for W [n,k] */
static void add_product(int n, int k, const real *W, const real *x, real *y) {
    for (int i = 0; i < n; ++i, W += k) {
        real sum = 0;
        for (int j = 0; j < k; ++j) sum += W[j] * x[j];
        y[i] += sum;
    }
}
)"},
        {"add_product_int8", R"(/* y += W x, for W [n,k] of integers with a scale a row */
static void add_product_int8(int n, int k, const signed char *W, const real *scale, const real *x, real *y) {
    for (int i = 0; i < n; ++i, W += k) {
        real sum = 0;
        for (int j = 0; j < k; ++j) sum += (real)W[j] * x[j];
        y[i] += scale[i] * sum;
    }
}
)"},
        {"add_matmul", R"(/* y += a b, for a [m,k] and b [k,n]; dai is the distance of rows of a, and so on */
static void add_matmul(int m, int n, int k, const real *a, int dai, int dak, const real *b, int dbk, int dbj, real *y, int dyi, int dyj) {
    for (int i = 0; i < m; ++i)
        for (int j = 0; j < n; ++j) {
            real sum = 0;
            for (int l = 0; l < k; ++l) sum += a[i * dai + l * dak] * b[l * dbk + j * dbj];
            y[i * dyi + j * dyj] += sum;
        }
}
)"},
        {"look_up", R"(/* y = the row of a table with this number, within those that there are */
static void look_up(int rows, int n, real number, const real *table, int next, real *y) {
    const int row = number > 0 ? number < (real)rows ? (int)number : rows - 1 : 0;
    for (int i = 0; i < n; ++i) y[i] = table[row * next + i];
}
)"},
        {"softmax", R"(static void softmax(int n, const real *x, int dx, real *y, int dy) {
    real top = x[0], sum = 0;
    for (int i = 1; i < n; ++i) top = x[i * dx] > top ? x[i * dx] : top;
    for (int i = 0; i < n; ++i) sum += y[i * dy] = exp$(x[i * dx] - top);
    for (int i = 0; i < n; ++i) y[i * dy] /= sum;
}
)"},
        {"log_softmax", R"(static void log_softmax(int n, const real *x, int dx, real *y, int dy) {
    real top = x[0], sum = 0;
    for (int i = 1; i < n; ++i) top = x[i * dx] > top ? x[i * dx] : top;
    for (int i = 0; i < n; ++i) sum += exp$(x[i * dx] - top);
    sum = log$(sum);
    for (int i = 0; i < n; ++i) y[i * dy] = (x[i * dx] - top) - sum;
}
)"},
        {"layer_norm",
         R"(/* y = (x - mean) / sqrt(variance + eps), the mean in two parts; in other units where squares leave the range of numbers */
static void layer_norm(int n, const real *x, int dx, real *y, int dy, real eps) {
    real unit = 1, mean = 0, shift = 0, spread = 0, top = 0;
    for (int again = 0; again < 2; ++again) {
        mean = shift = spread = 0;
        for (int i = 0; i < n; ++i) mean += x[i * dx] * unit;
        mean /= (real)n;
        for (int i = 0; i < n; ++i) shift += x[i * dx] * unit - mean;
        shift /= (real)n;
        for (int i = 0; i < n; ++i) spread += (x[i * dx] * unit - mean - shift) * (x[i * dx] * unit - mean - shift);
        spread = 1 / sqrt$(spread / (real)n + eps * unit * unit);
        if (again || (isfinite(mean) && isfinite(spread) && spread > 0)) break;
        for (int i = 0; i < n; ++i) top = fabs$(x[i * dx]) > top ? fabs$(x[i * dx]) : top;
        if (top > 0 && isfinite(top)) unit = 1 / top / (real)n;
    }
    for (int i = 0; i < n; ++i) y[i * dy] = (x[i * dx] * unit - mean - shift) * spread;
}
)"},
        {"rms_norm",
         R"(/* y = x / sqrt(mean of squares + eps); in other units where squares leave the range of numbers */
static void rms_norm(int n, const real *x, int dx, real *y, int dy, real eps) {
    real unit = 1, square = 0, top = 0;
    for (int again = 0; again < 2; ++again) {
        square = 0;
        for (int i = 0; i < n; ++i) square += (x[i * dx] * unit) * (x[i * dx] * unit);
        square = 1 / sqrt$(square / (real)n + eps * unit * unit);
        if (again || (isfinite(square) && square > 0)) break;
        for (int i = 0; i < n; ++i) top = fabs$(x[i * dx]) > top ? fabs$(x[i * dx]) : top;
        if (top > 0 && isfinite(top)) unit = 1 / top;
    }
    for (int i = 0; i < n; ++i) y[i * dy] = x[i * dx] * unit * square;
}
)"},
        {"largest_of", R"(static real largest_of(int n, const real *x, int dx) {
    real top = x[0];
    for (int i = 1; i < n; ++i) top = x[i * dx] > top || isnan(x[i * dx]) ? x[i * dx] : top;
    return top;
}
)"},
        {"smallest_of", R"(static real smallest_of(int n, const real *x, int dx) {
    real low = x[0];
    for (int i = 1; i < n; ++i) low = x[i * dx] < low || isnan(x[i * dx]) ? x[i * dx] : low;
    return low;
}
)"},
        {"product_of", R"(static real product_of(int n, const real *x, int dx) {
    real product = 1;
    for (int i = 0; i < n; ++i) product *= x[i * dx];
    return product;
}
)"},
        {"norm_of", R"(static real norm_of(int n, const real *x, int dx) {
    real top = 0, sum = 0;
    for (int i = 0; i < n; ++i) top = fabs$(x[i * dx]) > top || isnan(x[i * dx]) ? fabs$(x[i * dx]) : top;
    if (top == 0 || isinf(top) || isnan(top)) return top;
    for (int i = 0; i < n; ++i) sum += (x[i * dx] / top) * (x[i * dx] / top);
    return top * sqrt$(sum);
}
)"},
        {"log_sum_exp", R"(static real log_sum_exp(int n, const real *x, int dx) {
    real top = -INFINITY, sum = 0;
    for (int i = 0; i < n; ++i) top = x[i * dx] > top || isnan(x[i * dx]) ? x[i * dx] : top;
    for (int i = 0; i < n; ++i) sum += exp$(x[i * dx] - top);
    return isinf(top) ? top : top + log$(sum);
}
)"}};
    return all;
}

}  // namespace

std::string const& c_helper(std::string const& name) { return helpers().at(name); }

}  // namespace unspool::core
