// A graph as text, to compare with what is expected.
#pragma once
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool.hpp>
#include <unspool/nn/onnx/write.hpp>

namespace onnx_tests {

using namespace unspool;

inline std::string outline(nn::onnx::Graph const& g);

inline std::string outline(nn::onnx::Attribute const& a) {
    if (auto const* i = std::get_if<Index>(&a.value)) return fmt::format("{}={}", a.name, *i);
    if (auto const* f = std::get_if<float>(&a.value)) return fmt::format("{}={}", a.name, *f);
    if (auto const* s = std::get_if<std::string>(&a.value)) return fmt::format("{}={}", a.name, *s);
    if (auto const* n = std::get_if<std::vector<Index>>(&a.value)) return fmt::format("{}={}", a.name, *n);
    if (auto const* g = std::get_if<std::shared_ptr<nn::onnx::Graph const>>(&a.value))
        return fmt::format("{}={{\n{}}}", a.name, outline(**g));
    return a.name;
}
inline std::string outline(nn::onnx::Port const& p) {
    std::string sizes;
    for (auto const& s : p.shape)
        sizes += (sizes.empty() ? "" : ",") + (s.name.empty() ? fmt::format("{}", s.number) : s.name);
    return fmt::format("{} {}[{}]", p.name, p.type == nn::onnx::Element::int64 ? "int64 " : "", sizes);
}
inline std::string outline(nn::onnx::Graph const& g) {
    std::string out;
    for (auto const& p : g.inputs) out += "in " + outline(p) + "\n";
    for (auto const& n : g.nodes) {
        std::vector<std::string> how;
        for (auto const& a : n.attributes) how.push_back(outline(a));
        out += fmt::format("{} = {}({}){}\n", fmt::join(n.outputs, ","), n.op, fmt::join(n.inputs, ","),
                           how.empty() ? "" : fmt::format(" {}", fmt::join(how, " ")));
    }
    for (auto const& p : g.outputs) out += "out " + outline(p) + "\n";
    return out;
}
template <class M> nn::onnx::Model model_of(M const& m, nn::OnnxOptions const& o = {}) {
    return nn::onnx::model_of(nn::onnx::description_of(m), o, Where::here());
}

}  // namespace onnx_tests
