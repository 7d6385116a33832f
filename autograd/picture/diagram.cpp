// The way from results to a diagram.
#include <algorithm>
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/drawing.hpp>
#include <unspool/autograd/picture/fit.hpp>

namespace unspool::core {

void require_drawable(std::vector<Var> const& results, Where where) {
    if (results.empty()) throw ValueError(located(where, "a graph wants at least one result"));
    Tape const& tape = results[0].tape(where);
    for (Var const& x : results)
        if (tape.window(x, where).node == no_node)
            throw TapeError(located(where, "a graph of a value that was not recorded: there is nothing to draw"));
}

namespace {

Diagram drawn(std::vector<Var> const& results, GraphOptions const& options) {
    Subgraph const reading(results[0].tape(), results, options);
    Zoom const zoom(reading, options);
    Naming const naming(reading, zoom, options);
    return Drawing(reading, zoom, naming, options).draw();
}

}  // namespace

/// With fewer steps, where these are not said and a page would be too narrow.
Diagram diagram_of(std::vector<Var> const& results, GraphOptions const& options) {
    require_drawable(results, {});  // the tape may have been rewound since the graph was made
    Diagram out      = drawn(results, options);
    bool const asked = options.steps || options.all_steps || options.rolled;
    auto const wide  = [&] {
        return out.horizontal && !asked && width_of(out) > widest(static_cast<double>(options.page_width));
    };
    for (Index steps = most_ends; steps > 0 && wide(); --steps) {
        GraphOptions fewer = options;
        fewer.steps        = steps;
        out                = drawn(results, fewer);
    }
    return out;
}

char const* name_of(Box::Kind k) {
    constexpr char const* names[] = {"input",  "constant",  "parameters", "statement", "call",
                                     "module", "reference", "elision",    "junction"};
    return names[k];
}

bool same_layout(Diagram const& a, Diagram const& b) {
    auto const same = [](auto const& x, auto const& y, auto const& equal) {
        return std::equal(x.begin(), x.end(), y.begin(), y.end(), equal);
    };
    return same(a.boxes, b.boxes, [](Box const& x, Box const& y) { return x.cluster == y.cluster; }) &&
           same(a.links, b.links, [](Link const& x, Link const& y) { return x.from == y.from && x.to == y.to; }) &&
           same(a.clusters, b.clusters,
                [](Cluster const& x, Cluster const& y) { return x.parent == y.parent && x.title == y.title; }) &&
           a.columns == b.columns;
}

}  // namespace unspool::core
