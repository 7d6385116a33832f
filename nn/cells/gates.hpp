// What the shipped cells have in common: the weights of all gates stacked, with PyTorch's names and initialisation.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <unspool/nn/modules/linear.hpp>
#include <unspool/nn/modules/namespace.hpp>

namespace unspool::nn {

/// A Var, and what an equation calls it.
struct Role {
    char const* name;  ///< "h"
    Var const& value;  ///< what was given for it
};

/// The sizes of stacked weights.
struct GateSizes {
    Index gates;  ///< how many are stacked
    /// Features of x, and of each gate.
    Index in, hidden;
    Index state             = hidden;      ///< features of h: fewer than `hidden` where it is projected
    Bias bias               = Bias::with;  ///< of both products
    std::string_view suffix = "_l0";       ///< of the names of the parameters
};

/// W x + b_W and U h + b_U for all gates at once: the parameters weight_ih_l0 [gates hidden, in], weight_hh_l0 [gates hidden,
/// state], bias_ih_l0 and bias_hh_l0 [gates hidden], uniform on ±1/√hidden.
struct Gates {
    /// Of x, and of h.
    Linear W, U;

    /// ValueError unless all sizes are at least 1.
    Gates(std::string_view cell, Params, GateSizes const&, Where);

    Index in() const { return W.in(); }       ///< features of x
    Index hidden() const { return hidden_; }  ///< of each gate

    /// ShapeError unless x is [...,in] and each part of the state [...,hidden], with the same `...`; TapeError unless the parameters
    /// can be read.
    void require_shapes(std::string_view cell, Var const& x, std::initializer_list<Role> state, Where where) const {
        W.require_readable(where), U.require_readable(where);
        for (auto& s : state)
            if (!fits(x.shape(where), s.value.shape(where), &s == state.begin() ? U.in() : hidden_))
                explain(cell, x, state, where);
    }
    /// A state of zeros for `batch` sequences: h [batch,state], and others [batch,hidden].
    Var zero_h(Tape& tape, Index batch) const { return tape.zeros({batch, U.in()}); }
    Var zero_c(Tape& tape, Index batch) const { return tape.zeros({batch, hidden_}); }

private:
    struct Parameters;
    Gates(Parameters const&, Index hidden);
    bool fits(Shape const& x, Shape const& s, Index n) const;
    [[noreturn]] void explain(std::string_view cell, Var const& x, std::initializer_list<Role> state, Where) const;

    Index hidden_;
};

/// The same of a cell of other maps, of which a part of the state may be broadcast with x.
void require_step(std::string_view cell, Linear const& W, Linear const& U, Var const& x, Var const& h, Where);

/// ±1/√hidden, what PyTorch's recurrent layers start in.
double usual_bound(Index hidden);

}  // namespace unspool::nn
