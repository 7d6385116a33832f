// The losses of a run, exactly: what shows that a run was repeated.
#pragma once
#include <fmt/format.h>
#include <string>
#include <unspool/autograd/array/shape.hpp>

namespace custom_cell {

class Losses {
public:
    void add(unspool::Index step, double loss) { rows_ += fmt::format("\n{},{:.17g},", step, loss); }
    void validated(double loss) { rows_ += fmt::format("{:.17g}", loss); }  ///< after the step that was added last

    std::string table() const { return "step,loss,validation" + rows_ + "\n"; }

private:
    std::string rows_;
};

}  // namespace custom_cell
