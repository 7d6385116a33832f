// A file's graph in the making: names that are there once, nodes one behind the other, numbers as initializers.
#pragma once
#include <map>
#include <set>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/onnx/graph.hpp>

namespace unspool::nn::onnx {

class Builder {
public:
    explicit Builder(Dtype dtype) : dtype_(dtype) {}

    /// `wish`, with a number behind it if it is taken; "t" where there is no wish.
    std::string name(std::string_view wish);
    /// A node of one result, whose name it returns.
    std::string add(char const* op, std::vector<std::string> inputs, std::vector<Attribute> attributes = {},
                    std::string_view wish = {});
    void add(Node n) { into_->nodes.push_back(std::move(n)); }
    /// The next node says so to who reads the file.
    void explain(std::string equation) { equation_ = std::move(equation); }

    std::string number(double);                              ///< a scalar
    std::string integers(std::vector<Index>);                ///< [n]
    std::string integer(Index);                              ///< a scalar
    std::string initializer(std::string_view wish, Tensor);  ///< a new one
    std::string parameter(Param const&);                     ///< by its path
    std::string reals(std::string_view wish, std::vector<Index> shape, std::vector<double> const&, bool fixed = false);

    std::string reshaped(std::string const& x, std::vector<Index> shape);  ///< as the operator Reshape says it
    std::string squeezed(std::string const& x, Index axis) { return add("Squeeze", {x, integers({axis})}); }
    std::string unsqueezed(std::string const& x, Index axis) { return add("Unsqueeze", {x, integers({axis})}); }
    std::string transposed(std::string const& x, std::vector<Index> axes) {
        return add("Transpose", {x}, {{"perm", std::move(axes)}});
    }
    std::string concatenated(std::vector<std::string> const& xs, Index axis);  ///< of one: itself
    std::string sliced(std::string const& x, Index axis, Index begin, Index end, Index step = 1);
    /// The size of an axis: [1].
    std::string size(std::string const& x, Index axis);

    Dtype dtype() const { return dtype_; }
    Graph& main() { return main_; }
    Graph& here() { return *into_; }
    /// While it lives, nodes go into that graph.
    class Inside {
    public:
        Inside(Builder& b, Graph& g) : builder_(b), before_(b.into_) { b.into_ = &g; }
        ~Inside() { builder_.into_ = before_; }
        Inside(Inside const&)            = delete;
        Inside& operator=(Inside const&) = delete;

    private:
        Builder& builder_;
        Graph* before_;
    };

private:
    Dtype dtype_;
    Graph main_;
    Graph* into_ = &main_;
    std::set<std::string, std::less<>> taken_;
    std::map<std::string, int, std::less<>> next_;  // number behind a name
    std::map<std::string, std::string> constants_;  // by type, shape and bytes
    std::map<Param const*, std::string> parameters_;
    std::string equation_;
};

}  // namespace unspool::nn::onnx
