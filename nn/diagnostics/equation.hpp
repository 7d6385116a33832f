// The formulas of a tape, as text, turned into mathematics.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace unspool {

/// A formula as a tree.  What cannot be read as one is a name, whole.
struct Equation {
    enum Kind : std::uint8_t { name, number, call, prefix, infix };
    Kind                  kind = name;
    std::string           word;   ///< the name, number or function; of an operator "+", "-", "*", "/", "·", "<" …
    std::vector<Equation> parts;  ///< operands and arguments
};

Equation    read_equation(std::string_view formula);
std::string unicode(Equation const&);     ///< "σ(Wf x + Uf h₀ + bf) ⊙ g": products of matrices are written side by side
std::string latex(Equation const&);       ///< "\sigma\left(W_{f}\,x + …\right) \odot g", for LaTeX's math mode, of any names
long        operations(Equation const&);  ///< applications of functions and operators, but products of matrices

}  // namespace unspool
