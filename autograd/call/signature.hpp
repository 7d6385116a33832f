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
#include <unspool/autograd/tape/tape.hpp>
#include <vector>

namespace unspool::core {

class Signature {
public:
    consteval Signature(char const* s);  ///< a malformed signature does not compile

    constexpr std::string_view text() const { return text_; }  ///< as it was written: "[...,k] [k,n] -> [...,n]"
    constexpr int operands() const { return operands_; }       ///< how many; of a variadic one, 1
    constexpr bool variadic() const { return variadic_; }      ///< any number of operands, all alike
    constexpr bool decided_by_operation() const { return open_result_; }  ///< the shape of the result is not said here

    /// Checks the operands and returns the result's shape (empty where the operation decides it).  ShapeError.
    Shape infer(Tape const&, std::string_view op, std::span<Window const* const> operands, Where) const;

    /// Distinct small sizes for each operand, `...` being `leading`.
    std::vector<Shape> examples(Shape const& leading) const;

private:
    char const* text_;
    int operands_     = 0;
    bool variadic_    = false;
    bool open_result_ = false, free_operands_ = false;
};

// ---- the parser: a throw is an error of the compiler ----------------------------------------------------------------

namespace signature {

/// Reads a signature from left to right.
struct Parser {
    std::string_view rest;
    bool letters[26] = {}, leading = false;  // in the operands so far

    consteval bool accept(std::string_view word) {
        if (!rest.starts_with(word)) return false;
        rest.remove_prefix(word.size());
        return true;
    }
    consteval void spaces() {
        while (accept(" ")) {}
    }
    consteval void dimension(bool result) {
        if (rest.empty() || !(rest[0] == '1' || (rest[0] >= 'a' && rest[0] <= 'z')))
            throw "a dimension is one lower-case letter, or 1";
        char const c = rest[0];
        rest.remove_prefix(1);
        if (c == '1') return;
        if (result && !letters[c - 'a']) throw "a dimension of the result must be one of an operand";
        letters[c - 'a'] = true;
    }
    /// After its `[`.  True for `[?]`.
    consteval bool group(bool result) {
        if (accept("?]")) return true;
        if (accept("]")) return false;
        if (accept("...")) {
            if (result && !leading) throw "... of the result must be that of an operand";
            leading = true;
            if (accept("]")) return false;
            if (!accept(",")) throw "dimensions have commas between them";
        }
        do dimension(result);
        while (accept(","));
        if (!accept("]")) throw "... goes at the beginning of a group, and dimensions have commas between them";
        return false;
    }
};

}  // namespace signature

consteval Signature::Signature(char const* s) : text_(s) {
    signature::Parser p{text()};
    for (p.spaces(); p.accept("["); p.spaces()) {
        if (variadic_) throw "+ goes after the only operand";
        free_operands_ |= p.group(false);
        ++operands_;
        if (p.accept("+")) variadic_ = true;
    }
    if (variadic_ && operands_ != 1) throw "+ goes after the only operand";
    if (operands_ == 0) throw "an operation has at least one operand";
    if (!p.accept("->")) throw "want  [..] [..] -> [..]";
    p.spaces();
    if (!p.accept("[")) throw "want  [..] [..] -> [..]";
    open_result_ = p.group(true);
    if (!p.rest.empty()) throw "want  [..] [..] -> [..]";
    if (free_operands_ && !open_result_) throw "an operand [?] needs a result [?]";
}

}  // namespace unspool::core

namespace unspool {

using core::Signature;

}  // namespace unspool
