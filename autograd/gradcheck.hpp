// Compares the gradients of backward() with differences of the function itself, in double.  A client of the tape: it
// records, sweeps and looks at nodes as any user may, and knows no operation.
#pragma once
#include <functional>
#include <iosfwd>
#include <limits>
#include <span>
#include <string>
#include <unspool/autograd/params.hpp>
#include <unspool/autograd/tape.hpp>
#include <vector>
#include <xtensor/xarray.hpp>
#include <xtensor/xexpression.hpp>

namespace unspool {

/// What is checked: a result of any shape, recorded on the tape, of the inputs (and of parameters).
using Differentiable = std::function<Var(Tape&, std::span<Var const> inputs)>;

/// An array to differentiate by, and its name, in formulas and in the report (x0, x1 … where there is none).
struct GradInput {
    std::string        name;
    xt::xarray<double> value;

    template <class X>
    requires std::is_arithmetic_v<X> || xt::is_xexpression<X>::value GradInput(X const& x) : value(x) {}
    template <class X> GradInput(std::string_view called, X const& x) : name(called), value(x) {}
};

struct GradcheckOptions {
    /// Half the distance of a central difference, times |x| where that is above 1.  The default, the cube root of the
    /// spacing of doubles, balances the error of the difference, step² f'''/6, with that of rounding, ε f/step.
    double step = 6e-6;
    /// An element is right if backward and numeric value differ by less than `relative` of the larger, or by less than
    /// `absolute` plus what rounding explains.  Right ones are mostly within 1e-9.
    double relative = 1e-5, absolute = 1e-8;
    /// 0: element by element.  Else each input is checked as a whole, along so many random directions with random signs.
    int           directions   = 0;
    Index         max_elements = std::numeric_limits<Index>::max();  ///< of each input: beyond it, a random choice
    std::uint64_t seed         = 1;                                  ///< of choices, of directions, and of the weights of the results
};

/// What a gradient check found.  Converts to bool and prints as a table, so that `BOOST_TEST(gradcheck(f, {x}))` shows it all.
struct GradReport {
    /// One comparison.
    struct Place {
        std::string at;  ///< "[1,2]", or "direction 3"
        double      backward = 0, numeric = 0;
        double      error = 0;  ///< relative; infinite where a value is not finite
        std::string remark;     ///< why it is wrong, where that is not plain from the values
    };
    /// An input or a parameter.
    struct Input {
        std::string name;
        Shape       shape;
        Index       checked = 0, wrong = 0;
        Index       kinks = 0;  ///< skipped: the function has no derivative there
        Place       worst;
        std::string problem;  ///< "" unless nothing of it could be checked
        bool        passed() const { return wrong == 0 && problem.empty(); }
    };

    std::vector<Input> inputs;
    std::string        problem;  ///< "" unless the function cannot be checked: not deterministic, not finite
    std::string        culprit;  ///< the first node whose gradient is wrong, with line, module and time step, where it was found

    bool         passed() const;
    Index        checked() const;  ///< elements, or directions, of all inputs
    Index        kinks() const;
    Input const* worst() const;  ///< the input with the largest error; null if there is none
    double       worst_error() const;
    explicit     operator bool() const { return passed(); }
};
std::ostream& operator<<(std::ostream&, GradReport const&);
std::string   text(GradReport const&);

/// Checks the gradients of `f` by its inputs:
///
///     gradcheck([&](Tape&, auto x) -> Var { return cell(x[0], x[1]); }, {{"x", x}, {"h0", h0}}, params)
///
/// Each element of the result has a weight of its own, so that mistakes cannot cancel.  At a kink (relu at 0) there is
/// no derivative: such elements are skipped and counted, if the backward value is within the slopes at its sides.
/// An input that `f` does not depend on must have gradient zero.  What `f` throws is passed on.
GradReport gradcheck(Differentiable const& f, std::vector<GradInput> const& inputs, GradcheckOptions const& = {});

/// The same by all parameters too.  The parameters stay as they are, and may be float32: `f` meets copies in double.
GradReport gradcheck(Differentiable const& f, std::vector<GradInput> const& inputs, Params const&, GradcheckOptions const& = {});

}  // namespace unspool
