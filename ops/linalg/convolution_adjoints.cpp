// They read contiguous arrays, as the convolution does.
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/linalg/convolution_adjoints.hpp>
#include <vector>

namespace unspool::core {

namespace {

Var convolved(Convolution const& of, Var x, Var w) {
    Var const kernel = contiguous(w);
    return x.shape().rank() == 3 ? call(Conv1d{of}, {}, x, kernel) : call(Conv2d{of}, {}, x, kernel);
}

/// dg += the convolution of x with w.
template <Real T> void add_convolved(Convolution const& of, Array<T> dg, Array<T const> x, Array<T const> w) {
    std::vector<T> memory(static_cast<std::size_t>(count(dg.shape)));
    Array<T> const out{memory.data(), dg.shape, row_major(dg.shape)};
    of.f<T>(out, x, w);
    copy<T>(dg, out, WriteMode::add);
}

struct ToInput {
    Convolution of;
    Shape input;

    static constexpr auto name           = "conv_to_input";
    static constexpr Signature signature = "[?] [?] -> [?]";
    Shape result(std::span<Window const* const>) const { return input; }
    template <Real T> void f(Array<T> y, Array<T const> g, Array<T const> w) const {
        std::fill_n(y.data, count(y.shape), T(0));
        of.add_to_input<T>(y, g, w);
    }
    template <Real T> auto adjoints(Array<T const> dy, Array<T const>, Array<T const> g, Array<T const> w) const {
        return std::tuple{[=, this](Array<T> dg) { add_convolved<T>(of, dg, dy, w); },
                          [=, this](Array<T> dw) { of.add_to_kernel<T>(dw, g, dy); }};
    }
    Var gradient(std::size_t k, Var dy, Var, std::span<Var const> x) const {
        return k == 0 ? convolved(of, dy, x[1]) : convolution_to_kernel(of, x[0], dy, x[1].shape());
    }
};

struct ToKernel {
    Convolution of;
    Shape kernel;

    static constexpr auto name           = "conv_to_kernel";
    static constexpr Signature signature = "[?] [?] -> [?]";
    Shape result(std::span<Window const* const>) const { return kernel; }
    template <Real T> void f(Array<T> y, Array<T const> g, Array<T const> x) const {
        std::fill_n(y.data, count(y.shape), T(0));
        of.add_to_kernel<T>(y, g, x);
    }
    template <Real T> auto adjoints(Array<T const> dy, Array<T const>, Array<T const> g, Array<T const> x) const {
        return std::tuple{[=, this](Array<T> dg) { add_convolved<T>(of, dg, x, dy); },
                          [=, this](Array<T> dx) { of.add_to_input<T>(dx, g, dy); }};
    }
    Var gradient(std::size_t k, Var dy, Var, std::span<Var const> x) const {
        return k == 0 ? convolved(of, x[1], dy) : convolution_to_input(of, x[0], dy, x[1].shape());
    }
};

}  // namespace

Var convolution_to_input(Convolution const& of, Var g, Var w, Shape const& input) {
    return call(ToInput{of, input}, {}, contiguous(g), contiguous(w));
}
Var convolution_to_kernel(Convolution const& of, Var g, Var x, Shape const& kernel) {
    return call(ToKernel{of, kernel}, {}, contiguous(g), x);
}

}  // namespace unspool::core
