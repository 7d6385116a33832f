// What is recorded, and how it is compared.
#include <algorithm>
#include <fmt/format.h>
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

template <Real T> Vectors recorded(StepPlan const& plan, int steps) {
    nn::Stream<T> stream(plan);
    Random random(1);
    Vectors out{std::vector<std::vector<std::vector<double>>>(plan.inputs.size()),
                std::vector<std::vector<std::vector<double>>>(plan.results.size())};
    for (int t = 0; t < steps; ++t) {
        std::vector<std::vector<T>> x;
        std::vector<std::span<T const>> spans;
        for (std::size_t a : plan.inputs)
            for (T& v : x.emplace_back(static_cast<std::size_t>(count(plan.arrays[a].shape))))
                v = static_cast<T>(random.normal());
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

double tolerance(CFileOptions const& o) { return o.dtype == float32 ? 1e-5 : 1e-12; }

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
    printf("{0}: {4} steps, worst difference %.1e\n", worst);
    return worst <= {8} ? 0 : 1;
}}
)";

}  // namespace

std::string c_test(StepPlan const& plan, CFileOptions const& o, std::string const& trained) {
    Vectors const v    = dispatch(o.dtype, [&](auto t) { return recorded<decltype(t)>(plan, o.test_steps); });
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
                       trained.empty() ? "" : "&trained, ", arguments, compared, c_number(tolerance(o), float64),
                       fmt::format("#include \"{}.h\"\n#include <math.h>\n#include <stdio.h>\n", o.name));
}

}  // namespace unspool::core
