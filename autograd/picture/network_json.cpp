// What there is to say of boxes, links and clusters, as JSON.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/autograd/picture/colour_map.hpp>
#include <unspool/autograd/picture/dot.hpp>
#include <unspool/autograd/picture/network_json.hpp>
#include <unspool/autograd/text/elided.hpp>
#include <unspool/autograd/text/json_text.hpp>

namespace unspool::core {

namespace {

/// A text of a box, however long.
std::string json_of(std::string const& s) { return json_text(elided(s, longest_text)); }

template <class All, class Text> std::string json_list_of(All const& all, Text text) {
    std::vector<std::string> texts;
    for (auto const& x : all) texts.push_back(text(x));
    return fmt::format("[{}]", fmt::join(texts, ","));
}

/// Members of an object, those that are there.
class JsonObject {
public:
    void add(char const* name, std::string const& json) {
        text_ += fmt::format("{}\"{}\":{}", text_.empty() ? "" : ",", name, json);
    }
    void add_text(char const* name, std::string const& s) {
        if (!s.empty()) add(name, json_of(s));
    }
    std::string text() const { return "{" + text_ + "}"; }

private:
    std::string text_;
};

/// "matmul", "+" …
std::set<std::string> operations_of(Equation const& e) {
    std::set<std::string> out;
    for (Equation::Term const& t : e.terms())
        if (t.op) out.insert(t.op == &matrix_product ? "matmul" : t.op->name);
    return out;
}

std::string shape_of(Shape const& s) { return s.empty() ? "scalar" : text(s); }

std::string json_of(Parameter const& p, double clip) {
    JsonObject out;
    out.add_text("path", p.path), out.add_text("shape", shape_of(p.shape));
    if (p.flow) out.add_text("flow", text(*p.flow, clip));
    return out.text();
}

std::string json_of(Box const& b, double clip) {
    JsonObject out;
    out.add_text("kind", name_of(b.kind)), out.add_text("name", b.name), out.add_text("module", b.path);
    out.add_text("equation", text(b.equation));
    if (b.kind != Box::parameters && b.kind != Box::elision && b.kind != Box::junction)
        out.add_text("shape", shape_of(b.shape));
    if (b.bytes > 0) out.add("bytes", std::to_string(b.bytes));
    if (!b.lines.empty()) out.add("lines", json_list_of(b.lines, [](auto& s) { return json_of(s); }));
    out.add_text("tip", b.tooltip), out.add_text("elements", b.elements);
    if (b.flow) out.add_text("flow", text(*b.flow, clip));
    if (b.flow) out.add_text("over_time", range(*b.flow));
    if (auto const ops = operations_of(b.equation); !ops.empty())
        out.add_text("operations", fmt::format("{}", fmt::join(ops, " ")));
    if (!b.strip.empty()) out.add("parameters", json_list_of(b.strip, [&](auto& p) { return json_of(p, clip); }));
    if (b.cluster >= 0) out.add("cluster", std::to_string(b.cluster));
    if (b.result) out.add("result", "1");
    return out.text();
}

std::string json_of(Cluster const& c) {
    JsonObject out;
    out.add("parent", std::to_string(c.parent));
    out.add_text("title", c.title), out.add_text("module", c.module);
    if (c.step) out.add("step", "1");
    return out.text();
}

}  // namespace

std::string json_of(Diagram const& d, std::string const& level, int rank, bool rolled) {
    auto const link = [](Link const& l) { return fmt::format("[{},{},{}]", l.from, l.to, l.recurrent ? 1 : 0); };
    JsonObject out;
    out.add_text("level", level), out.add("rank", std::to_string(rank)), out.add("rolled", rolled ? "1" : "0");
    out.add("boxes", json_list_of(d.boxes, [&](Box const& b) { return json_of(b, d.clip); }));
    out.add("links", json_list_of(d.links, link));
    out.add("clusters", json_list_of(d.clusters, [](Cluster const& c) { return json_of(c); }));
    out.add("notes", json_list_of(d.notes, [](std::string const& s) { return json_of(s); }));
    return out.text();
}

}  // namespace unspool::core
