// A planned step, or any planned function, as nodes of ONNX.
#pragma once
#include <unordered_map>
#include <unspool/nn/deploy/step_plan.hpp>
#include <unspool/nn/onnx/builder.hpp>

namespace unspool::nn::onnx {

/// A size in two recordings.  Where it differs, the file leaves it open.
struct Sizes {
    Index a, b;

    bool open() const { return a != b; }
    friend bool operator==(Sizes const&, Sizes const&) = default;
};

/// Writes into the graph where the builder is.
class StepWriter {
public:
    /// Two plans of one function, from inputs of other sizes: what differs is open.  TypeError where they differ in more.
    StepWriter(Builder&, StepPlan const& a, StepPlan const& b, Where);

    /// Input k, or part k of the state, is that value of the graph.
    void call_input(std::size_t k, std::string name) { call(a_.inputs[k], std::move(name)); }
    void call_state(std::size_t k, std::string name) { call(a_.state[k].array, std::move(name)); }

    /// TypeError, which names the operation and its line, where ONNX has none that does the same.
    void write();
    std::string result(std::size_t k);
    std::string next(std::size_t k);

private:
    using Axes = std::vector<Index>;
    struct Windows {
        Window const *a, *b;
        Sizes size(std::size_t axis) const { return {a->shape[axis], b->shape[axis]}; }
        std::size_t rank() const { return a->shape.rank(); }
    };
    struct At;  // a node in both plans

    void call(std::size_t array, std::string name);
    void require_same(PlannedNode const&, PlannedNode const&) const;

    std::string value(Windows);
    std::string whole(Windows);
    std::string constant(Windows);
    std::string view(Windows);
    std::string part(Windows, std::string const& x);
    std::string reshaped(Windows, std::string const& x);
    std::string transposed(Windows, std::string const& x);
    Index place(Sizes place, Sizes size, Window const&) const;
    std::string spread(std::string const& x, std::vector<Sizes> const&, Window const&);
    std::string shape(std::vector<Sizes> const&, Window const&);

    std::string node(At const&);
    std::string statement(At const&);
    std::string term(At const&, std::vector<std::string> const& leaves, std::string_view wish);
    std::string projections(At const&);
    std::optional<std::string> joined(At const&);
    std::optional<std::string> listed(At const&);
    std::optional<std::string> recurrence(At const&);
    std::string normalised(At const&, std::string const& x, Axes const&, double eps, bool centred);

    [[noreturn]] void refuse(At const&, std::string_view what) const;
    [[noreturn]] void refuse(Window const&, std::string_view what) const;

    Builder& to_;
    StepPlan const &a_, &b_;
    Where where_;
    std::unordered_map<NodeId, std::string> values_;          // of nodes
    std::unordered_map<Window const*, std::string> windows_;  // of views and constants
    struct Open {
        Sizes size;
        std::string of;
        Index axis;
        std::string read = {};  // once it has been
    };
    std::vector<Open> open_;  // where open sizes can be read
};

}  // namespace unspool::nn::onnx
