// A node in the two recordings of a function.
#pragma once
#include <unspool/nn/onnx/step.hpp>

namespace unspool::nn::onnx {

struct StepWriter::At {
    PlannedNode const &a, &b;

    Windows operand(std::size_t k) const { return {a.recorded->operands[k], b.recorded->operands[k]}; }
    Windows value() const { return {&a.recorded->value, &b.recorded->value}; }
};

}  // namespace unspool::nn::onnx
