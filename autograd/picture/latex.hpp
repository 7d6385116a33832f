// Equations for LaTeX's math mode.
#pragma once
#include <string>
#include <unspool/autograd/formula/equation.hpp>

namespace unspool::core {

/// "\sigma\left(W_{f} \, x + …\right) \odot g", whatever names there are.
std::string latex(Equation const&);

}  // namespace unspool::core
