// Where a value meets a weight: the place at which noise acts on it, and not on its other uses.
#pragma once
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

/// What becomes of values where products multiply them by weights.
class AtWeights {
public:
    /// While it lives, the tape asks this one, which may ask the one before.
    class [[nodiscard]] During {
    public:
        During(Tape& tape, AtWeights& asked) : tape_(tape), outer_(std::exchange(tape.at_weights_, &asked)) {
            asked.outer_ = outer_;
        }
        ~During() { tape_.at_weights_ = outer_; }
        During(During const&)            = delete;
        During& operator=(During const&) = delete;

    private:
        Tape& tape_;
        AtWeights* outer_;
    };

    virtual Var meets(Var const& x, Where)      = 0;  ///< `x` as the weight sees it
    virtual bool carries(Window const& x) const = 0;  ///< would it see another value?
    virtual void made(Node const&)              = 0;  ///< of its operands, a moment ago

protected:
    ~AtWeights()      = default;
    AtWeights* outer_ = nullptr;
};

/// An operand as a weight sees it.
inline Var at_weight(Var const& x, Where where) {
    AtWeights* const asked = x.tape().at_weights();
    return asked ? asked->meets(x, where) : x;
}

}  // namespace unspool::core
