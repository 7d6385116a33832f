// What flows through a graph while it runs: arrays of reals on a tape, and arrays of whole numbers beside it.
#pragma once
#include <unspool/autograd/tape/tape.hpp>
#include <unspool/nn/modules/namespace.hpp>
#include <vector>

namespace unspool::nn::onnx {

class Value {
public:
    Value() = default;  ///< none
    Value(Var x) : kind_(reals), x_(x) {}
    Value(std::vector<Index> numbers, Shape shape) : kind_(whole), numbers_(std::move(numbers)), shape_(shape) {}
    /// A product left · weightᵀ that waits: a bias may be added, as a linear layer does it.
    static Value product(Var left, Var weight);
    /// The transpose of a matrix, which may become a weight.
    static Value transpose_of(Var matrix, Var transposed);

    bool none() const { return kind_ == nothing; }
    bool is_real() const { return kind_ == reals; }
    bool is_whole() const { return kind_ == whole; }

    Var real(Where) const;
    std::vector<Index> const& numbers() const { return numbers_; }
    Shape shape(Where) const;

    Var left() const { return left_; }      ///< of a product that waits; empty for others
    Var weight() const { return weight_; }  ///< of such a product, or what this is the transpose of

private:
    enum Kind : std::uint8_t { nothing, reals, whole };

    Kind kind_ = nothing;
    Var x_ = {}, left_ = {}, weight_ = {};
    std::vector<Index> numbers_ = {};
    Shape shape_                = {};  // of whole numbers
};

}  // namespace unspool::nn::onnx
