// What parameters start from.
#pragma once
#include <cmath>
#include <numbers>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/modules/namespace.hpp>

/// Each writes one parameter, and returns it, so that a member can be made and filled at once:
///
///     MGUCell(Params p, Index in, Index hidden)
///         : Uf(init::orthogonal(p.zeros("Uf", {hidden, hidden}), p.random())) {}
///
/// The numbers are those of the seed, with every compiler.  Those that scale by fans need two axes at least (else ShapeError),
/// as PyTorch: fan_in is the second extent, fan_out the first, each times the product of the others.  Where `blocks` is given,
/// the parameter is a stack of so many equal ones along the first axis, such as gates, and each is filled as one of its own;
/// ShapeError if the first extent does not divide.  ValueError where a number is outside its range.
namespace unspool::nn::init {

/// By how much a nonlinearity shrinks its input; PyTorch's `calculate_gain`.
namespace gain {
/// Of the nonlinearity of that name.
inline constexpr double linear = 1, sigmoid = 1, tanh = 5.0 / 3, relu = std::numbers::sqrt2, selu = 0.75;
inline double leaky_relu(double slope) { return std::sqrt(2 / (1 + slope * slope)); }  ///< √(2 / (1 + slope²))
}  // namespace gain

enum class Fan { in, out };

/// All elements alike.
Param& constant(Param&, double value, Where = Where::here());
Param& uniform(Param&, Random&, double low, double high, Where = Where::here());  ///< on [low, high)
Param& normal(Param&, Random&, double mean, double deviation, Where = Where::here());
/// Normal, drawn again until it is within [low, high].  ValueError if these hold less than a thousandth of the draws.
Param& truncated_normal(Param&, Random&, double mean, double deviation, double low, double high, Where = Where::here());

/// U(-a, a), a = gain · √(6 / (fan_in + fan_out)): Glorot and Bengio (2010).
Param& glorot_uniform(Param&, Random&, double gain = 1, Index blocks = 1, Where = Where::here());
/// N(0, gain² · 2 / (fan_in + fan_out)).
Param& glorot_normal(Param&, Random&, double gain = 1, Index blocks = 1, Where = Where::here());
/// U(-a, a), a = gain · √(3 / fan): He et al. (2015).
Param& he_uniform(Param&, Random&, Fan = Fan::in, double gain = gain::relu, Index blocks = 1, Where = Where::here());
/// N(0, gain² / fan).
Param& he_normal(Param&, Random&, Fan = Fan::in, double gain = gain::relu, Index blocks = 1, Where = Where::here());
/// U(-a, a), a = √(3 / fan_in): LeCun et al., "Efficient backprop" (1998).
Param& lecun_uniform(Param&, Random&, Index blocks = 1, Where = Where::here());
/// N(0, 1 / fan_in).
Param& lecun_normal(Param&, Random&, Index blocks = 1, Where = Where::here());

/// gain · Q, where Q, as a matrix of the first extent by the others, has orthonormal rows, or columns where these are fewer:
/// Saxe, McClelland and Ganguli (2014).  Every rotation is as likely as the others.
Param& orthogonal(Param&, Random&, double gain = 1, Index blocks = 1, Where = Where::here());
/// gain where row and column are equal, else 0: Le, Jaitly and Hinton (2015).  Two axes.
Param& identity(Param&, double gain = 1, Index blocks = 1, Where = Where::here());
/// N(0, deviation²), but that ⌈sparsity · rows⌉ of every column are 0: Martens (2010).  Two axes; sparsity in [0, 1].
Param& sparse(Param&, Random&, double sparsity, double deviation = 0.01, Where = Where::here());

/// Writes one value to block k of n along the first axis: `constant_block(lstm.bias, 1, 4, 1)`.
Param& constant_block(Param&, Index k, Index n, double value, Where = Where::here());
/// The forget gates of LSTMs, whose biases are called bias_ih_l… and bias_hh_l… and have the gates i f g o, begin with
/// this bias in all: all layers and directions below a path (Jozefowicz, Zaremba and Sutskever, 2015).  NameError if there
/// are none.
void forget_bias(Params const& lstm, double value = 1, Where = Where::here());

}  // namespace unspool::nn::init
