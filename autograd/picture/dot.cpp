// Writes a diagram in the language of Graphviz.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <iterator>
#include <map>
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/cluster_rows.hpp>
#include <unspool/autograd/picture/colour_map.hpp>
#include <unspool/autograd/picture/dot.hpp>
#include <unspool/autograd/picture/label.hpp>
#include <unspool/autograd/picture/legend.hpp>
#include <unspool/autograd/picture/link_labels.hpp>
#include <unspool/autograd/picture/markup.hpp>
#include <unspool/autograd/picture/ranks.hpp>

namespace unspool::core {

Colours colours(Box::Kind k) {
    switch (k) {
        case Box::input: return {"#dbe8fb", "#5b82b8"};
        case Box::constant: return {"#eeeeee", "#8c8c8c"};
        case Box::parameters: return {"#fff4cf", "#c9a227"};
        case Box::statement: return {"#ddeedb", "#5f9560"};
        case Box::call: return {"#f3f3f3", "#777777"};
        case Box::module: return {"#e9e4f4", "#7a68a6"};
        case Box::reference: return {"#ffffff", "#3b6ea5"};
        case Box::elision:
        case Box::junction: return {"#ffffff", "#ffffff"};
    }
    return {"#ffffff", "#000000"};
}

std::string id_of_box(std::size_t b) { return fmt::format("n{}", b + 1); }

std::pair<std::string, std::string> ends_of(Link const& l) {
    bool const other_way = l.backward || l.turned;
    return {id_of_box(at(other_way ? l.to : l.from)), id_of_box(at(other_way ? l.from : l.to))};
}

namespace {

constexpr char const* link_colour = "#666666";  // of links

/// What is not a usual gradient has a border of its own, which can be seen without colours.
char const* border(Flow::Kind k) {
    switch (k) {
        case Flow::usual: return "";
        case Flow::zero: return " style=\"rounded,filled,dashed\"";
        case Flow::unreached: return " style=\"rounded,filled,dotted\"";
        case Flow::not_finite: return " shape=octagon style=filled peripheries=2 color=\"#c00000\"";
        case Flow::clipped: return " peripheries=2";
    }
    return "";
}

class Writer {
public:
    Writer(Diagram const& d, bool legend, std::string const* ids = nullptr)
        : d_(d)
        , legend_(legend)
        , ids_(ids)
        , shades_(d)
        , labels_(d, shades_, !ids)
        , boxes_(d.clusters.size() + 1)
        , inner_(d.clusters.size() + 1)
        , rows_(d)
        , column_(column_of_boxes(d))
        , link_labels_(d, !ids) {  // a page knows a link by one id
        for (std::size_t b = 0; b < d.boxes.size(); ++b) boxes_[at(d.boxes[b].cluster + 1)].push_back(b);
        for (std::size_t c = 0; c < d.clusters.size(); ++c)
            inner_[at(d.clusters[c].parent + 1)].push_back(static_cast<int>(c));
    }

    std::string write() {
        head();
        // Found by trying: going to the right, dot sets clusters on those that come later if they are within another cluster.
        if (d_.horizontal) line(1, "subgraph cluster_all {{ style=invis;");
        clusters(d_.horizontal ? 2 : 1);
        if (d_.horizontal) line(1, "}}");
        for (auto const& boxes : d_.columns) column(boxes);
        for (std::size_t l = 0; l < d_.links.size(); ++l) link(l);
        if (legend_) line(1, "labelloc=b; labeljust=l; label=<{}>;", fixed(legend(d_, shades_), 11));
        out_ += "}\n";
        return std::move(out_);
    }

private:
    static constexpr std::size_t deepest_indent = 40;

    template <class... A> void line(int depth, fmt::format_string<A...> format, A&&... a) {
        out_.append(std::min(at(depth), deepest_indent) * 2, ' ');
        fmt::format_to(std::back_inserter(out_), format, std::forward<A>(a)...);
        out_ += '\n';
    }

