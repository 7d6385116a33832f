// What is recorded, and how it is compared.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <unspool/autograd/array/random.hpp>
#include <unspool/nn/deploy/c_test.hpp>
#include <unspool/nn/deploy/c_text.hpp>
#include <unspool/nn/deploy/stream.hpp>

namespace unspool::core {

namespace {

/// The inputs and results of so many steps, one list a step of each.
struct Vectors {
    std::vector<std::vector<std::vector<double>>> x, y;  // [which][step]
};

/// `moved`: each input by a unit in its last place, up or down.
template <Real T> Vectors recorded(StepPlan const& plan, int steps, bool moved) {
    nn::Stream<T> stream(plan);
    Random random(1), direction(2);
    T const end = std::numeric_limits<T>::infinity();
    Vectors out{std::vector<std::vector<std::vector<double>>>(plan.inputs.size()),
                std::vector<std::vector<std::vector<double>>>(plan.results.size())};
    for (int t = 0; t < steps; ++t) {
        std::vector<std::vector<T>> x;
        std::vector<std::span<T const>> spans;
        for (std::size_t a : plan.inputs)
            for (T& v : x.emplace_back(static_cast<std::size_t>(count(plan.arrays[a].shape))))
                v = static_cast<T>(random.normal()), v = moved ? std::nextafter(v, direction.below(2) ? end : -end) : v;
        for (std::size_t k = 0; k < x.size(); ++k)
            spans.emplace_back(x[k]), out.x[k].emplace_back(x[k].begin(), x[k].end());
        stream.step(spans);
        for (std::size_t k = 0; k < plan.results.size(); ++k) {
            auto const y = stream.result(plan.results[k].name);
            out.y[k].emplace_back(y.begin(), y.end());
        }
    }
    return out;
}

/// "static const float x0[16][3] = {…};"
std::string array(std::string const& name, std::vector<std::vector<double>> const& steps, Dtype dtype) {
    std::string out =
        fmt::format("static const real {}[{}][{}] = {{", name, steps.size(), std::max<std::size_t>(steps[0].size(), 1));
    for (auto const& each : steps) out += c_list(each, dtype) + ",\n";
    return out + "};\n";
}

double difference(Vectors const& a, Vectors const& b) {
    double out = 0;
    for (std::size_t k = 0; k < a.y.size(); ++k)
        for (std::size_t t = 0; t < a.y[k].size(); ++t)
            for (std::size_t i = 0; i < a.y[k][t].size(); ++i) {
                double const x = a.y[k][t][i], error = std::abs(x - b.y[k][t][i]) / std::max(1., std::abs(x));
                if (error > out) out = error;
            }
    return out;
}
/// Some units in the last place, or what rounding makes of the steps so far; a hundred times as much at most, so that there is a bound
/// where a step jumps.
double tolerance(CFileOptions const& o, double of_rounding) {
    double const usual = o.dtype == float32 ? 1e-6 : 1e-13;
    return std::clamp(16 * of_rounding, usual, 100 * usual);
}

constexpr char const* program =
    R"(/* Runs {0}_step on numbers that were recorded, and ends with 0 where it gives what was recorded with them. */
{9}
typedef {1} real;

{2}
static double larger(double worst, real got, real expected) {{
    if (got == expected || (isnan(got) && isnan(expected))) return worst;
    const double error = fabs((double)got - (double)expected) / fmax(1.0, fabs((double)expected));
    return error > worst || isnan(error) ? error : worst;
}}

int main(void) {{
    {0}_state s;
{3}    double worst = 0;
    {0}_reset(&s);
    for (int t = 0; t < {4}; ++t) {{
        {0}_step({5}&s{6});
{7}    }}
    printf("{0}: {4} steps, worst difference %.1e, at most {8} is expected\n", worst);
    return worst <= {8} ? 0 : 1;
}}
)";

}  // namespace

std::string c_test(StepPlan const& plan, CFileOptions const& o, std::string const& trained) {
    auto const run = [&](bool moved) {
        return dispatch(o.dtype, [&](auto t) { return recorded<decltype(t)>(plan, o.test_steps, moved); });
    };
    Vectors const v    = run(false);
    double const bound = tolerance(o, difference(v, run(true)));
    std::string arrays = trained, locals, arguments, compared;
    for (std::size_t k = 0; k < v.x.size(); ++k) {
        arrays += array(fmt::format("x{}", k), v.x[k], o.dtype);
        arguments += fmt::format(", x{}[t]", k);
    }
    for (std::size_t k = 0; k < v.y.size(); ++k) {
        std::size_t const n = v.y[k][0].size();
        arrays += array(fmt::format("expected{}", k), v.y[k], o.dtype);
        arguments += fmt::format(", y{}", k);
        locals += fmt::format("    real y{}[{}];\n", k, std::max<std::size_t>(n, 1));
        compared += fmt::format(
            "        for (int i = 0; i < {}; ++i) worst = larger(worst, y{}[i], expected{}[t][i]);\n", n, k, k);
    }
    return fmt::format(program, o.name, o.dtype == float32 ? "float" : "double", arrays, locals, o.test_steps,
                       trained.empty() ? "" : "&trained, ", arguments, compared, fmt::format("{:.1e}", bound),
                       fmt::format("#include \"{}.h\"\n#include <math.h>\n#include <stdio.h>\n", o.name));
}

}  // namespace unspool::core
