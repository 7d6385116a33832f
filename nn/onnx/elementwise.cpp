// Each is one operator of ONNX, or a few.  An operation of the user's that is called like one of these is another.
#include <cmath>
#include <map>
#include <numbers>
#include <unspool/nn/onnx/elementwise.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <unspool/ops/losses/loss.hpp>

namespace unspool::nn::onnx {

namespace {

/// Builds a value step by step; the last step gets the name that was wished for.
struct Build {
    Builder& to;
    std::span<std::string const> x;
    std::string_view wish;

    using Name = std::string;
    Name number(double n) const { return to.number(n); }
    Name inner(char const* op, std::vector<Name> in, std::vector<Attribute> a = {}) const {
        return to.add(op, std::move(in), std::move(a));
    }
    Name last(char const* op, std::vector<Name> in, std::vector<Attribute> a = {}) const {
        return to.add(op, std::move(in), std::move(a), wish);
    }
    /// 0 and 1, as numbers.
    Name flag(Name const& condition) const {
        return last("Cast", {condition}, {{"to", Index{static_cast<int>(element(to.dtype()))}}});
    }
    /// a where x > 0, else b.
    Name positive(Name const& a, Name const& b) const {
        return last("Where", {inner("Greater", {x[0], number(0)}), a, b});
    }
    Name less_one(Name const& y) const { return inner("Sub", {inner("Exp", {y}), number(1)}); }
};

using Rule = std::string (*)(Build const&);

/// Operations that ONNX has as they are.
std::map<Operation const*, char const*> const& alike() {
    static std::map<Operation const*, char const*> const all{
        {&operation_of<Abs, 1>, "Abs"},           {&operation_of<Reciprocal, 1>, "Reciprocal"},
        {&operation_of<Sqrt, 1>, "Sqrt"},         {&operation_of<Exp, 1>, "Exp"},
        {&operation_of<Log, 1>, "Log"},           {&operation_of<Sin, 1>, "Sin"},
        {&operation_of<Cos, 1>, "Cos"},           {&operation_of<Tan, 1>, "Tan"},
        {&operation_of<Asin, 1>, "Asin"},         {&operation_of<Acos, 1>, "Acos"},
        {&operation_of<Atan, 1>, "Atan"},         {&operation_of<Sinh, 1>, "Sinh"},
        {&operation_of<Cosh, 1>, "Cosh"},         {&operation_of<Tanh, 1>, "Tanh"},
        {&operation_of<Erf, 1>, "Erf"},           {&operation_of<Sigmoid, 1>, "Sigmoid"},
        {&operation_of<Softplus, 1>, "Softplus"}, {&operation_of<Softsign, 1>, "Softsign"},
        {&operation_of<Relu, 1>, "Relu"},         {&operation_of<Sign, 1>, "Sign"},
        {&operation_of<Floor, 1>, "Floor"},       {&operation_of<Round, 1>, "Round"},
        {&operation_of<Negate, 1>, "Neg"},        {&operation_of<Subtract, 2>, "Sub"},
        {&operation_of<Add, 2>, "Add"},           {&operation_of<Multiply, 2>, "Mul"},
        {&operation_of<Divide, 2>, "Div"},        {&operation_of<Maximum, 2>, "Max"},
        {&operation_of<Minimum, 2>, "Min"},       {&operation_of<Pow, 2>, "Pow"}};
    return all;
}

/// And those that it has in other words.  x is the first operand.
std::map<Operation const*, Rule> const& composed() {
    static std::map<Operation const*, Rule> const all{
        {&operation_of<Square, 1>,
         [](Build const& b) {
             return b.last("Mul", {b.x[0], b.x[0]});
         }},
        {&operation_of<Rsqrt, 1>, [](Build const& b) { return b.last("Reciprocal", {b.inner("Sqrt", {b.x[0]})}); }},
        {&operation_of<Expm1, 1>,
         [](Build const& b) {
             return b.last("Sub", {b.inner("Exp", {b.x[0]}), b.number(1)});
         }},
        {&operation_of<Log1p, 1>,
         [](Build const& b) {
             return b.last("Log", {b.inner("Add", {b.x[0], b.number(1)})});
         }},
        {&operation_of<Erfc, 1>,
         [](Build const& b) {
             return b.last("Sub", {b.number(1), b.inner("Erf", {b.x[0]})});
         }},
        {&operation_of<LogSigmoid, 1>,
         [](Build const& b) { return b.last("Neg", {b.inner("Softplus", {b.inner("Neg", {b.x[0]})})}); }},
        {&operation_of<HardSigmoid, 1>,
         [](Build const& b) {
             return b.last("HardSigmoid", {b.x[0]}, {{"alpha", static_cast<float>(1. / 6)}, {"beta", 0.5f}});
         }},
        {&operation_of<HardTanh, 1>,
         [](Build const& b) {
             return b.last("Clip", {b.x[0], b.number(-1), b.number(1)});
         }},
        {&operation_of<Selu, 1>,
         [](Build const& b) {
             return b.positive(b.inner("Mul", {b.number(1.0507009873554805), b.x[0]}),
                               b.inner("Mul", {b.number(1.7580993408473766), b.less_one(b.x[0])}));
         }},
        {&operation_of<Silu, 1>,
         [](Build const& b) {
             return b.last("Mul", {b.x[0], b.inner("Sigmoid", {b.x[0]})});
         }},
        {&operation_of<Gelu, 1>,
         [](Build const& b) {
             auto const erf = b.inner("Erf", {b.inner("Mul", {b.x[0], b.number(1 / std::numbers::sqrt2)})});
             return b.last("Mul", {b.inner("Mul", {b.x[0], b.number(0.5)}), b.inner("Add", {erf, b.number(1)})});
         }},
        {&operation_of<GeluTanh, 1>,
         [](Build const& b) {
             auto const cube = b.inner("Mul", {b.x[0], b.inner("Mul", {b.x[0], b.x[0]})});
             auto const sum  = b.inner("Add", {b.x[0], b.inner("Mul", {cube, b.number(0.044715)})});
             auto const tanh = b.inner("Tanh", {b.inner("Mul", {sum, b.number(std::sqrt(2 / std::numbers::pi))})});
             return b.last("Mul", {b.inner("Mul", {b.x[0], b.number(0.5)}), b.inner("Add", {tanh, b.number(1)})});
         }},
        {&operation_of<SquaredDifference, 2>,
         [](Build const& b) {
             auto const d = b.inner("Sub", {b.x[0], b.x[1]});
             return b.last("Mul", {d, d});
         }},
        {&operation_of<Hypot, 2>,
         [](Build const& b) {
             auto const square = [&](auto const& x) { return b.inner("Mul", {x, x}); };
             return b.last("Sqrt", {b.inner("Add", {square(b.x[0]), square(b.x[1])})});
         }},
        {&operation_of<Atan2, 2>,
         [](Build const& b) {
             auto const negative = [&](auto const& x) { return b.inner("Less", {x, b.number(0)}); };
             auto const turn =
                 b.inner("Where", {negative(b.x[0]), b.number(-std::numbers::pi), b.number(std::numbers::pi)});
             auto const left    = b.inner("Where", {negative(b.x[1]), turn, b.number(0)});
             auto const angle   = b.inner("Add", {b.inner("Atan", {b.inner("Div", {b.x[0], b.x[1]})}), left});
             auto const upright = b.inner("Mul", {b.inner("Sign", {b.x[0]}), b.number(std::numbers::pi / 2)});
             return b.last("Where", {b.inner("Equal", {b.x[1], b.number(0)}), upright, angle});
         }},
        {&operation_of<LeakyRelu, 2>,
         [](Build const& b) {
             return b.positive(b.x[0], b.inner("Mul", {b.x[1], b.x[0]}));
         }},
        {&operation_of<ThresholdedRelu, 2>,
         [](Build const& b) {
             return b.last("Where", {b.inner("LessOrEqual", {b.x[0], b.x[1]}), b.number(0), b.x[0]});
         }},
        {&operation_of<Elu, 2>,
         [](Build const& b) {
             return b.positive(b.x[0], b.inner("Mul", {b.x[1], b.less_one(b.x[0])}));
         }},
        {&operation_of<Less, 2>,
         [](Build const& b) {
             return b.flag(b.inner("Less", {b.x[0], b.x[1]}));
         }},
        {&operation_of<LessEqual, 2>,
         [](Build const& b) {
             return b.flag(b.inner("LessOrEqual", {b.x[0], b.x[1]}));
         }},
        {&operation_of<Greater, 2>,
         [](Build const& b) {
             return b.flag(b.inner("Greater", {b.x[0], b.x[1]}));
         }},
        {&operation_of<GreaterEqual, 2>,
         [](Build const& b) {
             return b.flag(b.inner("GreaterOrEqual", {b.x[0], b.x[1]}));
         }},
        {&operation_of<Equal, 2>,
         [](Build const& b) {
             return b.flag(b.inner("Equal", {b.x[0], b.x[1]}));
         }},
        {&operation_of<NotEqual, 2>,
         [](Build const& b) {
             return b.flag(b.inner("Not", {b.inner("Equal", {b.x[0], b.x[1]})}));
         }},
        {&operation_of<StraightThrough, 2>, [](Build const& b) { return b.last("Identity", {b.x[1]}); }},
        {&operation_of<Spike, 2>,
         [](Build const& b) {
             return b.flag(b.inner("Greater", {b.x[0], b.number(0)}));
         }},
        {&operation_of<Fma, 3>,
         [](Build const& b) {
             return b.last("Add", {b.inner("Mul", {b.x[0], b.x[1]}), b.x[2]});
         }},
        {&operation_of<Lerp, 3>,
         [](Build const& b) {
             return b.last("Add", {b.x[0], b.inner("Mul", {b.x[2], b.inner("Sub", {b.x[1], b.x[0]})})});
         }},
        {&operation_of<Clamp, 3>,
         [](Build const& b) {
             return b.last("Min", {b.inner("Max", {b.x[0], b.x[1]}), b.x[2]});
         }},
        {&operation_of<ScaledTanh, 3>,
         [](Build const& b) {
             return b.last("Mul", {b.x[1], b.inner("Tanh", {b.inner("Mul", {b.x[2], b.x[0]})})});
         }},
        {&operation_of<Choose, 3>,
         [](Build const& b) {
             auto const mask = b.inner("Cast", {b.x[0]}, {{"to", Index{static_cast<int>(Element::boolean)}}});
             return b.last("Where", {mask, b.x[1], b.x[2]});
         }},
        {&operation_of<GaussianKl, 3>, [](Build const& b) {
             auto const d      = b.inner("Sub", {b.x[1], b.x[2]});
             auto const excess = b.inner("Sub", {b.less_one(d), d});
             auto const scaled =
                 b.inner("Mul", {b.inner("Mul", {b.x[0], b.x[0]}), b.inner("Exp", {b.inner("Neg", {b.x[2]})})});
             return b.last("Mul", {b.inner("Add", {excess, scaled}), b.number(0.5)});
         }}};
    return all;
}

}  // namespace

std::optional<std::string> elementwise(Builder& to, Operation const& op, std::span<std::string const> x,
                                       std::string_view wish) {
    Build const b{to, x, wish};
    if (auto const same = alike().find(&op); same != alike().end()) return b.last(same->second, {x.begin(), x.end()});
    auto const rule = composed().find(&op);
    return rule == composed().end() ? std::nullopt : std::optional(rule->second(b));
}

}  // namespace unspool::nn::onnx
