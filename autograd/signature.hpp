// The shapes of an array operation as one line: "[...,k] [n,k] -> [...,n]".  It checks shapes, infers the result, words
// the error, and supplies example shapes to the gradient check.
//
// A dimension is a lower-case letter, equal wherever it occurs, or 1; `...` at the beginning of a group stands for any
// number of axes, the same wherever it occurs.  `[..]+` is one operand or more.  `[?]` is for the operation
// to check, or, as the result, to decide.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <unspool/autograd/tape.hpp>
#include <vector>

namespace unspool {

class Signature {
public:
    consteval Signature(char const* s);  ///< a malformed signature does not compile

    constexpr std::string_view text() const { return text_; }
    constexpr int              operands() const { return operands_; }
    constexpr bool             variadic() const { return variadic_; }
    constexpr bool             decided_by_operation() const { return open_result_; }

    /// Checks the operands and returns the result's shape (empty where the operation decides it).  ShapeError.
    Shape infer(Tape const&, std::string_view op, std::span<Window const* const> operands, Where) const;

    /// Distinct small sizes for each operand, `...` being `leading`.
    std::vector<Shape> examples(Shape const& leading) const;

private:
    char const* text_;
    int         operands_    = 0;
    bool        variadic_    = false;
    bool        open_result_ = false, free_operands_ = false;
};

consteval Signature::Signature(char const* s) : text_(s) {
    bool inside = false, after_arrow = false;
    int  results = 0;
    for (; *s; ++s) {
        if (*s == '[') {
            if (inside) throw "a group within a group";
            inside = true;
        } else if (*s == ']') {
            if (!inside) throw "] without [";
            inside = false;
            ++(after_arrow ? results : operands_);
        } else if (*s == '+') {
            if (inside || operands_ != 1 || after_arrow) throw "+ goes after the only operand";
            variadic_ = true;
        } else if (*s == '-' && s[1] == '>') {
            if (after_arrow) throw "two arrows";
            after_arrow = true, ++s;
        } else if (*s == '.') {
            if (s[-1] != '[' || s[1] != '.' || s[2] != '.') throw "... goes at the beginning of a group";
            s += 2;
        } else if (*s == '?') {
            (after_arrow ? open_result_ : free_operands_) = true;
        } else if (!(*s == ' ' || *s == ',' || *s == '1' || (*s >= 'a' && *s <= 'z'))) {
            throw "a dimension is one lower-case letter, or 1";
        }
    }
    if (inside || !after_arrow || results != 1) throw "want  [..] [..] -> [..]";
}

}  // namespace unspool
