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

template <std::size_t k, Real T>
void add_to_operand(Convolution const& of, Array<T> to, Array<T const> g, Array<T const> other) {
    k == 0 ? of.add_to_input<T>(to, g, other) : of.add_to_kernel<T>(to, g, other);
}

/// What the adjoint g is for operand k, by the other one.
template <std::size_t k> struct ToOperand {
    Convolution of;
    Shape shape;

    static constexpr auto name           = k == 0 ? "conv_to_input" : "conv_to_kernel";
    static constexpr Signature signature = "[?] [?] -> [?]";
    Shape result(std::span<Window const* const>) const { return shape; }
    template <Real T> void f(Array<T> y, Array<T const> g, Array<T const> other) const {
        std::fill_n(y.data, count(y.shape), T(0));
        add_to_operand<k, T>(of, y, g, other);
    }
    template <Real T> auto adjoints(Array<T const> dy, Array<T const>, Array<T const> g, Array<T const> other) const {
        return std::tuple{[=, this](Array<T> dg) {
                              k == 0 ? add_convolved<T>(of, dg, dy, other) : add_convolved<T>(of, dg, other, dy);
                          },
                          [=, this](Array<T> to) { add_to_operand<1 - k, T>(of, to, g, dy); }};
    }
    Var gradient(std::size_t operand, Var dy, Var, std::span<Var const> x) const {
        if (operand == 1) return call(ToOperand<1 - k>{of, x[1].shape()}, {}, x[0], k == 0 ? dy : contiguous(dy));
        return k == 0 ? convolved(of, dy, x[1]) : convolved(of, x[1], dy);
    }
};

}  // namespace

Var convolution_to_input(Convolution const& of, Var g, Var w, Shape const& input) {
    return call(ToOperand<0>{of, input}, {}, contiguous(g), contiguous(w));
}
Var convolution_to_kernel(Convolution const& of, Var g, Var x, Shape const& kernel) {
    return call(ToOperand<1>{of, kernel}, {}, contiguous(g), x);
}

}  // namespace unspool::core
