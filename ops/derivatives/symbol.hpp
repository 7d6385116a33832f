// How symbols are recorded: one operation a statement.
#pragma once
#include <unspool/autograd/statement/symbol.hpp>
#include <unspool/ops/elementwise/comparison.hpp>

namespace unspool::core {

/// While it lives, what symbols record is 0 where a mask is, and passes nothing on there, in one statement with the mask: so that what has no
/// derivative there has none that matters, however often it is differentiated.
class Under {
public:
    explicit Under(Symbol const& mask);
    ~Under();
    Under(Under const&)            = delete;
    Under& operator=(Under const&) = delete;

    static Var const* mask();  ///< null where there is none

private:
    Var mask_;
    Var const* outer_;
};

/// Records one operation, under the mask that there is.
template <class Op, class... A> Var record_operation(A const&... a) {
    if (Var const* const mask = Under::mask()) return Var(apply<Choose>(*mask, apply<Op>(a...), 0));
    return Var(apply<Op>(a...));
}

/// Replaces operands, where the mask that there is is 0, by those of a place where it is not: an operation of a user is compiled without a
/// mask, and must not meet there what it cannot be differentiated at.  False if nothing is left of them.
bool replace_masked(std::span<Symbol> operands);

/// `yes` where the mask is not 0, else `no`.
Symbol chosen(Symbol const& mask, Symbol const& yes, Symbol const& no);

}  // namespace unspool::core
