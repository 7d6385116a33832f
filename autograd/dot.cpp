// Writes a diagram in the language of Graphviz.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <unspool/autograd/diagram.hpp>

namespace unspool {

namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

constexpr std::size_t      line_length = 72;  // of an equation, before it is broken
constexpr std::string_view indent      = "\u00a0\u00a0\u00a0\u00a0";

// ---- text -----------------------------------------------------------------------------------------------------------

/// The length of the UTF-8 sequence that `s` begins with; 0 if it is not one.
std::size_t sequence_length(std::string_view s) {
    auto const        byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
    unsigned const    b    = byte(0);
    std::size_t const n    = b < 0x80 ? 1 : b >= 0xC2 && b < 0xE0 ? 2 : b >= 0xE0 && b < 0xF0 ? 3 : b >= 0xF0 && b < 0xF5 ? 4 : 0;
    if (n == 0 || n > s.size()) return 0;
    for (std::size_t i = 1; i < n; ++i)
        if ((byte(i) & 0xC0) != 0x80) return 0;
    if (n == 3 && ((b == 0xE0 && byte(1) < 0xA0) || (b == 0xED && byte(1) > 0x9F))) return 0;
    if (n == 4 && ((b == 0xF0 && byte(1) < 0x90) || (b == 0xF4 && byte(1) > 0x8F))) return 0;
    return n;
}

/// Control characters as C++ would write them, and what is not UTF-8 as U+FFFD.
std::string printable(std::string_view s) {
    std::string out;
    while (!s.empty()) {
        std::size_t const   n = sequence_length(s);
        unsigned char const c = static_cast<unsigned char>(s[0]);
        if (n == 0) out += "\xEF\xBF\xBD";
        else if (c == '\n') out += "\\n";
        else if (c == '\t') out += "\\t";
        else if (c < 0x20 || c == 0x7F) out += fmt::format("\\x{:02x}", c);
        else out += s.substr(0, n);
        s.remove_prefix(std::max<std::size_t>(n, 1));
    }
    return out;
}

/// As text of an HTML-like label, in which dot takes \N, \G and their like for itself.
std::string html(std::string_view s) {
    std::string out;
    for (char c : printable(s)) switch (c) {
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '&': out += "&amp;"; break;
            case '"': out += "&quot;"; break;
            case '[': out += "&#91;"; break;
            case ']': out += "&#93;"; break;
            case '\\': out += "\\\\"; break;
            default: out += c;
        }
    return out;
}

/// As a quoted attribute, in which entities are read as in HTML, and backslashes as above: `readings` times.
std::string attribute(std::string_view s, int readings = 1) {
    std::string out = "\"";
    for (char c : printable(s)) {
        if (c == '"') out += "&quot;";
        else if (c == '&') out += "&amp;";
        else if (c == '\\') out.append(std::size_t{1} << readings, '\\');
        else out += c;
    }
    return out + "\"";
}

/// May an equation be broken at this space: before an operator, or after a comma?
bool is_break(std::string_view s, std::size_t i) {
    if (s[i] != ' ' || i == 0) return false;
    return s[i - 1] == ',' || (i + 2 < s.size() && s[i + 2] == ' ' && std::string_view("+-*/").find(s[i + 1]) != std::string_view::npos);
}

/// Breaks an equation at its outermost operators, where it grows too long.
std::vector<std::string> lines_of(std::string_view s) {
    std::vector<std::string> out;
    std::size_t              length = 0, best = 0;  // characters so far; where to break
    int                      depth = 0, best_depth = 0;
    for (std::size_t i = 0; i < s.size(); ++i) {
        depth += (s[i] == '(' || s[i] == '[') - (s[i] == ')' || s[i] == ']');
        if (is_break(s, i) && (best == 0 || depth <= best_depth)) best = i, best_depth = depth;
        length += (static_cast<unsigned char>(s[i]) & 0xC0) != 0x80;
        if (length <= line_length || best == 0) continue;
        out.emplace_back(s.substr(0, best));
        s.remove_prefix(best + 1);
        i      = static_cast<std::size_t>(-1);
        length = indent.size(), best = 0, depth = best_depth;
    }
    out.emplace_back(s);
    return out;
}

std::string in_font(std::string const& attributes, std::string const& s) { return fmt::format("<font {}>{}</font>", attributes, s); }
std::string small(std::string const& s, bool on_colour) {
    return in_font(fmt::format("point-size=\"8\" color=\"{}\"", on_colour ? "#222222" : "#666666"), s);
}

// ---- colours --------------------------------------------------------------------------------------------------------

struct Colours {
    char const *fill, *line;
};
Colours colours(Box::Kind k) {
    switch (k) {
        case Box::input: return {"#dbe8fb", "#5b82b8"};
        case Box::constant: return {"#eeeeee", "#8c8c8c"};
        case Box::parameters: return {"#fff4cf", "#c9a227"};
        case Box::statement: return {"#ddeedb", "#5f9560"};
        case Box::call: return {"#f3f3f3", "#777777"};
        case Box::reference: return {"#ffffff", "#3b6ea5"};
        case Box::elision: return {"#ffffff", "#ffffff"};
    }
    return {"#ffffff", "#000000"};
}

/// From white, the least gradient of the picture, to red, the greatest; at least three decades.
class Scale {
public:
    explicit Scale(Diagram const& d) {
        for (Box const& b : d.boxes) {
            note(b.gradient);
            for (Parameter const& p : b.strip) note(p.gradient);
        }
        low_ = std::min(low_, high_ - 3);
    }
    std::string colour(double norm) const {
        if (std::isnan(norm) || std::isinf(norm)) return "#c9a0ff";
        double const heat = norm > 0 ? (std::log10(norm) - low_) / (high_ - low_) : 0;
        auto const   fade = [&](double full) { return static_cast<int>(std::lround(255 - heat * (255 - full))); };
        return fmt::format("#{:02x}{:02x}{:02x}", fade(240), fade(90), fade(70));
    }

private:
    void note(std::optional<double> norm) {
        if (!norm || !(*norm > 0) || std::isinf(*norm)) return;
        low_ = std::min(low_, std::log10(*norm)), high_ = std::max(high_, std::log10(*norm));
    }
    double low_ = 1e9, high_ = -1e9;
};

// ---- the file -------------------------------------------------------------------------------------------------------

class Writer {
public:
    Writer(Diagram const& d, bool sources) : d_(d), sources_(sources), scale_(d) {}

