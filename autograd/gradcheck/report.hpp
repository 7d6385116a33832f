// What a gradient check found.
#pragma once
#include <iosfwd>
#include <memory>
#include <string>
#include <unspool/autograd/picture/graph.hpp>
#include <unspool/autograd/tape/site.hpp>
#include <vector>

namespace unspool::core {

class RecordedFunction;

/// Converts to bool and prints as a table, so that `BOOST_TEST(gradcheck(f, {x}))` shows it all.  Copies share the tape that
/// was checked, which the report keeps for graph(); all else in it is text and numbers.
struct GradReport {
    /// One comparison.
    struct Place {
        std::string at;      ///< "[1,2]", or " direction 3"
        std::string result;  ///< of which element of the result: "[0,4]"; "" of a weighted sum of all
        /// By backward(), and by differences.
        double backward = 0, numeric = 0;
        double error = 0;    ///< relative; infinite where a value is not finite
        std::string remark;  ///< why it is wrong, where that is not plain from the values
    };
    /// An input or a parameter.
    struct Input {
        std::string name;  ///< as it was given, or the path of the parameter
        Shape shape;       ///< of its value
        /// Elements, or directions, that were compared, and those of them that are wrong.
        Index checked = 0, wrong = 0;
        Index kinks      = 0;  ///< skipped: the function has no derivative there
        Index unresolved = 0;  ///< not judged: rounding hides the difference, or no step is small enough
        Place worst;           ///< of those that were checked; if there are none, of those that could not be judged
        std::string problem;   ///< "" unless nothing of it could be checked
        bool passed() const { return wrong == 0 && problem.empty(); }  ///< nothing that could be judged is wrong
    };
    /// An element that was skipped, because the function has no derivative there, or because nothing could be told of it.
    struct Kink {
        /// The name of the input, and which element of it: "[1,2]".
        std::string input, at;
        Site site;            ///< the first node with it; without a number where it was not looked for, or not found
        bool branch = false;  ///< beside it, the program takes another path
        std::string why;      ///< "kink", "the function jumps", "cannot be resolved: …"
    };
    /// A node that is at fault by itself, whatever the others do.
    struct Culprit {
        Site site;                ///< its line, operation, module path and time step
        std::string what;         ///< "wrong gradient", "not finite" …
        std::size_t operand = 0;  ///< the number of the operand that it is wrong by
        std::string by, at;       ///< the operand's name, and the element: "c", "[0,3]"
        /// Its adjoint by its own rule, and by differences.
        double backward = 0, numeric = 0;
        Index nodes     = 1;   ///< nodes like it: of the same line and operation, wrong by the same operand
        Index last_step = -1;  ///< the time step of the last of them
    };

    std::vector<Input> inputs;  ///< what was checked: inputs and parameters
    std::string problem;        ///< "" unless the function cannot be checked: not deterministic, not finite
    std::vector<Culprit>
        culprits;                ///< the nodes that are wrong, in the order of the tape, one a source line and operand
    std::string diagnosis;       ///< where gradients are wrong, but no node is: what that may come from
    std::vector<Kink> skipped;   ///< the first of the elements at kinks and jumps
    std::vector<Kink> unjudged;  ///< the first of the elements that could not be resolved
    /// Operations whose derivative is a surrogate, "spike (lif.hpp:12), 4 times": it is taken as it is, and all around them was checked.
    std::vector<std::string> surrogates;
    std::vector<std::string> warnings;  ///< inputs and parameters without influence, or of which not all was judged

    bool passed() const;                                 ///< nothing that could be judged is wrong
    Index checked() const;                               ///< elements, or directions, of all inputs
    Index kinks() const;                                 ///< elements where there is no derivative, which are skipped
    Index unresolved() const;                            ///< elements that rounding hides
    Input const* worst() const;                          ///< the input with the largest error; null if there is none
    double worst_error() const;                          ///< relative
    explicit operator bool() const { return passed(); }  ///< did it pass?

    /// What was checked, with the culprits in red.  It is drawn when asked for, from the tape, which the report keeps:
    /// neither the function nor its parameters need to live still.  Throws as Graph does.
    Graph graph() const;

    std::shared_ptr<RecordedFunction const> tape;  ///< for graph()
};
std::ostream& operator<<(std::ostream&, GradReport const&);  ///< as text() says it
std::string text(GradReport const&);                         ///< as it is printed

}  // namespace unspool::core

namespace unspool {

using core::GradReport;

}  // namespace unspool
