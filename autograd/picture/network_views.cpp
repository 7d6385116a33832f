// Which levels there are, and what dot makes of them.
#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <limits>
#include <unspool/autograd/picture/dot.hpp>
#include <unspool/autograd/picture/lay_out.hpp>
#include <unspool/autograd/picture/network_json.hpp>
#include <unspool/autograd/picture/network_views.hpp>
#include <unspool/autograd/picture/subgraph.hpp>
#include <unspool/autograd/text/html.hpp>

namespace unspool::core {

namespace {

struct WantedView {
    std::string level;
    int rank;  // the nearer, the greater
    GraphOptions options;
};

constexpr Index deepest_view = 6;

/// How deep modules are in each other.
Index depth_of_modules(std::vector<Var> const& results, GraphOptions const& options) {
    require_drawable(results, {});
    Subgraph const graph(results[0].tape(), results, options);
    std::vector<Index> depth(graph.frames().size(), 0);
    for (std::size_t f = 1; f < depth.size(); ++f) {
        ScopeFrame const& frame = graph.frames()[f];
        depth[f]                = depth[static_cast<std::size_t>(frame.parent)] + (frame.step < 0);
    }
    return *std::max_element(depth.begin(), depth.end());
}

WantedView at_level(GraphOptions o, GraphOptions::Level level, std::optional<Index> depth, bool rolled) {
    o.level = level, o.depth = depth, o.rolled = rolled;
    if (depth) return {fmt::format("depth {}", *depth), static_cast<int>(*depth), std::move(o)};
    if (level == GraphOptions::modules) return {"modules", 100, std::move(o)};
    return {level == GraphOptions::statements ? "statements" : "operations", 100 + level, std::move(o)};
}

/// That of the options first, as wide as it is.
std::vector<WantedView> wanted_views(std::vector<Var> const& results, GraphOptions o) {
    o.page_width = std::numeric_limits<Index>::max();
    std::vector<WantedView> out{at_level(o, o.level, o.depth, o.rolled)};
    GraphOptions plain = o;
    plain.expand.clear();
    Index const levels = std::min(depth_of_modules(results, o), deepest_view);
    for (bool rolled : {o.rolled, !o.rolled}) {
        out.push_back(at_level(plain, GraphOptions::statements, {}, rolled));
        if (levels > 0) out.push_back(at_level(plain, GraphOptions::modules, {}, rolled));
        for (Index d = 1; d <= levels; ++d) out.push_back(at_level(plain, GraphOptions::statements, d, rolled));
    }
    return out;
}

/// Without what a page has no use for: titles, which browsers show, comments, and the font that all of it has.
std::string for_page(std::string const& svg) {
    struct Part {
        std::string_view begin, end;
    };
    constexpr Part parts[] = {{"<title>", "</title>\n"}, {"<!--", "-->\n"}, {" font-family=\"", "\""}};
    std::string out;
    for (std::size_t i = svg.find("<svg"); i < svg.size();) {
        auto const starts = [&](Part const& p) { return svg.compare(i, p.begin.size(), p.begin) == 0; };
        auto const* part  = std::find_if(std::begin(parts), std::end(parts), starts);
        auto const end    = part == std::end(parts) ? svg.npos : svg.find(part->end, i + part->begin.size());
        if (end == svg.npos) out += svg[i++];
        else i = end + part->end.size();
    }
    return out;
}

class ViewLayout {
public:
    ViewLayout(std::vector<Var> const& results, double seconds, std::size_t most_bytes)
        : results_(results), seconds_(seconds), bytes_(most_bytes) {}

    /// Lays one out, unless there is the same already.
    void add(WantedView const& w) {
        try {
            Diagram d             = diagram_of(results_, w.options);
            std::string const dot = dot_text(d, false);
            if (std::find(seen_.begin(), seen_.end(), dot) != seen_.end()) return;
            seen_.push_back(dot);
            lay_out(w, std::move(d));
        } catch (ValueError const& e) { out_.left_out.push_back(name(w) + ": " + e.what()), refused_ = e; }
    }
    bool failed() const { return !out_.complaint.empty(); }

    NetworkViews views() {
        if (out_.all.empty() && refused_ && !failed()) throw *refused_;
        return std::move(out_);
    }

private:
    using Clock = std::chrono::steady_clock;

    static std::string name(WantedView const& w) { return w.level + (w.options.rolled ? ", rolled" : ""); }
    double left() const { return seconds_ - std::chrono::duration<double>(Clock::now() - begin_).count(); }

    void lay_out(WantedView const& w, Diagram d) {
        std::string const prefix = fmt::format("v{}", out_.all.size());
        Rendered const drawn     = core::lay_out(
                d, [&](Diagram const& x) { return dot_text_for_page(x, prefix); }, left());
        if (out_.all.empty() && !drawn.complaint.empty())
            out_.complaint = drawn.complaint, out_.dot = dot_text(d, true);
        else if (!drawn.complaint.empty()) out_.left_out.push_back(name(w) + ": " + drawn.complaint);
        else keep(w, std::move(d), for_page(drawn.picture));
    }
    void keep(WantedView const& w, Diagram d, std::string svg) {
        bool const first = out_.all.empty();
        NetworkView v{std::move(svg), json_of(d, w.level, w.rank, w.options.rolled)};
        if (first) out_.first = std::move(d);
        std::size_t const bytes = v.svg.size() + script_data("", v.json).size();
        if (!first && bytes > bytes_) return out_.left_out.push_back(name(w) + ": the page would be too large");
        bytes_ -= std::min(bytes_, bytes);
        out_.all.push_back(std::move(v));
    }

    std::vector<Var> const& results_;
    double seconds_;
    std::size_t bytes_;
    Clock::time_point begin_ = Clock::now();
    std::vector<std::string> seen_;
    std::optional<ValueError> refused_;
    NetworkViews out_;
};

}  // namespace

NetworkViews network_views(std::vector<Var> const& results, GraphOptions const& options, std::size_t most_bytes) {
    ViewLayout layout(results, options.time_limit, most_bytes);
    for (WantedView const& w : wanted_views(results, options))
        if (!layout.failed()) layout.add(w);
    return layout.views();
}

}  // namespace unspool::core