    std::string write() {
        head();
        for (int c = -1; c < static_cast<int>(d_.clusters.size()); ++c)
            if (c < 0 || d_.clusters[at(c)].parent < 0) cluster(c, 1);
        for (auto const& boxes : d_.columns) column(boxes);
        for (Link const& l : d_.links) link(l);
        out_ += "}\n";
        return std::move(out_);
    }

private:
    template <class... A> void line(int depth, fmt::format_string<A...> format, A&&... a) {
        out_.append(at(depth) * 2, ' ');
        fmt::format_to(std::back_inserter(out_), format, std::forward<A>(a)...);
        out_ += '\n';
    }

    void head() {
        char const* const font = "fontname=\"Helvetica,Arial,sans-serif\"";
        line(0, "digraph tape {{");
        line(1, "rankdir={}; newrank=true; remincross=false; nodesep=0.22; ranksep={}; pad=0.15; bgcolor=white; charset=\"UTF-8\";",
             d_.horizontal ? "LR" : "BT", d_.horizontal ? "0.45" : "0.38");
        line(1, "graph [{} fontsize=11 fontcolor=\"#444444\" labeljust=l style=rounded color=\"#b8b8b8\"];", font);
        line(1, "node [{} fontsize=11 shape=box style=\"rounded,filled\" margin=\"0.11,0.055\" height=0.3 width=0.3];", font);
        line(1, "edge [{} fontsize=9 fontcolor=\"#444444\" color=\"#666666\" arrowsize=0.55];", font);
    }

    void cluster(int c, int depth) {
        if (c >= 0) {
            line(depth++, "subgraph cluster_{} {{", c);
            line(depth, "label={};{}", attribute(d_.clusters[at(c)].title),
                 d_.clusters[at(c)].step ? " color=\"#9db4cc\"; bgcolor=\"#fafcff\";" : "");
        }
        for (std::size_t b = 0; b < d_.boxes.size(); ++b)
            if (d_.boxes[b].cluster == c) write_box(b, depth);
        for (std::size_t inner = 0; c >= 0 && inner < d_.clusters.size(); ++inner)
            if (d_.clusters[inner].parent == c) cluster(static_cast<int>(inner), depth);
        if (c >= 0) line(depth - 1, "}}");
    }

