// Convolutions along one axis and two, as products of the kernel with all that it meets (im2col): Chellapilla, Puri and Simard, "High
// performance convolutional neural networks for document processing" (2006).
//
// They are PyTorch's: the kernel is not reversed (cross-correlation), weights are [o,c/groups,...], and there is no bias, which is a term
// [o,1] or [o,1,1] beside it.  A causal convolution is that of `pad(x, -1, k - 1, 0)`.
#pragma once
#include <tuple>
#include <unspool/autograd/call/about.hpp>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/call/example.hpp>

namespace unspool::core {

/// A number for each axis of an image; one stands for both.
struct PerAxis {
    /// Of the last axis but one, and of the last.
    Index height, width;

    PerAxis(Index both) : height(both), width(both) {}  ///< the same for both
    PerAxis(Index h, Index w) : height(h), width(w) {}  ///< one each
};

struct Conv1dOptions {
    Index stride   = 1;  ///< from one output to the next
    Index padding  = 0;  ///< zeros at both ends
    Index dilation = 1;  ///< from one element of the kernel to the next
    Index groups   = 1;  ///< of channels, each with outputs of its own
};
/// How the kernel goes over the image, for both axes alike or for each.
struct Conv2dOptions {
    /// As Conv1dOptions has them.
    PerAxis stride = 1, padding = 0, dilation = 1;
    Index groups = 1;  ///< of channels, each with outputs of its own
};

/// How a kernel goes along an axis.
struct Sliding {
    Index stride = 1, padding = 0, dilation = 1;

    /// Where element `k` of the kernel is for an output; it may be in the padding.
    Index place(Index output, Index k) const { return output * stride + k * dilation - padding; }
    Index outputs(Index size, Index kernel) const {
        return (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
    }
};

/// What both have in common.  Without a height, it is 1.
struct Convolution {
    Sliding down, across;
    Index groups = 1;

    Shape result(std::span<Window const* const> xs) const;
    template <Real T> void f(Array<T> y, Array<T const> x, Array<T const> w) const;
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const> x, Array<T const> w) const {
        return std::tuple{[=, this](Array<T> dx) { add_to_input<T>(dx, g, w); },
                          [=, this](Array<T> dw) { add_to_kernel<T>(dw, g, x); }};
    }

    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Real T> void add_to_input(Array<T> dx, Array<T const> g, Array<T const> w) const;
    template <Real T> void add_to_kernel(Array<T> dw, Array<T const> g, Array<T const> x) const;

protected:
    std::vector<Equation> unusual(Sliding const& down_too) const;  ///< options that are not as they are by default
};

struct Conv1d : Convolution {
    static constexpr auto name           = "conv1d";
    static constexpr Signature signature = "[b,c,l] [o,d,k] -> [?]";
    static constexpr About about{
        "y_bol = Σ_ck w_ock x_bcm, with m = stride · l + dilation · k − padding",
        "dx, dw: the sums of g w and g x over all that met",
        "Var y = conv1d(unsqueeze(x, 0), unsqueeze(W, 1), {.padding = 1, .groups = 3});",
        "x [b, c, l], w [o, c / groups, k]; 0 beyond the ends; ShapeError if the kernel does not fit"};
    static std::vector<Example> examples();
    std::vector<Equation> arguments() const { return unusual(across); }
};
/// Of x [b,c,l] with w [o,c/groups,k]: [b,o,(l + 2 padding − dilation (k − 1) − 1) / stride + 1].  Output channel number i sees the
/// group of input channels i / (o / groups).  ShapeError if the shapes do not fit, ValueError for options out of their range.
Var conv1d(Argument x, Argument w, Conv1dOptions const& = {}, Where = Where::here());

struct Conv2d : Convolution {
    static constexpr auto name           = "conv2d";
    static constexpr Signature signature = "[b,c,h,w] [o,d,k,l] -> [?]";
    static constexpr About about{
        "y_boij = Σ_ckl w_ockl x_bcmn, with m and n as in conv1d", "dx, dw: the sums of g w and g x over all that met",
        "Var y = conv2d(reshape(x, {1, 1, 3, 3}), reshape(W, {1, 1, 3, 3}), {.stride = {2, 1}, .padding = 1});",
        "x [b, c, h, w], w [o, c / groups, k, l]; 0 beyond the edges; ShapeError if the kernel does not fit"};
    static std::vector<Example> examples();
    std::vector<Equation> arguments() const { return unusual(down); }
};
/// Of x [b,c,h,w] with w [o,c/groups,k,l]: the same along two axes.
Var conv2d(Argument x, Argument w, Conv2dOptions const& = {}, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::Conv1dOptions, core::Conv2dOptions, core::PerAxis, core::conv1d, core::conv2d;

}  // namespace unspool
