// Activations that are chosen at run time.
#pragma once
#include <concepts>
#include <functional>
#include <unspool/nn/modules/namespace.hpp>
#include <unspool/ops/elementwise/activations.hpp>
#include <unspool/ops/elementwise/functions.hpp>

namespace unspool::nn {

/// An elementwise function for a gate or a candidate: `nn::relu`, `[](Var x) { return leaky_relu(x, 0.1); }`.  None stands for
/// what the cell's paper has there, which is then fused with its neighbours.
class Activation {
public:
    Activation() = default;
    /// From anything that makes a Var, or a term, of a Var.
    template <class F>
    requires(std::convertible_to<std::invoke_result_t<F const&, Var>, Var> && !std::same_as<F, Activation>)
        Activation(F f, Where where = Where::here())
        : f_([f, where](Var x) -> Var {
            static_cast<void>(where);
            if constexpr (std::same_as<std::invoke_result_t<F const&, Var>, Var>) return f(x);
            else return Var(f(x), where);
        }) {}

    explicit operator bool() const { return static_cast<bool>(f_); }  ///< is there one?
    Var operator()(Var x) const { return f_(x); }                     ///< of any shape

private:
    std::function<Var(Var)> f_;
};

/// An operation as an activation, and as the function that it is.
template <class Op> struct ActivationOf {
    /// A term.
    template <Symbolic A> auto operator()(A const& x) const { return apply<Op>(x); }
};
inline constexpr ActivationOf<Tanh> tanh;        ///< `unspool::tanh`, for options and for nn::Sequential
inline constexpr ActivationOf<Sigmoid> sigmoid;  ///< `unspool::sigmoid`, for options and for nn::Sequential
inline constexpr ActivationOf<HardSigmoid>
    hard_sigmoid;                                   ///< `unspool::hard_sigmoid`, for options and for nn::Sequential
inline constexpr ActivationOf<HardTanh> hard_tanh;  ///< `unspool::hard_tanh`, for options and for nn::Sequential
inline constexpr ActivationOf<Relu> relu;           ///< `unspool::relu`, for options and for nn::Sequential
inline constexpr ActivationOf<Selu> selu;           ///< `unspool::selu`, for options and for nn::Sequential
inline constexpr ActivationOf<Silu> silu;           ///< `unspool::silu`, for options and for nn::Sequential
inline constexpr ActivationOf<Gelu> gelu;           ///< `unspool::gelu`, for options and for nn::Sequential
inline constexpr ActivationOf<Softplus> softplus;   ///< `unspool::softplus`, for options and for nn::Sequential
inline constexpr ActivationOf<Softsign> softsign;   ///< `unspool::softsign`, for options and for nn::Sequential
/// x itself: a linear network.
inline constexpr auto identity = [](Var x) { return x; };

/// `given(x)`, or `usual(x)` where there is none.
template <class F> Var activated(Activation const& given, Var x, F usual) {
    if (given) return given(x);
    Var y = usual(x);
    return y;
}

}  // namespace unspool::nn
