// Writes a diagram in the language of Graphviz.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/colour_map.hpp>
#include <unspool/autograd/picture/dot.hpp>
#include <unspool/autograd/picture/legend.hpp>
#include <unspool/autograd/picture/markup.hpp>

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
        case Box::elision: return {"#ffffff", "#ffffff"};
    }
    return {"#ffffff", "#000000"};
}

char const* name_of(Box::Kind k) {
    constexpr char const* names[] = {"input", "constant", "parameters", "statement",
                                     "call",  "module",   "reference",  "elision"};
    return names[k];
}

char const* colour_of_parameter(int n) {
    static constexpr char const* all[colours_of_parameters] = {"#fff4cf", "#fde0c5", "#f9d5e5", "#e3dcf5", "#d5e8f7",
                                                               "#d3efe6", "#e6f2c9", "#f0e2c4", "#ecd9d9", "#d9dcf2"};
    return all[static_cast<std::size_t>(n) % std::size(all)];
}

std::string id_of_box(std::size_t b) { return fmt::format("n{}", b + 1); }

namespace {

std::string in_font(std::string const& attributes, std::string const& s) {
    return fmt::format("<font {}>{}</font>", attributes, s);
}

constexpr char const* indent =
    "<font point-size=\"14\">\u00a0\u00a0</font>";  // higher than the line, so that lines stand apart

constexpr char const* higher = "<font point-size=\"11\">\u00a0</font>";

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
        , boxes_(d.clusters.size() + 1)
        , inner_(d.clusters.size() + 1)
        , column_(d.boxes.size(), -1) {
        for (std::size_t b = 0; b < d.boxes.size(); ++b) boxes_[at(d.boxes[b].cluster + 1)].push_back(b);
        for (std::size_t c = 0; c < d.clusters.size(); ++c)
            inner_[at(d.clusters[c].parent + 1)].push_back(static_cast<int>(c));
        for (std::size_t c = 0; c < d.columns.size(); ++c)
            for (int b : d.columns[c]) column_[at(b)] = static_cast<int>(c);
    }