    void head() {
        char const* const font = "fontname=\"Helvetica,Arial,sans-serif\"";
        line(0, "digraph tape {{");
        line(1,
             "rankdir={}; newrank=true; remincross=false; nodesep={:g}; ranksep={}; pad=0.15; bgcolor=white; "
             "charset=\"UTF-8\";",
             d_.horizontal ? "LR" : "BT", d_.gap,
             d_.horizontal               ? "0.2"
             : link_labels_.any_stands() ? "0.25"
                                         : "0.38");
        line(1, "graph [{} fontsize=11 fontcolor=\"#444444\" labeljust=l style=rounded color=\"#b8b8b8\"];", font);
        line(1, "node [{} fontsize=11 shape=box style=\"rounded,filled\" margin=0 fixedsize=true];", font);
        line(1, "edge [{} fontsize=9 fontcolor=\"#444444\" color=\"{}\" arrowsize=0.55];", font, link_colour);
    }

    struct Visit {
        int cluster, depth;
        bool end                     = false;
        std::vector<std::size_t> row = {};  // of boxes, in place of a cluster
    };
    void clusters(int outermost) {
        std::vector<Visit> open{{-1, outermost}};  // as deep as the user's scopes
        while (!open.empty()) {
            Visit const v = std::move(open.back());
            open.pop_back();
            if (!v.row.empty()) write_row(v.row, v.depth);
            else if (v.end) line(v.depth, "}}");
            else {
                if (v.cluster >= 0) open.push_back({v.cluster, v.depth, true}), begin_cluster(v.cluster, v.depth);
                auto all = contents(v.cluster, v.depth + (v.cluster >= 0));
                std::move(all.rbegin(), all.rend(), std::back_inserter(open));
            }
        }
    }
    /// Time goes to the right; rows of clusters stand on each other, with boxes between them that are computed from those below.
    std::vector<Visit> contents(int c, int depth) {
        bool const rows = d_.horizontal && !inner_[at(c + 1)].empty();
        for (std::size_t b : boxes_[at(c + 1)])
            if (!rows || d_.boxes[b].level < 0) write_box(b, depth);
        for (std::size_t l : link_labels_.standing_in(c)) write_label(l, depth);
        std::map<int, std::vector<int>, std::greater<>> by_row;
        for (int i : inner_[at(c + 1)]) by_row[rows ? rows_[i] : 0].push_back(i);
        std::vector<Visit> out;
        bool const turned = rows && d_.turned[at(c + 1)];
        for (auto const& [n, unturned] : by_row) {
            auto const& clusters = turned ? by_row.at(by_row.begin()->first - n) : unturned;
            if (rows) boxes_at(n + 1, c, depth, out);
            if (rows) buses(1, clusters.front(), depth, out);
            for (int i : clusters) out.push_back({i, depth});
            if (rows) buses(0, clusters.front(), depth, out);
        }
        if (rows) boxes_at(0, c, depth, out);
        return out;
    }
    void boxes_at(int level, int c, int depth, std::vector<Visit>& out) const {
        std::vector<std::size_t> row;
        for (std::size_t b : boxes_[at(c + 1)])
            if (d_.boxes[b].bus < 0 && d_.boxes[b].level == level) row.push_back(b);
        if (!row.empty()) out.push_back({c, depth, false, std::move(row)});
    }
    /// Beside the steps of a loop, of which one is given.
    void buses(int level, int step, int depth, std::vector<Visit>& out) const {
        if (!d_.clusters[at(step)].step) return;
        int const c = d_.clusters[at(step)].parent, loop = d_.clusters[at(step)].loop;
        std::map<int, std::vector<std::size_t>> all;
        for (std::size_t b : boxes_[at(c + 1)])
            if (d_.boxes[b].bus >= 0 && d_.boxes[b].level == level && d_.boxes[b].loop == loop)
                all[d_.boxes[b].bus].push_back(b);
        for (auto& [n, row] : all) out.push_back({c, depth, false, std::move(row)});
    }
    void write_row(std::vector<std::size_t> const& boxes, int depth) {
        line(depth, "subgraph cluster_row_{} {{ style=invis; margin=0; label=\"\";", id_of_box(boxes.front()));
        for (std::size_t b : boxes) write_box(b, depth + 1);
        line(depth, "}}");
    }
    void begin_cluster(int c, int depth) {
        line(depth, "subgraph cluster_{} {{", c);
        Cluster const& its = d_.clusters[at(c)];
        line(depth + 1, "label=<{}>;{} style=rounded;{}{}",
             fixed(html(its.title), 11, its.title_at == Cluster::left_half), place_of_title(its),
             its.step ? " color=\"#9db4cc\"; bgcolor=\"#fafcff\";" : "", tag('c', at(c), its.step ? "step" : "scope"));
    }
    /// Clusters take what is not said from the one around them.
    char const* place_of_title(Cluster const& c) const {
        constexpr char const* places[] = {" labeljust=l;", " labeljust=c;", " labeljust=r;", ""};
        bool const usual =
            c.title_at == Cluster::left && (c.parent < 0 || d_.clusters[at(c.parent)].title_at == Cluster::left);
        return usual ? "" : places[c.title_at];
    }
    // ---- boxes ----
    void write_box(std::size_t i, int depth) {
        Box const& b          = d_.boxes[i];
        std::string const its = tag('b', i, b.marked ? "marked" : name_of(b.kind));
        if (b.kind == Box::junction)
            return line(depth, "{} [shape=point width=0.03 height=0.03 group=bus{} color=\"{}\"{} label=\"\"];",
                        id_of_box(i), b.bus, link_colour, its);
        Label const label = labels_.of(b);
        if (b.kind == Box::parameters)
            return line(depth, "{} [shape=plain style=\"\" fixedsize=false{} label=<{}>];", id_of_box(i), its,
                        label.markup);
        line(depth, "{} [{} width={:.3f} height={:.3f}{}{} label=<{}>];", id_of_box(i), look(b), label.size.width / 72,
             label.size.height / 72, b.tooltip.empty() || ids_ ? "" : " tooltip=" + tooltip(b.tooltip), its,
             label.markup);
    }
    void write_label(std::size_t link, int depth) {
        line(depth, "{} [shape=plain style=\"\" fixedsize=false fontsize=9 fontcolor=\"#444444\" label=<{}>];",
             id_of_label(link), fixed(html(link_labels_.text(link)), 9));
    }
    static std::string id_of_label(std::size_t link) { return fmt::format("l{}", link + 1); }
    /// Of a page.
    std::string tag(char letter, std::size_t number, char const* name) const {
        return ids_ ? fmt::format(" id=\"{}{}{}\" class=\"{}\"", *ids_, letter, number, name) : "";
    }
    std::string look(Box const& b) const {
        if (b.kind == Box::elision) return "shape=plaintext fillcolor=white";
        Colours const c = b.marked ? Colours{"#ffb3ab", "#d01010"} : colours(b.kind);
        return fmt::format("fillcolor=\"{}\" color=\"{}\"{}{}{}{}",
                           b.flow && !b.marked ? shades_.colour(*b.flow) : c.fill, c.line,
                           b.result || b.marked    ? " penwidth=2.5"
                           : b.kind == Box::module ? " penwidth=1.6"
                                                   : "",
                           b.flow ? border(b.flow->kind) : "", labels_.on_dark(b) ? " fontcolor=white" : "",
                           b.detached ? " style=\"rounded,filled,dashed\"" : "");
    }

