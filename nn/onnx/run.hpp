// Runs a graph: node by node, each by its operator.
#pragma once
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/onnx/graph.hpp>
#include <unspool/nn/onnx/value.hpp>

namespace unspool::nn::onnx {

/// Values by name, of a graph and of those around it.
struct Scope {
    Scope const* around                           = nullptr;
    std::unordered_map<std::string, Value> values = {};

    Value const* find(std::string const& name) const;
};

/// What a run has in common.
struct Evaluation {
    Tape& tape;
    std::string const& file;
    Index opset;
    Index most;  // elements of a value
    Where where;
    mutable Index calls = 0;  // of nodes, so far

    static constexpr Index most_calls = 100'000'000;  ///< some minutes of them

    /// FileError where there are more.  The nodes of a graph, whose inputs and initializers are in the scope.
    void operator()(Graph const&, Scope&) const;
};

/// The elements of a tensor that is none of the parameters.
Value value_of(Evaluation const&, Tensor const&);

/// A node that is run.
struct Call {
    Evaluation const& run;
    Node const& node;
    std::span<Value const> in;
    Scope const& scope;

    Where where() const { return run.where; }
    Where inside() const { return run.where.inside(); }
    bool has(std::size_t k) const { return k < in.size() && !in[k].none(); }
    Value const& value(std::size_t k) const;                 ///< FileError where there is none
    Var real(std::size_t k) const;                           ///< FileError unless it is of reals
    std::vector<Index> const& numbers(std::size_t k) const;  ///< FileError unless it is of whole numbers
    /// What an attribute says, or else an input: as operators have it since some opset.
    std::optional<std::vector<Index>> listed(std::string_view name, std::size_t input) const;

    template <class T> T attribute(std::string_view name, T usual) const {
        T const* const x = node.find<T>(name);
        if (!x && node.attribute(name)) refuse("an attribute is of another type");
        return x ? *x : usual;
    }
    std::size_t axis(Index, std::size_t rank) const;  ///< FileError unless it is one; from the end where it is negative
    /// FileError where a value of this shape would have more elements than are allowed.
    void require_size(std::span<Index const> shape) const;
    Shape broadcast_of(std::initializer_list<Shape>) const;  ///< and the same
    [[noreturn]] void refuse(std::string_view what) const;   ///< "f.onnx: byte 17: Reshape: …"
};

using Evaluator  = std::vector<Value> (*)(Call const&);
using Evaluators = std::map<std::string_view, Evaluator>;

std::vector<Value> scanned(Call const&);  ///< the operator Scan
Evaluators const& arithmetic();
Evaluators const& reshaping();
Evaluators const& recurrent();
/// Null where it is not known.
Evaluator find_evaluator(std::string_view name);

}  // namespace unspool::nn::onnx
