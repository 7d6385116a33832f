// Which nodes are looked at.
#include <algorithm>
#include <set>
#include <tuple>
#include <unspool/autograd/gradcheck/operation_check.hpp>
#include <unspool/autograd/gradcheck/second_look.hpp>
#include <unspool/autograd/statement/run.hpp>

namespace unspool::core {

namespace {

constexpr std::size_t most_calls = 24, most_statements = 64;

/// Those that pass a gradient back, but for those that change it on purpose, in a random order that begins with one of
/// each kind and line.
std::vector<NodeId> shuffled(RecordedFunction const& f, std::uint64_t seed) {
    std::vector<bool> const reached = f.reached();
    std::vector<NodeId> out;
    for (NodeId id = 0; id < f.tape().size(); ++id)
        if (Node const& n = f.tape()[id]; n.rule && n.requires_grad && reached[id] && !n.rule->surrogate())
            out.push_back(id);
    Random random(seed);
    for (std::size_t i = out.size(); i > 1; --i) std::swap(out[i - 1], out[random.below(i)]);
    std::set<std::tuple<void const*, std::string_view, unsigned>> seen;
    std::stable_partition(out.begin(), out.end(), [&](NodeId id) {
        Node const& n = f.tape()[id];
        return seen.emplace(n.rule, n.value.where.file, n.value.where.line).second;
    });
    return out;
}

}  // namespace

void second_look(RecordedFunction const& f, GradcheckOptions const& options, GradReport& report) {
    NodeCheckOptions const brief{options.step, {options.relative, options.absolute}, options.seed, 2, 32};
    std::vector<NodeId> statements;
    std::vector<bool> calls(f.tape().size(), false);
    std::size_t n = 0;
    for (NodeId id : shuffled(f, options.seed))
        if (!statement_of(f.tape()[id])) calls[id] = n++ < most_calls;
        else if (statements.size() < most_statements) statements.push_back(id);
    report.culprits = wrong_operations(f.tape(), statements, brief);
    for (auto& c : wrong_nodes(f.tape(), calls, brief)) report.culprits.push_back(std::move(c));
    report.culprits = merged(report.culprits);
    if (!report.culprits.empty())
        report.problem = "all gradients agree with differences, but what a node passes back by itself does not";
}

}  // namespace unspool::core
