// Words of C: names, numbers, expressions.
#pragma once
#include <map>
#include <set>
#include <span>
#include <string>
#include <unspool/autograd/array/dtype.hpp>
#include <unspool/autograd/array/shape.hpp>
#include <unspool/autograd/formula/equation.hpp>
#include <vector>

namespace unspool::core {

/// Names for a C file: each once, and none a word of C or a function of <math.h>.
class CNames {
public:
    CNames();
    /// `wish` with a letter in front and letters, digits and underscores alone, and a number behind it if it is taken.
    std::string take(std::string_view wish);

private:
    std::set<std::string> taken_;
};

/// "0.5f" or "0.5", which reads as the same number.
std::string c_number(double, Dtype);
/// "{0.5f, 1.0f}", eight a line.
std::string c_list(std::vector<std::string> const& words);
std::string c_list(std::span<double const>, Dtype);
/// "24 * i + j + 3"; "0" for nothing.
std::string c_index(Index offset, Strides const&);

/// The functions of elementwise operations that expressions call, as C defines them.
class CFunctions {
public:
    explicit CFunctions(Dtype dtype) : dtype_(dtype) {}

    /// "sigmoid(z[i]) * tanhf(g[i])".  TypeError, "line: …", where an operation does not say how C writes it.
    std::string expression(Equation const&, std::string const& line);
    /// f's name in this element type: "expf".
    std::string math(std::string_view f) const { return std::string(f) + (dtype_ == float32 ? "f" : ""); }
    std::vector<std::string> definitions() const;

    Dtype dtype() const { return dtype_; }

private:
    friend class CNotation;
    std::string called(Operation const&, std::size_t arity, std::string const& line);

    Dtype dtype_;
    std::map<std::string, std::string> bodies_;  // of functions, by name
};

}  // namespace unspool::core
