// Runs a model once, and counts layer by layer.
#include <fmt/format.h>
#include <unspool/nn/diagnostics/cost.hpp>
#include <unspool/nn/diagnostics/summary.hpp>
#include <unspool/nn/modules/require.hpp>

namespace unspool::core {

namespace {

template <class F> Index total(std::vector<Summary::Layer> const& layers, F of) {
    Index n = 0;
    for (auto const& l : layers) n += of(l);
    return n;
}

void add_costs(Summary::Layer& to, Tape const& tape, NodeId begin) {
    for (NodeId id = begin; id < tape.size(); ++id) {
        Node const& n = tape[id];
        if (n.param) to.parameters += count(n.param->shape());
        if (n.rule) to.flops += flops_of(n), to.bytes += bytes_of(n);
    }
}

std::string line(std::size_t width, std::string_view name, std::string_view shape, std::string_view parameters,
                 std::string_view flops, std::string_view bytes) {
    return fmt::format("{:{}}  {:16}{:>12}{:>16}{:>14}\n", name, width, shape, parameters, flops, bytes);
}

}  // namespace

Summary summary(nn::Sequential const& model, SummaryOptions const& o, Where where) {
    require_at_least(1, "summary", "batch", o.batch, where), require_at_least(1, "summary", "steps", o.steps, where);
    Tape tape;
    nn::Passed in{.tape = tape};
    if (model.features() > 0) in.x = tape.zeros({o.steps, o.batch, model.features()}, where);
    else
        in.symbols = indices(
            tape, xt::xtensor<Index, 2>({static_cast<std::size_t>(o.steps), static_cast<std::size_t>(o.batch)}, 0));
    Summary out;
    NodeId begin = tape.size();
    model.run(in, where, [&](std::size_t k, std::string const& name, nn::Passed const& passed) {
        out.layers.push_back({fmt::format("{} {}", k, name), passed.x.shape(where)});
        add_costs(out.layers.back(), tape, std::exchange(begin, tape.size()));
    });
    return out;
}

Index Summary::parameters() const {
    return total(layers, [](Layer const& l) { return l.parameters; });
}
Index Summary::flops() const {
    return total(layers, [](Layer const& l) { return l.flops; });
}
Index Summary::bytes() const {
    return total(layers, [](Layer const& l) { return l.bytes; });
}

std::string text(Summary const& s) {
    std::size_t width = 5;
    for (auto const& l : s.layers) width = std::max(width, l.name.size());
    std::string out = line(width, "layer", "output", "parameters", "flops", "bytes");
    for (auto const& l : s.layers)
        out += line(width, l.name, text(l.shape), grouped(l.parameters), grouped(l.flops), grouped(l.bytes));
    return out + line(width, "all", "", grouped(s.parameters()), grouped(s.flops()), grouped(s.bytes()));
}

}  // namespace unspool::core
