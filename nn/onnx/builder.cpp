// Names and constants, each once.
#include <fmt/format.h>
#include <unspool/nn/onnx/builder.hpp>
#include <utility>

namespace unspool::nn::onnx {

std::string Builder::name(std::string_view wish) {
    std::string const first(wish.empty() ? "t" : wish);
    std::string out = first;
    for (int& n = next_[first]; !taken_.insert(out).second;) out = fmt::format("{}_{}", first, ++n + 1);
    return out;
}

std::string Builder::add(char const* op, std::vector<std::string> inputs, std::vector<Attribute> attributes,
                         std::string_view wish) {
    std::string const out = name(wish);
    add(Node{.op         = op,
             .inputs     = std::move(inputs),
             .outputs    = {out},
             .attributes = std::move(attributes),
             .equation   = std::exchange(equation_, {})});
    return out;
}

std::string Builder::initializer(std::string_view wish, Tensor t) {
    t.name = name(wish);
    main_.initializers.push_back(std::move(t));
    return main_.initializers.back().name;
}
std::string Builder::reals(std::string_view wish, std::vector<Index> shape, std::vector<double> const& x, bool fixed) {
    return dispatch(dtype_, [&](auto t) {
        std::vector<decltype(t)> const numbers(x.begin(), x.end());
        Tensor all = tensor_of({}, element(dtype_), std::move(shape), numbers.data());
        all.fixed  = fixed;
        return initializer(wish, std::move(all));
    });
}

std::string Builder::parameter(Param const& p) {
    auto& name = parameters_[&p];
    if (!name.empty()) return name;
    auto const numbers = dispatch(p.dtype(), [&](auto t) {
        auto const x = p.value<decltype(t)>();
        return std::vector<double>(x.begin(), x.end());
    });
    return name        = reals(p.path(), {p.shape().begin(), p.shape().end()}, numbers, !p.trained());
}

namespace {

template <class Make> std::string shared(std::map<std::string, std::string>& all, Tensor t, Make make) {
    auto& name = all[fmt::format("{} {} {}", static_cast<int>(t.type), t.shape.size(), t.bytes)];
    if (name.empty()) name = make(std::move(t));
    return name;
}

}  // namespace

std::string Builder::number(double x) {
    std::string const wish = fmt::format("{}", x);
    return dispatch(dtype_, [&](auto t) {
        auto const rounded = static_cast<decltype(t)>(x);
        Tensor one         = tensor_of({}, element(dtype_), {}, &rounded);
        one.fixed          = true;
        return shared(constants_, std::move(one), [&](Tensor all) { return initializer(wish, std::move(all)); });
    });
}
std::string Builder::integers(std::vector<Index> n) {
    return shared(constants_, tensor_of({}, Element::int64, {std::ssize(n)}, n.data()),
                  [&](Tensor t) { return initializer("n", std::move(t)); });
}
std::string Builder::integer(Index n) {
    return shared(constants_, tensor_of({}, Element::int64, {}, &n),
                  [&](Tensor t) { return initializer("i", std::move(t)); });
}

std::string Builder::reshaped(std::string const& x, std::vector<Index> shape) {
    return add("Reshape", {x, integers(std::move(shape))});
}
std::string Builder::concatenated(std::vector<std::string> const& xs, Index axis) {
    return xs.size() == 1 ? xs[0] : add("Concat", xs, {{"axis", axis}});
}
std::string Builder::sliced(std::string const& x, Index axis, Index begin, Index end, Index step) {
    std::vector<std::string> in{x, integers({begin}), integers({end}), integers({axis})};
    if (step != 1) in.push_back(integers({step}));
    return add("Slice", in);
}
std::string Builder::size(std::string const& x, Index axis) {
    return add("Gather", {add("Shape", {x}), integers({axis})}, {{"axis", Index{0}}});
}

}  // namespace unspool::nn::onnx
