// Reads one recorded step, and writes the page.
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/autograd/picture/graph.hpp>
#include <unspool/autograd/picture/latex.hpp>
#include <unspool/autograd/picture/mathml.hpp>
#include <unspool/autograd/picture/render.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/text/html.hpp>
#include <unspool/nn/deploy/paths.hpp>
#include <unspool/nn/diagnostics/cost.hpp>
#include <unspool/nn/diagnostics/datasheet.hpp>

namespace unspool::core {

namespace {

// ---- recording ------------------------------------------------------------------------------------------------------

xt::xarray<double> numbers(Random& random, Shape const& shape) {
    auto out = xt::xarray<double>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
    for (double& x : out) x = random.normal();
    return out;
}

/// One step of a cell, on a tape.
struct Recording {
    Tape tape;
    std::vector<Var> results;

    Recording(ErasedCell const& cell, std::vector<Shape> shapes, Index batch) {
        Random random(1);
        std::vector<Var> xs, state;
        for (Shape& shape : shapes) {
            shape.insert(0, batch);
            xs.push_back(tape.input(numbers(random, shape), shapes.size() == 1 ? "x" : fmt::format("x{}", xs.size())));
        }
        for (std::size_t k = 0; k < cell.names.size(); ++k)
            state.push_back(tape.input(numbers(random, cell.shape(k)), states::initial_name(cell.names[k])));
        results = cell.step(xs, state);
    }
};

// ---- words ----------------------------------------------------------------------------------------------------------

class Words {
public:
    Words(Tape const& tape, std::vector<Datasheet::Parameter> const& all) : tape_(tape) {
        std::vector<std::string> paths;
        for (auto const& p : all) paths.push_back(p.path);
        shared_ = shared_path(paths);
    }

    Equation of(Window const& w, int depth = 0) const {
        if (w.node == no_node) return equation_of(tape_, w);
        Node const& n = tape_[w.node];
        if (n.param && w.viewing.kind == Viewing::whole) return short_path(n.param->path(), shared_);
        if (n.rule && n.value.where.part && w.viewing.kind == Viewing::whole && depth < deepest)
            return right_side(n, depth + 1);
        return equation_of(tape_, w);
    }
    Equation right_side(Node const& n, int depth = 0) const {
        std::vector<Equation> operands;
        for (Window const* w : n.operands) operands.push_back(of(*w, depth));
        return n.rule->equation(n, operands);
    }

private:
    static constexpr int deepest = 8;  // parts of a statement within parts

