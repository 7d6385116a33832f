// What becomes of a norm on its way back through time: it vanishes, it explodes, or it stays.
#pragma once
#include <limits>
#include <numbers>
#include <span>
#include <string>
#include <unspool/autograd/array/shape.hpp>
#include <unspool/autograd/array/where.hpp>

namespace unspool::core {

enum class Verdict { healthy, vanishing, exploding, not_finite, unreached };
std::string text(Verdict);  ///< "vanishing"

/// When norms through time are said to vanish, and when to explode.
struct DecayOptions {
    double vanishing = 1e-3;                 ///< what is left of it at the far end is at most this part
    double exploding = 1e3;                  ///< somewhere it is at least so many times as large
    double horizon   = 1 / std::numbers::e;  ///< the part of it at which it counts as gone
};

/// Norms, step by step, seen from the last step backwards.
struct Decay {
    Verdict verdict = Verdict::unreached;  ///< what to think of it
    /// The step where it is looked at first, with a norm above zero, and the far end.
    Index begin = -1, end = -1;  ///< the step where it is looked at first, with a norm above zero, and the far end
    /// The norms there.
    double at_begin = 0, at_end = 0;  ///< the norms there
    double most     = 0;              ///< the largest norm on the way
    Index steps     = 0;              ///< between the two
    double per_step = std::numeric_limits<
        double>::quiet_NaN();  ///< factor a step, in the geometric mean, where the norm is above zero
    /// The effective horizon: so many steps back from `begin`, the norm falls below `horizon` of what it is there for the first
    /// time.  If it never does, `steps` and `beyond`.
    Index horizon  = 0;
    bool beyond    = false;  ///< it falls below nowhere
    Index at_fault = -1;     ///< the step, nearest to `begin`, whose norm is not finite
};

/// Of norms by time step, seen from the last of them, or, where the recurrence runs from the last step to the first, from the
/// first.  Steps that nothing reaches, at the near end, do not count.  ValueError unless 0 < vanishing < 1 < exploding and
/// 0 < horizon < 1.
Decay decay_of(std::span<double const> norms, bool reverse = false, DecayOptions const& = {}, Where = Where::here());

/// "vanishing: from 0.12 at t = 99 to 3.1e-09 at t = 0, a factor of 0.84 a step; below 0.37 of it after 12 steps".
std::string text(Decay const&, DecayOptions const& = {});

}  // namespace unspool::core

namespace unspool {

using core::Decay, core::DecayOptions;

}  // namespace unspool
