// Each name is made once, and then read.
#include <fmt/format.h>
#include <unordered_set>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/onnx/names.hpp>
#include <unspool/nn/onnx/wire.hpp>

namespace unspool::nn::onnx {

namespace {

/// The names of a graph, and of those around it.
struct Known {
    Known const* around;
    std::unordered_set<std::string_view> names = {};

    bool has(std::string_view name) const {
        for (Known const* k = this; k; k = k->around)
            if (k->names.contains(name)) return true;
        return false;
    }
};

void require(Graph const& g, Known const* around, std::string const& file) {
    Known known{around};
    std::unordered_set<std::string_view> initialized;
    for (auto const& t : g.initializers)
        if (!initialized.insert(t.name).second || known.has(t.name))
            throw FileError(fmt::format("{}: the initializer {} is there twice", file, shown(t.name)));
    for (auto const& p : g.inputs)
        if (known.has(p.name) || !known.names.insert(p.name).second)
            throw FileError(fmt::format("{}: the input {} is there twice", file, shown(p.name)));
    known.names.insert(initialized.begin(), initialized.end());
    for (auto const& n : g.nodes) {
        for (auto const& x : n.inputs)
            if (!x.empty() && !known.has(x))
                refuse(file, n.at, fmt::format("{} reads {}, which nothing before it makes", shown(n.op), shown(x)));
        for (auto const& a : n.attributes)
            if (auto const* inner = std::get_if<std::shared_ptr<Graph const>>(&a.value)) require(**inner, &known, file);
        for (auto const& y : n.outputs)
            if (!y.empty() && (known.has(y) || !known.names.insert(y).second))
                refuse(file, n.at, fmt::format("{} makes {}, which is there already", shown(n.op), shown(y)));
    }
    for (auto const& p : g.outputs)
        if (!known.has(p.name)) throw FileError(fmt::format("{}: nothing makes the output {}", file, shown(p.name)));
}

}  // namespace

void require_names(Graph const& g, std::string const& file) { require(g, nullptr, file); }

}  // namespace unspool::nn::onnx