    // ---- links ----
    // A link to an earlier step is written the other way round, so that time still goes from left to right.
    void link(std::size_t i) {
        Link const& l = d_.links[i];
        std::string attributes;
        auto add = [&](std::string const& a) { attributes += (attributes.empty() ? "" : " ") + a; };
        if (link_labels_.shown(i) && !link_labels_.stands(i))
            add("label=<" + fixed(html(" " + link_labels_.text(i) + " "), 9) + ">");
        if (l.flow && (l.flow->kind == Flow::usual || l.flow->kind == Flow::clipped))
            add(fmt::format("color=\"{}\" penwidth={:.2g}", shades_.colour(*l.flow), shades_.width(*l.flow)));
        else if (l.recurrent) add("color=\"#3b6ea5\" penwidth=1.4");
        if (l.recurrent) add(d_.boxes[at(l.to)].kind == Box::module ? "weight=30" : "weight=3");
        else if (leaves_a_step(l)) add("weight=0");
        if (l.backward || l.turned) add("dir=back");
        if (in_one_column(l)) add("minlen=0");
        if (!l.arrow) add(joint(l.from) && joint(l.to) ? "arrowhead=none weight=0" : "arrowhead=none");
        if (l.recurrent && l.backward) add("minlen=2");
        if (l.detached) add("style=dashed");
        if (d_.boxes[at(l.from)].entry) add("weight=2");
        if (d_.boxes[at(l.from)].kind == Box::parameters) add("color=\"#c9a227\" arrowsize=0.45");
        if (ids_) add(tag('l', i, l.flow ? "flow" : l.recurrent ? "recurrent" : "link").substr(1));
        auto [from, to] = ends_of(l);
        if (link_labels_.stands(i)) {
            line(1, "{} -> {} [{}{}arrowhead=none];", from, id_of_label(i), attributes, attributes.empty() ? "" : " ");
            from = id_of_label(i);
        }
        line(1, "{} -> {}{};", from, to, attributes.empty() ? "" : " [" + attributes + "]");
    }

