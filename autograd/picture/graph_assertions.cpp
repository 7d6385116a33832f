// What tests ask of a graph.
#include <algorithm>
#include <cstdlib>
#include <deque>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <iterator>
#include <ostream>
#include <unspool/autograd/picture/graph_assertions.hpp>
#include <unspool/autograd/picture/subgraph.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/text/elided.hpp>

namespace unspool::core {

std::ostream& operator<<(std::ostream& out, GraphAssertion const& f) { return out << (f ? "yes" : f.why); }

std::vector<Index> nodes_per_step(std::vector<Var> const& results) {
    Subgraph const reading(results.at(0).tape(), results, {});
    TimeLoop const* longest = nullptr;
    std::vector<Index> out;
    for (TimeLoop const& l : reading.loops())
        if (!longest || l.steps.size() > longest->steps.size()) longest = &l;
    if (!longest) return out;
    std::map<int, std::size_t> place;
    for (std::size_t i = 0; i < longest->steps.size(); ++i) place[longest->steps[i]] = i;
    out.assign(longest->steps.size(), 0);
    for (int u : reading.order()) {
        int f = reading[u].leaf() ? 0 : reading[u].frame;
        while (f > 0 && !place.contains(f)) f = reading.frames()[static_cast<std::size_t>(f)].parent;
        if (f > 0) ++out[place[f]];
    }
    return out;
}

/// A node comes after its operands, so one pass over the tape is enough.
std::optional<Index> path_length(Var const& from, Var const& to) {
    Tape const& tape = from.tape();
    NodeId const a = tape.window(from, {}).node, b = tape.window(to, {}).node;
    constexpr Index far = std::numeric_limits<Index>::max();
    if (a == no_node || b == no_node || b < a) return {};
    std::vector<Index> length(b - a + 1, far);
    length[0] = 0;
    for (NodeId id = a + 1; id <= b; ++id)
        for (Window const* w : tape[id].operands)
            if (w->node != no_node && w->node >= a && length[w->node - a] < far)
                length[id - a] = std::min(length[id - a], length[w->node - a] + 1);
    return length.back() < far ? std::optional(length.back()) : std::nullopt;
}

GraphAssertion every_parameter_reached(std::vector<Var> const& results, Params const& params) {
    Subgraph const reading(results.at(0).tape(), results, {});
    std::vector<std::string> reached, missing;
    for (int u : reading.order())
        if (reading[u].param()) reached.push_back(reading[u].node->param->path());
    std::sort(reached.begin(), reached.end());
    for (Param const* p : params.all())
        if (!std::binary_search(reached.begin(), reached.end(), p->path())) missing.push_back(p->path());
    if (missing.empty()) return {};
    auto const some = some_texts(missing.size(), 10, [&](std::size_t k) { return elided(missing[k], longest_name); });
    return {fmt::format("the result does not depend on {}{}", fmt::join(some, ", "),
                        some.size() < missing.size() ? fmt::format(": {} parameters", missing.size()) : "")};
}

// ---- golden files ---------------------------------------------------------------------------------------------------

namespace {

std::vector<std::string> lines_of_text(std::string const& s) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < s.size();) {
        std::size_t const end = std::min(s.find('\n', i), s.size());
        out.push_back(s.substr(i, end - i));
        i = end + 1;
    }
    return out;
}

/// Lines that one has and the other has not, a few of them, with the number of the line.
std::string difference(std::vector<std::string> const& golden, std::vector<std::string> const& now) {
    constexpr std::size_t most = 10, widest = 160;
    std::string out;
    std::size_t n   = 0;
    auto const tell = [&](char sign, std::vector<std::string> const& has, std::vector<std::string> lacks) {
        std::sort(lacks.begin(), lacks.end());
        for (std::size_t i = 0; i < has.size(); ++i)
            if (!std::binary_search(lacks.begin(), lacks.end(), has[i]) && ++n <= most)
                out += fmt::format("\n{:>5} {} {}{}", i + 1, sign, has[i].substr(0, widest),
                                   has[i].size() > widest ? " …" : "");
    };
    tell('-', golden, now);
    tell('+', now, golden);
    if (n > most) out += fmt::format("\n      … {} more lines", n - most);
    return out.empty() ? "\nthe same lines stand in another order, or another number of times" : out;
}

}  // namespace

GraphAssertion equals_golden(std::string const& now, std::string const& path) {
    if (std::getenv("UNSPOOL_WRITE_GOLDEN")) return write_whole(path, now), GraphAssertion{};
    std::ifstream in(path, std::ios::binary);
    if (!in) return {fmt::format("there is no {}: UNSPOOL_WRITE_GOLDEN=1 writes it", path)};
    std::string const golden{std::istreambuf_iterator<char>(in), {}};
    if (golden == now) return {};
    return {fmt::format("{} (-) is not what is drawn now (+):{}", path,
                        difference(lines_of_text(golden), lines_of_text(now)))};
}

}  // namespace unspool::core
