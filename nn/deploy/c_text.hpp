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

/// Names for a C file: each once, and none a word of C or C++, a function of <math.h> or one of the file.
class CNames {
public:
    /// In a file all of whose own names begin with `own` and an underscore, which no other does then.
    explicit CNames(std::string_view own = {});
    /// `wish` with a letter in front and letters, digits and underscores alone, and a number behind it if it is taken.
    std::string take(std::string_view wish);

private:
    std::set<std::string> taken_;
    std::string own_, own_macro_;
};

std::string in_capitals(std::string);
/// Letters, digits and underscores, a letter first.
bool is_c_name(std::string_view);
/// What may stand in a comment, on one line.
std::string c_comment(std::string);
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

    /// Finds a name for the function that the operation becomes, if that is none of <math.h>: before arrays take theirs.
    void reserve(Operation const&, CNames&);
    /// "sigmoid(z[i]) * tanhf(g[i])", of operations with names.  TypeError, "line: …", where an operation does not say how C writes it.
    std::string expression(Equation const&, std::string const& line);
    /// f's name in this element type: "expf".
    std::string math(std::string_view f) const { return std::string(f) + (dtype_ == float32 ? "f" : ""); }
    std::vector<std::string> definitions() const;

    Dtype dtype() const { return dtype_; }

private:
    friend class CNotation;
    std::string called(Operation const&, std::size_t arity, std::string const& line);

    using Key = std::pair<std::string, std::string>;  // what an operation is called, and its text in C
    static Key key(Operation const& op) { return {op.name, op.c}; }

    Dtype dtype_;
    std::map<Key, std::string> names_;
    std::map<std::string, std::string> bodies_;  // by name
};

}  // namespace unspool::core