    Tape const& tape_;
    std::string shared_;
};

void add_equations(Datasheet& out, Tape const& tape) {
    Words const words(tape, out.parameters);
    Index flops = 0;  // of what stands inside of the next equation
    Index bytes = 0;
    for (Node const* n : tape.nodes()) {
        if (!n->rule) continue;
        flops += flops_of(*n), bytes += bytes_of(*n);
        if (n->value.where.part) continue;
        Equation const right = words.right_side(*n), left = words.of(n->value);
        out.equations.push_back({text(left), text(right), unicode(left) + " = " + unicode(right),
                                 latex(left) + " &= " + latex(right), mathml(left) + "<mo>=</mo>" + mathml(right),
                                 n->value.where, n->value.shape, std::exchange(flops, 0), std::exchange(bytes, 0)});
    }
}

// ---- the page -------------------------------------------------------------------------------------------------------

std::string shape_text(Shape const& s) { return s.empty() ? "scalar" : text(s); }

std::vector<Shape> shapes_of_inputs(ErasedCell const& cell, DatasheetOptions const& o, Where where) {
    if (o.batch < 1 || o.in < 0)
        throw ValueError(
            fmt::format("{}: datasheet: batch is {} and in {}: neither can be", text(where), o.batch, o.in));
    if (o.inputs.empty())
        return {{o.in > 0 ? o.in : features(cell, o.batch, "datasheet", "DatasheetOptions::in", where)}};
    if (o.inputs.size() != cell.inputs)
        throw ShapeError(fmt::format("{}: datasheet: the cell takes {} inputs a step, and DatasheetOptions::inputs has "
                                     "the shapes of {}",
                                     text(where), cell.inputs, o.inputs.size()));
    return o.inputs;
}

}  // namespace

Datasheet datasheet_of(ErasedCell const& cell, DatasheetOptions const& o, Where where) {
    Recording const recording(cell, shapes_of_inputs(cell, o, where), o.batch);
    Datasheet out;
    out.title = o.title.empty() ? "A cell" : o.title, out.batch = o.batch;
    for (Node const* n : recording.tape.nodes())
        if (n->param) out.parameters.push_back({n->param->path(), n->param->shape()});
    add_equations(out, recording.tape);
    out.dot = Graph(recording.results).dot();
    return out;
}

Index Datasheet::parameter_count() const {
    Index n = 0;
    for (auto const& p : parameters) n += count(p.shape);
    return n;
}
Index Datasheet::flops() const {
    Index n = 0;
    for (auto const& e : equations) n += e.flops;
    return n;
}
Index Datasheet::bytes_of_parameters() const { return parameter_count() * bytes_of_element; }
Index Datasheet::bytes_kept() const {
    Index n = 0;
    for (auto const& e : equations) n += e.bytes;
    return n;
}

std::string Datasheet::latex() const {
    std::string out = "\\begin{align*}\n";
    for (auto const& e : equations) out += "    " + e.latex + (&e == &equations.back() ? "\n" : " \\\\\n");
    return out + "\\end{align*}\n";
}

std::string Datasheet::equations_html() const {
    std::string out =
        "<tr><th>equation</th><th>shape</th><th class=\"n\">flops</th><th class=\"n\">bytes</th><th>source"
        "</th></tr>\n";
    for (auto const& e : equations)
        out += fmt::format("<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>\n",
                           "<math>" + e.mathml + "</math>", html_text(shape_text(e.shape)), grouped(e.flops),
                           grouped(e.bytes), html_text(text(e.where)));
    return html_table(out);
}

std::string Datasheet::parameters_html() const {
    std::string out = "<tr><th>parameter</th><th>shape</th><th class=\"n\">elements</th></tr>\n";
    for (auto const& p : parameters)
        out += fmt::format("<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td></tr>\n", html_text(p.path),
                           html_text(shape_text(p.shape)), grouped(count(p.shape)));
    return html_table(
        out + fmt::format("<tr><th>all</th><th></th><th class=\"n\">{}</th></tr>\n", grouped(parameter_count())));
}

std::string Datasheet::costs_html() const {
    return html_table(fmt::format(
               "<tr><td>flops, forward</td><td class=\"n\">{}</td></tr>\n<tr><td>bytes of parameters read</td><td "
               "class=\"n\">{}</td></tr>\n<tr><td>bytes of values written, and kept for the way back</td><td "
               "class=\"n\">{}</td></tr>\n",
               grouped(flops()), grouped(bytes_of_parameters()), grouped(bytes_kept()))) +
           fmt::format(
               "<p class=\"note\">Of one step of {} sequence{}, in float32. A product [m,k] [k,n] counts 2mkn, each "
               "function and operator of an equation one an element, a convolution, a recurrence or a decomposition "
               "its multiplications and additions, any other array operation one an element of its result.</p>\n",
               batch, batch == 1 ? "" : "s");
}

std::string Datasheet::html(double limit) const {
    std::string const body = "<h1>" + html_text(title) + "</h1>\n<h2>One step</h2>\n<div class=\"picture\">" +
                             svg_element(dot, limit) + "</div>\n<h2>Equations</h2>\n" + equations_html() +
                             "<h2>In LaTeX</h2>\n<pre>" + html_text(latex()) + "</pre>\n<h2>Parameters</h2>\n" +
                             parameters_html() + "<h2>Costs</h2>\n" + costs_html();
    return html_page(title, ".picture svg { max-width: 100%; height: auto; }\n", body);
}

void save(Datasheet const& d, std::string const& path, double limit) {
    auto const page = d.html(limit);
    write_whole(path, page);
}

void write_page_of(ErasedCell const& cell, std::string const& path, DatasheetOptions const& options, Where where) {
    DatasheetOptions titled = options;
    if (titled.title.empty()) titled.title = std::filesystem::path(path).stem().string();
    save(datasheet_of(cell, titled, where), path, options.time_limit);
}

}  // namespace unspool::core
