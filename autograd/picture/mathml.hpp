// Equations for browsers.
#pragma once
#include <string>
#include <unspool/autograd/formula/equation.hpp>

namespace unspool::core {

/// In MathML, as elements within <math>: "<mi>σ</mi><mo>(</mo>…", whatever names there are.
std::string mathml(Equation const&);

}  // namespace unspool::core