    void write_box(std::size_t i, int depth) {
        Box const&        b = d_.boxes[i];
        Colours const     c = b.marked ? Colours{"#ffb3ab", "#d01010"} : colours(b.kind);
        std::string const tip =
            sources_ && b.where.line > 0 ? fmt::format(" tooltip={}", attribute(fmt::format("{}:{}", b.where.file, b.where.line), 2)) : "";
        if (b.kind == Box::parameters) line(depth, "n{} [shape=plain style=\"\" label=<{}>];", i + 1, strip(b));
        else if (b.kind == Box::elision)
            line(depth, "n{} [shape=plaintext fontsize=12 fillcolor=\"{}\" label=<{}>];", i + 1, c.fill, html(b.equation));
        else
            line(depth, "n{} [fillcolor=\"{}\" color=\"{}\"{}{} label=<{}>];", i + 1, b.gradient ? scale_.colour(*b.gradient) : c.fill,
                 c.line, b.result || b.marked ? " penwidth=2.5" : "", tip, label(b));
    }

    std::string label(Box const& b) const {
        auto const  lines = lines_of(b.equation.empty() || b.name.empty() ? b.equation : "\u00a0= " + b.equation);
        bool const  one   = lines.size() == 1;
        std::string out   = b.name.empty() ? "" : "<b>" + html(b.name) + "</b>";
        for (auto const& l : lines)
            out += (&l == lines.data() ? "" : std::string(indent)) + html(l) + (one ? "<br/>" : "<br align=\"left\"/>");
        std::string const size = b.shape.empty() ? "scalar" : text(b.shape);
        return out + small(html(b.gradient ? fmt::format("{}  ‖∇‖ {:.2g}", size, *b.gradient) : size), b.gradient.has_value()) +
               (one ? "" : "<br align=\"left\"/>");
    }

    std::string strip(Box const& b) const {
        Colours const c   = colours(b.kind);
        std::string   out = fmt::format(
              "<table border=\"0\" cellborder=\"1\" cellspacing=\"0\" cellpadding=\"2\" color=\"{}\" bgcolor=\"{}\"><tr>", c.line, c.fill);
        for (Parameter const& p : b.strip) {
            if (d_.horizontal && &p != b.strip.data()) out += "</tr><tr>";
            std::string const shape = html(p.shape.empty() ? "scalar" : text(p.shape)),
                              heat  = p.gradient ? fmt::format(" ‖∇‖ {:.2g}", *p.gradient) : "";
            std::string const fill  = p.gradient ? fmt::format(" bgcolor=\"{}\"", scale_.colour(*p.gradient)) : "";
            out += fmt::format("<td{} title=\"{}\">{} {}</td>", fill, html(p.path), in_font("point-size=\"9\"", html(p.name)),
                               in_font(fmt::format("point-size=\"7\" color=\"{}\"", p.gradient ? "#222222" : "#666666"), shape + heat));
        }
        return out + "</tr></table>";
    }

    // A link to an earlier step is written the other way round, so that time still goes from left to right.
    void link(Link const& l) {
        std::string attributes;
        auto        add = [&](std::string const& a) { attributes += (attributes.empty() ? "" : " ") + a; };
        if (!l.labels.empty() && !in_one_column(l)) add("label=" + attribute(fmt::format(" {} ", fmt::join(l.labels, ", "))));
        if (l.recurrent) add("color=\"#3b6ea5\" penwidth=1.4 weight=3");
        if (l.backward) add("dir=back minlen=3");
        if (box(l.from).entry) add("weight=2");
        if (box(l.from).kind == Box::parameters) add("color=\"#c9a227\" arrowsize=0.45");
        line(1, "n{} -> n{}{};", (l.backward ? l.to : l.from) + 1, (l.backward ? l.from : l.to) + 1,
             attributes.empty() ? "" : " [" + attributes + "]");
    }
    Box const& box(int b) const { return d_.boxes[at(b)]; }
    bool       in_one_column(Link const& l) const {
              return std::any_of(d_.columns.begin(), d_.columns.end(), [&](auto const& c) {
            return std::find(c.begin(), c.end(), l.from) != c.end() && std::find(c.begin(), c.end(), l.to) != c.end();
        });
    }

    void column(std::vector<int> const& boxes) {
        std::string all;
        for (int b : boxes) all += fmt::format(" n{};", b + 1);
        line(1, "{{ rank=same;{} }}", all);
    }

    Diagram const& d_;
    bool           sources_;
    Scale          scale_;
    std::string    out_;
};

}  // namespace

std::string dot_text(Diagram const& d, bool sources) { return Writer(d, sources).write(); }

}  // namespace unspool
