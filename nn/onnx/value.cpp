// Products that wait.
#include <unspool/nn/onnx/value.hpp>
#include <unspool/ops/linalg/projection.hpp>

namespace unspool::nn::onnx {

Value Value::product(Var left, Var weight) {
    Value out;
    out.kind_ = reals, out.left_ = left, out.weight_ = weight;
    return out;
}
Value Value::transpose_of(Var matrix, Var transposed) {
    Value out(transposed);
    out.weight_ = matrix;
    return out;
}

Var Value::real(Where where) const {
    if (left_.empty()) return x_;
    return Var(linear(left_, weight_, where), where.inside());
}

Shape Value::shape(Where where) const {
    if (kind_ == whole) return shape_;
    if (left_.empty()) return x_.shape(where);
    Shape out  = left_.shape(where);
    out.back() = weight_.shape(where)[0];
    return out;
}

}  // namespace unspool::nn::onnx