    /// It should not bend the line of steps.
    bool leaves_a_step(Link const& l) const {
        auto const step = [&](int b) {
            return d_.boxes[at(b)].cluster >= 0 && d_.clusters[at(d_.boxes[at(b)].cluster)].step;
        };
        return step(l.from) && !step(l.to);
    }

    bool joint(int b) const { return d_.boxes[at(b)].kind == Box::junction; }
    /// Past a row of clusters there is no straight way.
    bool passes_a_row(Link const& l) const {
        Box const &from = d_.boxes[at(l.from)], &to = d_.boxes[at(l.to)];
        int const below = rows_.of(l.from, to.cluster), above = rows_.of(l.to, from.cluster);
        return (to.level >= 0 && below >= 0 && below + 1 < to.level) || (from.level >= 0 && from.level < above);
    }
    /// What stands above or below steps may stand in their columns; a junction does, or has a column of its own.
    bool in_one_column(Link const& l) const {
        if (!d_.horizontal || l.recurrent || !l.labels.empty() || (joint(l.from) && joint(l.to))) return false;
        auto const beside = [&](int b) { return d_.boxes[at(b)].level >= 0; };
        auto const apart  = [&](int b, int other) { return joint(b) && column_[at(b)] < 0 && !beside(other); };
        return (beside(l.from) || beside(l.to)) && !apart(l.from, l.to) && !apart(l.to, l.from) && !passes_a_row(l);
    }

    void column(std::vector<int> const& boxes) {
        std::string all;
        for (int b : boxes) all += fmt::format(" {};", id_of_box(at(b)));
        line(1, "{{ rank=same;{} }}", all);
    }

    Diagram const& d_;
    bool legend_;
    std::string const* ids_;  // what they begin with; null: there are none
    ColourMap shades_;
    Labels labels_;
    std::vector<std::vector<std::size_t>> boxes_;  // of each cluster, after those outside of all
    std::vector<std::vector<int>> inner_;          // clusters of each
    ClusterRows rows_;
    std::vector<int> column_;  // of each box, or -1
    LinkLabels link_labels_;
    std::string out_;
};

}  // namespace

std::string dot_text(Diagram const& d, bool legend) { return Writer(d, legend).write(); }
std::string dot_text_for_page(Diagram const& d, std::string const& prefix) { return Writer(d, false, &prefix).write(); }

}  // namespace unspool::core
