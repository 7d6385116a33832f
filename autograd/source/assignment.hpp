// One statement of a program, and what its text tells by itself.
#pragma once
#include <string>
#include <string_view>
#include <unspool/autograd/array/window.hpp>
#include <vector>

namespace unspool::core {

/// A statement as `names = right-hand side`.
struct Assignment {
    std::vector<std::string> names;  // one; those of `auto [a, b] = …`; none for `return …`
    std::string right;               // comments and strings blanked
    std::string head;                // what the right-hand side is at its outermost: see head_of
    bool once    = false;            // the head occurs once in it, so that nothing inside can be mistaken for it
    bool plain   = false;            // a call whose arguments compute nothing: `cell(x, h)`
    bool perhaps = false;            // a branch: it may not have been taken
    std::string arguments{};         // of a call, what is between its brackets

    /// If there is one name only; else "".
    std::string name() const { return names.size() == 1 ? names[0] : ""; }
    bool computes() const { return !head.empty() && head != "[]"; }
    /// How many nodes of this head it may make.
    std::size_t mentions(std::string const& of_head) const;
    /// `apply<Op>(…)` or `custom(op, …)`, which record where they are called.
    bool records_here() const;
    /// Does it make such a view?
    bool makes(Viewing const&) const;
    /// The number in `xs[3]`; none where it is computed.
    std::string_view literal_index() const;
};

/// Is a head the name of a function, and no operator?
bool is_function(std::string const& head);

}  // namespace unspool::core
