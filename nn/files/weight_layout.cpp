// Takes names apart, and groups arrays by layer.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/files/weight_layout.hpp>

namespace unspool::core {

namespace {

using Array  = xt::xarray<double>;
using Leaves = std::map<std::string, Array>;  // by the last part of the name

struct Layer {
    std::string module, number;
    bool reverse                         = false;
    auto operator<=>(Layer const&) const = default;
};

std::string join(std::string const& module, std::string const& leaf) {
    return module.empty() ? leaf : module + "." + leaf;
}

/// What is before the last dot, and what is behind it.
std::pair<std::string, std::string> split(std::string const& name) {
    std::size_t const dot = name.rfind('.');
    return dot == name.npos ? std::pair{std::string(), name} : std::pair{name.substr(0, dot), name.substr(dot + 1)};
}

/// "weight_ih_l0_reverse" into "weight_ih", 0 and the direction; `mark` is what is before the number.
std::optional<std::pair<std::string, Layer>> numbered(std::string leaf, std::string const& mark) {
    constexpr std::string_view suffix = "_reverse";
    bool const reverse                = leaf.ends_with(suffix);
    if (reverse) leaf.erase(leaf.size() - suffix.size());
    std::size_t const digits = leaf.find_last_not_of("0123456789") + 1;
    if (digits == leaf.size() || digits < mark.size() || leaf.compare(digits - mark.size(), mark.size(), mark) != 0)
        return {};
    return std::pair{leaf.substr(0, digits - mark.size()), Layer{"", leaf.substr(digits), reverse}};
}

/// Of "lstm.l0_reverse" or "lstm".
Layer layer_of(std::string const& path) {
    auto const [module, leaf] = split(path);
    auto found                = numbered(leaf, "l");
    if (!found || !found->first.empty()) return {path, "0"};
    found->second.module = module;
    return found->second;
}

std::string text(Layer const& l) { return join(l.module, fmt::format("l{}{}", l.number, l.reverse ? "_reverse" : "")); }

Array taken(Leaves& leaves, std::string const& name, bool optional, std::string const& layer) {
    auto const at = leaves.find(name);
    if (at == leaves.end() && !optional) throw NameError(fmt::format("{} lacks {}", shown(layer), name));
    return at == leaves.end() ? Array::from_shape({0}) : leaves.extract(at).mapped();
}

/// Says which layer it was.
template <class F> auto naming(std::string const& layer, F f) {
    try {
        return f();
    } catch (ShapeError const& e) { throw ShapeError(fmt::format("{}: {}", shown(layer), e.what())); }
}

void put(std::vector<NamedArray>& out, Layer const& l, RecurrentWeights w) {
    std::string const suffix = fmt::format("_l{}{}", l.number, l.reverse ? "_reverse" : "");
    auto const add = [&](char const* name, Array& a) { out.push_back({join(l.module, name + suffix), std::move(a)}); };
    bool const biased = w.bias_ih.size() > 0;
    add("weight_ih", w.weight_ih), add("weight_hh", w.weight_hh);
    if (biased) add("bias_ih", w.bias_ih), add("bias_hh", w.bias_hh);
}

void put_keras(std::vector<NamedArray>& out, Layer const& l, KerasWeights w) {
    out.push_back({text(l) + ".kernel", std::move(w.kernel)});
    out.push_back({text(l) + ".recurrent_kernel", std::move(w.recurrent_kernel)});
    if (w.bias.size() > 0) out.push_back({text(l) + ".bias", std::move(w.bias)});
}

void put_onnx(std::vector<NamedArray>& out, Layer const& l, OnnxWeights w) {
    out.push_back({text(l) + ".W", std::move(w.W)});
    out.push_back({text(l) + ".R", std::move(w.R)});
    if (w.B.size() > 0) out.push_back({text(l) + ".B", std::move(w.B)});
}

void read_layer(std::vector<NamedArray>& out, std::string const& path, Leaves& leaves, WeightLayout dialect) {
    Layer l = layer_of(path);
    if (dialect == WeightLayout::keras) {
        KerasWeights w{taken(leaves, "kernel", false, path), taken(leaves, "recurrent_kernel", false, path),
                       taken(leaves, "bias", true, path)};
        return put(out, l, naming(path, [&] { return from_keras(w); }));
    }
    OnnxWeights w{taken(leaves, "W", false, path), taken(leaves, "R", false, path), taken(leaves, "B", true, path)};
    auto directions = naming(path, [&] { return from_onnx(w); });
    if (directions.size() > 2)
        throw ShapeError(fmt::format("{}: expected one direction or two, not {}", shown(path), directions.size()));
    for (RecurrentWeights& d : directions) put(out, l, std::move(d)), l.reverse = true;
}

RecurrentWeights taken_weights(Layer const& l, Leaves& leaves) {
    std::string const name = text(l);
    RecurrentWeights w{taken(leaves, "weight_ih", false, name), taken(leaves, "weight_hh", false, name),
                       taken(leaves, "bias_ih", true, name), taken(leaves, "bias_hh", true, name)};
    if (!leaves.empty())
        throw ShapeError(fmt::format("{}: {} has no place in this dialect", shown(name), shown(leaves.begin()->first)));
    return w;
}

using Layers = std::map<Layer, Leaves>;

void write_layers(std::vector<NamedArray>& out, Layers& layers, WeightLayout dialect, bool reset_after) {
    std::map<Layer, std::vector<RecurrentWeights>> directions;
    for (auto& [layer, leaves] : layers) {
        auto w = taken_weights(layer, leaves);
        if (dialect == WeightLayout::keras)
            put_keras(out, layer, naming(text(layer), [&] { return to_keras(w, reset_after); }));
        else directions[{layer.module, layer.number}].push_back(std::move(w));
    }
    for (auto& [layer, all] : directions) {
        auto& both = all;
        put_onnx(out, layer, naming(text(layer), [&] { return to_onnx(both); }));
    }
}

}  // namespace

std::vector<NamedArray> from_dialect(std::vector<NamedArray> arrays, WeightLayout dialect) {
    if (dialect == WeightLayout::pytorch) return arrays;
    std::string const mark          = dialect == WeightLayout::keras ? "recurrent_kernel" : "R";
    std::array<std::string, 3> ours = dialect == WeightLayout::keras
                                          ? std::array<std::string, 3>{"kernel", mark, "bias"}
                                          : std::array<std::string, 3>{"W", mark, "B"};
    std::map<std::string, Leaves> layers;
    for (auto& a : arrays)
        if (auto const [path, leaf] = split(a.name); leaf == mark) layers[path];
    std::vector<NamedArray> out;
    for (auto& a : arrays) {
        auto const [path, leaf] = split(a.name);
        auto const at           = layers.find(path);
        bool const part         = at != layers.end() && std::find(ours.begin(), ours.end(), leaf) != ours.end();
        if (part) at->second.emplace(leaf, std::move(a.array));
        else out.push_back(std::move(a));
    }
    for (auto& [path, leaves] : layers) read_layer(out, path, leaves, dialect);
    return out;
}

std::vector<NamedArray> to_dialect(std::vector<NamedArray> arrays, WeightLayout dialect, bool reset_after) {
    if (dialect == WeightLayout::pytorch) return arrays;
    Layers layers;
    std::vector<NamedArray> out;
    auto const place = [](NamedArray const& a) {
        auto const [module, leaf] = split(a.name);
        auto found                = numbered(leaf, "_l");
        if (found) found->second.module = module;
        return found;
    };
    for (auto& a : arrays)
        if (auto const at = place(a); at && at->first == "weight_hh") layers[at->second];
    for (auto& a : arrays) {
        auto const at = place(a);
        if (at && layers.contains(at->second)) layers[at->second].emplace(at->first, std::move(a.array));
        else out.push_back(std::move(a));
    }
    write_layers(out, layers, dialect, reset_after);
    return out;
}

}  // namespace unspool::core
