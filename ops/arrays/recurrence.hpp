// The recurrence that is linear in its state, over a whole sequence at once: what gated linear cells are made of.
#pragma once
#include <array>
#include <unspool/autograd/call/about.hpp>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/call/example.hpp>

namespace unspool::core {

/// Martin and Cundy, "Parallelizing linear recurrent neural nets over sequence length" (2018).
struct LinearRecurrence {
    static constexpr auto name           = "linear_recurrence";
    static constexpr Signature signature = "[?] [?] [?] -> [?]";
    static constexpr About about{"h_t = a_t h_{t−1} + b_t along the first axis",
                                 "db_t = s_t, da_t = s_t h_{t−1}, dh_0 = a_1 s_1, with s_t = g_t + a_{t+1} s_{t+1}",
                                 "Var y = linear_recurrence(a, b, c);",
                                 "a, b [t, ...], h_0 [...], by default 0; they broadcast; ShapeError if they do not"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    Shape result(std::span<Window const* const> xs) const;
    template <Real T> void f(Array<T> y, Array<T const> a, Array<T const> b, Array<T const> h0) const;
    template <Real T> void together(std::array<Receiver<T>, 3> const& to, Array<T const> g, Array<T const> y,
                                    Array<T const> a, Array<T const> b, Array<T const> h0) const;
};

/// All states [t,...] of h_t = a_t ⊙ h_{t−1} + b_t.  `a` and `b` [t,...] broadcast, so that a decay [...] may be the same at all steps,
/// and so does the first state h0 [...].  One node, whatever t is.  ShapeError if the shapes do not fit.
Var linear_recurrence(Argument a, Argument b, Argument h0, Where = Where::here());
/// From zeros.
Var linear_recurrence(Argument a, Argument b, Where = Where::here());

/// s_t = g_t + a_{t+1} s_{t+1}: what flows back along it.  Both have the same shape, of at least one step.
Var backward_recurrence(Var a, Var g);

}  // namespace unspool::core

namespace unspool {

using core::linear_recurrence;

}  // namespace unspool