    std::string write() {
        head();
        // Found by trying: going to the right, dot sets layers on those below if they come from the last to the first, and within
        // another cluster.
        bool const layers = d_.horizontal && inner_[0].size() > 1;
        if (layers) line(1, "subgraph cluster_all {{ style=invis;");
        clusters(layers ? 2 : 1);
        if (layers) line(1, "}}");
        for (auto const& boxes : d_.columns) column(boxes);
        for (std::size_t l = 0; l < d_.links.size(); ++l) link(l);
        if (legend_) line(1, "labelloc=b; labeljust=l; label=<{}>;", legend(d_, shades_));
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
             "rankdir={}; newrank=true; remincross=false; nodesep=0.22; ranksep={}; pad=0.15; bgcolor=white; "
             "charset=\"UTF-8\";",
             d_.horizontal ? "LR" : "BT", d_.horizontal ? "0.45" : "0.38");
        line(1, "graph [{} fontsize=11 fontcolor=\"#444444\" labeljust=l style=rounded color=\"#b8b8b8\"];", font);
        line(1, "node [{} fontsize=11 shape=box style=\"rounded,filled\" margin=\"0.11,0.055\" height=0.3 width=0.3];",
             font);
        line(1, "edge [{} fontsize=9 fontcolor=\"#444444\" color=\"#666666\" arrowsize=0.55];", font);
    }

    void clusters(int outermost) {
        struct Visit {
            int cluster, depth;
            bool end;
        };
        std::vector<Visit> open{{-1, outermost, false}};  // as deep as the user's scopes
        while (!open.empty()) {
            auto const [c, depth, end] = open.back();
            open.pop_back();
            if (end) line(depth, "}}");
            else {
                if (c >= 0) open.push_back({c, depth, true}), begin_cluster(c, depth);
                boxes(c, depth + (c >= 0));
                for (int i : last_first(c)) open.push_back({i, depth + (c >= 0), false});
            }
        }
    }
    void begin_cluster(int c, int depth) {
        line(depth, "subgraph cluster_{} {{", c);
        line(depth + 1, "label={}; style=rounded;{}{}", attribute(d_.clusters[at(c)].title),
             d_.clusters[at(c)].step ? " color=\"#9db4cc\"; bgcolor=\"#fafcff\";" : "",
             tag('c', at(c), d_.clusters[at(c)].step ? "step" : "scope"));
    }
    /// Those inside of a cluster, the first to be written at the end.
    std::vector<int> last_first(int c) const {
        auto inner       = inner_[at(c + 1)];
        bool const steps = std::any_of(inner.begin(), inner.end(), [&](int i) { return d_.clusters[at(i)].step; });
        if (!d_.horizontal || steps) std::reverse(inner.begin(), inner.end());
        return inner;
    }

    // ---- boxes ----
    void boxes(int cluster, int depth) {
        for (std::size_t b : boxes_[at(cluster + 1)]) write_box(b, depth);
    }
    void write_box(std::size_t i, int depth) {
        Box const& b = d_.boxes[i];
        if (b.kind == Box::parameters)
            return line(depth, "{} [shape=plain style=\"\"{} label=<{}>];", id_of_box(i), tag('b', i, name_of(b.kind)),
                        strip(b));
        if (b.kind == Box::elision)
            return line(depth, "{} [shape=plaintext fontsize=12 fillcolor=white{} label=<{}>];", id_of_box(i),
                        tag('b', i, name_of(b.kind)), html(b.lines.at(0)));
        Colours const c        = b.marked ? Colours{"#ffb3ab", "#d01010"} : colours(b.kind);
        std::string const fill = b.flow && !b.marked ? shades_.colour(*b.flow) : c.fill;
        line(depth, "{} [fillcolor=\"{}\" color=\"{}\"{}{}{}{}{}{} label=<{}>];", id_of_box(i), fill, c.line,
             b.result || b.marked    ? " penwidth=2.5"
             : b.kind == Box::module ? " penwidth=1.6"
                                     : "",
             b.flow ? border(b.flow->kind) : "", on_dark(b) ? " fontcolor=white" : "",
             b.detached ? " style=\"rounded,filled,dashed\"" : "",
             b.tooltip.empty() || ids_ ? "" : " tooltip=" + tooltip(b.tooltip),
             tag('b', i, b.marked ? "marked" : name_of(b.kind)), label(b));
    }
    /// Of a page.
    std::string tag(char letter, std::size_t number, char const* name) const {
        return ids_ ? fmt::format(" id=\"{}{}{}\" class=\"{}\"", *ids_, letter, number, name) : "";
    }
    bool on_dark(Box const& b) const { return b.flow && !b.marked && shades_.dark(*b.flow); }

    std::string small(std::string const& s, Box const& b) const {
        return in_font(fmt::format("point-size=\"8\" color=\"{}\"", on_dark(b) ? "#eeeeee"
                                                                    : b.flow   ? "#222222"
                                                                               : "#666666"),
                       s) +
               higher;
    }

    std::string label(Box const& b) const {
        bool const module = b.kind == Box::module, named = !b.name.empty() && !module;
        auto const lines =
            lines_of(b.equation.empty() || !named ? "" : "= ", print(b.equation), d_.horizontal ? 38 : 72);
        bool const one        = lines.size() == 1;
        std::string const end = one ? "<br/>" : "<br align=\"left\"/>";
        std::string out =
            b.name.empty() ? "" : "<b>" + html(b.name) + (named && !b.equation.empty() ? "\u00a0" : "") + "</b>";
        if (module) out += "<br/>";
        if (module) return out + module_lines(b);
        for (auto const& l : lines) out += (&l == lines.data() ? "" : indent) + html(l) + end;
        for (auto const& extra : extras(b))
            out += small(html(extra), b) + (&extra == &extras_.back() && one ? "" : end);
        return out;
    }
    std::string module_lines(Box const& b) const {
        std::string out;
        for (auto const& l : b.lines) out += small(html(l), b) + "<br/>";
        for (auto const& extra : extras(b)) out += small(html(extra), b) + (&extra == &extras_.back() ? "" : "<br/>");
        return out;
    }
    /// Lines in small print: what there is of it.
    std::vector<std::string> const& extras(Box const& b) const {
        std::string const shape = b.shape.empty() ? "scalar" : text(b.shape);
        extras_.assign({b.bytes > 0 && is_equation(b) ? fmt::format("{} · {} B", shape, b.bytes) : shape});
        if (!b.flow) return extras_;
        bool const many = b.flow->over_time.size() > 1 && d_.for_all_flows.empty();
        if (many) extras_.insert(extras_.end(), {range(*b.flow), sparkline(*b.flow)});
        else extras_[0] += told(*b.flow);
        return extras_;
    }
    std::string told(Flow const& f) const {
        return "\u00a0 " + (d_.for_all_flows.empty() ? text(f, d_.clip) : d_.for_all_flows);
    }

    std::string strip(Box const& b) const {
        std::string out =
            fmt::format("<table border=\"0\" cellborder=\"1\" cellspacing=\"0\" cellpadding=\"2\" color=\"{}\"><tr>",
                        colours(b.kind).line);
        for (Parameter const& p : b.strip) {
            if (d_.horizontal && &p != b.strip.data()) out += "</tr><tr>";
            bool const dark         = p.flow && shades_.dark(*p.flow);
            std::string const shape = html(p.shape.empty() ? "scalar" : text(p.shape)),
                              heat  = p.flow ? told(*p.flow) : "",
                              fill  = p.flow ? shades_.colour(*p.flow) : colour_of_parameter(p.colour),
                              print = dark     ? "#eeeeee"
                                      : p.flow ? "#222222"
                                               : "#666666";
            out += fmt::format("<td bgcolor=\"{}\"{}>{} {}</td>", fill, ids_ ? "" : " title=\"" + html(p.path) + "\"",
                               in_font(fmt::format("point-size=\"9\"{}", dark ? " color=\"white\"" : ""), html(p.name)),
                               in_font(fmt::format("point-size=\"7\" color=\"{}\"", print), shape + html(heat)));
        }
        return out + "</tr></table>";
    }

    // ---- links ----
    // A link to an earlier step is written the other way round, so that time still goes from left to right.
    void link(std::size_t i) {
        Link const& l = d_.links[i];
        std::string attributes;
        auto add        = [&](std::string const& a) { attributes += (attributes.empty() ? "" : " ") + a; };
        bool const loop = l.from == l.to;
        if (!l.labels.empty() && (loop || column_[at(l.from)] < 0 || column_[at(l.from)] != column_[at(l.to)]))
            add("label=" + attribute(fmt::format(" {} ", fmt::join(l.labels, ", "))));
        if (l.flow && (l.flow->kind == Flow::usual || l.flow->kind == Flow::clipped))
            add(fmt::format("color=\"{}\" penwidth={:.2g}", shades_.colour(*l.flow), shades_.width(*l.flow)));
        else if (l.recurrent) add("color=\"#3b6ea5\" penwidth=1.4");
        if (l.recurrent) add(d_.boxes[at(l.to)].kind == Box::module ? "weight=30" : "weight=3");
        else if (leaves_a_step(l)) add("weight=0");
        if (l.backward) add("dir=back");
        if (l.recurrent && (l.backward || d_.boxes[at(l.to)].kind == Box::module)) add("minlen=2");
        if (l.detached) add("style=dashed");
        if (d_.boxes[at(l.from)].entry) add("weight=2");
        if (d_.boxes[at(l.from)].kind == Box::parameters) add("color=\"#c9a227\" arrowsize=0.45");
        if (ids_) add(tag('l', i, l.flow ? "flow" : l.recurrent ? "recurrent" : "link").substr(1));
        line(1, "{} -> {}{};", id_of_box(at(l.backward ? l.to : l.from)), id_of_box(at(l.backward ? l.from : l.to)),
             attributes.empty() ? "" : " [" + attributes + "]");
    }

    /// It should not bend the line of steps.
    bool leaves_a_step(Link const& l) const {
        auto const step = [&](int b) {
            return d_.boxes[at(b)].cluster >= 0 && d_.clusters[at(d_.boxes[at(b)].cluster)].step;
        };
        return step(l.from) && !step(l.to);
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
    std::vector<std::vector<std::size_t>> boxes_;  // of each cluster, after those outside of all
    std::vector<std::vector<int>> inner_;          // clusters of each
    std::vector<int> column_;                      // of each box, or -1
    std::string out_;
    mutable std::vector<std::string> extras_;
};

}  // namespace

std::string dot_text(Diagram const& d, bool legend) { return Writer(d, legend).write(); }
std::string dot_text_for_page(Diagram const& d, std::string const& prefix) { return Writer(d, false, &prefix).write(); }

}  // namespace unspool::core
