// What the shipped cells have in common: the weights of all gates stacked, with PyTorch's names and initialisation.
#pragma once
#include <initializer_list>
#include <string_view>
#include <unspool/nn/linear.hpp>

namespace unspool {

/// A Var, and what an equation calls it.
struct Role {
    char const* name;
    Var const&  value;
};

/// W x + b_W and U h + b_U for `n` gates at once: the parameters weight_ih_l0 [n hidden, in], weight_hh_l0 [n hidden, hidden],
/// bias_ih_l0 and bias_hh_l0 [n hidden], uniform on ±1/√hidden.
struct Gates {
    Linear W, U;

    /// ValueError unless `in` and `hidden` are at least 1.
    Gates(std::string_view cell, Index n, Params, Index in, Index hidden, Bias, Where);

    Index in() const { return W.in(); }
    Index hidden() const { return U.in(); }

    /// ShapeError unless x is [...,in] and each part of the state [...,hidden], with the same `...`.
    void require_shapes(std::string_view cell, Var const& x, std::initializer_list<Role> state, Where where) const {
        for (auto& s : state)
            if (!fits(x.shape(), s.value.shape())) explain(cell, x, state, where);
    }
    /// A state of zeros for `batch` sequences: [batch,hidden].
    Var zeros(Tape&, Index batch) const;

private:
    struct Parameters;
    explicit Gates(Parameters const&);
    bool              fits(Shape const& x, Shape const& s) const;
    [[noreturn]] void explain(std::string_view cell, Var const& x, std::initializer_list<Role> state, Where) const;
};

}  // namespace unspool
