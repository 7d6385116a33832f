// What was found, as HTML.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <numeric>
#include <unspool/autograd/picture/network_page.hpp>
#include <unspool/autograd/text/html.hpp>
#include <unspool/autograd/text/json_text.hpp>
#include <unspool/nn/diagnostics/cost.hpp>
#include <unspool/nn/diagnostics/curve_script.hpp>
#include <unspool/nn/examination/examination.hpp>

namespace unspool::core {

namespace {

constexpr double agreed = 1e-12;

constexpr char const* style = R"(.network .columns .stage { height: 400px; }
@media (min-width: 1001px) { .network .panel { max-height: 400px; } }
.fine { color: var(--fine); } .bad { color: var(--bad); }
.note { color: var(--dim); font-size: 13px; overflow-wrap: anywhere; } td.note { max-width: 34em; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.2em, 1fr)); gap: 10px; margin: 1em 0; }
.facts div { background: var(--card); border-radius: 6px; padding: 8px 10px; font-size: 13px; color: var(--dim); }
.facts b { display: block; font-size: 17px; color: var(--ink); font-variant-numeric: tabular-nums; }
.facts b.fine { color: var(--fine); } .facts b.bad { color: var(--bad); }
h3 { font-size: 1em; margin: 1.2em 0 0; } details { margin: .8em 0; } summary { cursor: pointer; } details button { margin: .5em 0; }
)";

constexpr char const* script = R"((function () {
  'use strict';
  const data = JSON.parse(document.getElementById('examination').textContent), memory = {};
  for (const c of data) {
    memory['curves: ' + c.title] = { log: c.log, view: null };
    curves(document.getElementById('curves'), c.title, c.across, c.series, memory);
  }
  const copy = document.getElementById('copy'), latex = document.getElementById('latex');
  if (copy) copy.addEventListener('click', () => {
    getSelection().selectAllChildren(latex);
    copy.textContent = document.execCommand('copy') ? 'copied' : 'select and copy it';
  });
}());
)";

std::string note(std::string const& words) { return "<p class=\"note\">" + html_text(words) + "</p>\n"; }

/// What there is, as f has it, or why there is nothing.
template <class T, class F> std::string shown(Possible<T> const& x, std::string const& what, F f) {
    return x ? f(*x) : note("No " + what + ": " + x.why);
}

std::string judged(std::string const& words, bool fine) {
    return fmt::format("<span class=\"{}\">{}</span>", fine ? "fine" : "bad", html_text(words));
}
template <class... Cell> std::string row(Cell const&... cells) {
    return "<tr>" + (... + ("<td>" + std::string(cells) + "</td>")) + "</tr>\n";
}
std::string head(std::string const& words) { return "<tr><th>" + words + "</th></tr>\n"; }

// ---- at a glance ----------------------------------------------------------------------------------------------------

std::string fact(std::string const& number, std::string const& what, char const* verdict = "") {
    return fmt::format("<div><b class=\"{}\">{}</b>{}</div>\n", verdict, html_text(number), html_text(what));
}
char const* verdict(bool fine) { return fine ? "fine" : "bad"; }

std::string facts(Examination const& e) {
    std::string out;
    if (e.sheet)
        out +=
            fact(grouped(e.sheet->parameter_count()), "parameters") + fact(grouped(e.sheet->flops()), "flops a step");
    for (auto const& [order, check] : e.checks)
        if (check)
            out += fact(check->passed() ? "passed" : "failed", fmt::format("gradcheck, order {}", order),
                        verdict(check->passed()));
    Index ran = 0;
    bool all  = true;
    for (auto const& each : e.engines)
        if (each.error) ++ran, all = all && *each.error <= agreed;
    all = all && ran > 0;
    out += fact(fmt::format("{} of {}", ran, e.engines.size()), all ? "engines run it, and agree" : "engines run it",
                verdict(all));
    if (e.time) out += fact(fmt::format("{:.2f} ×", *e.time), "the time of an LSTM");
    out += e.c ? fact(grouped(e.c->source) + " B", "C file") : fact("no", "C file");
    return "<div class=\"facts\">\n" + out + fact(e.onnx ? *e.onnx : "no", "ONNX") + "</div>\n";
}

// ---- gradients ------------------------------------------------------------------------------------------------------

std::string check_row(int order, Possible<GradReport> const& check) {
    std::string const of = fmt::format("order {}", order);
    if (!check) return row(of, "not checked", "", "", "<span class=\"note\">" + html_text(check.why) + "</span>");
    auto const* worst = check->worst();
    bool const around = !check->surrogates.empty();
    return row(of, judged(check->passed() ? around ? "passed around" : "passed" : "failed", check->passed()),
               grouped(check->checked()), fmt::format("{:.0e}", check->worst_error()),
               worst ? html_text(worst->name) : "");
}
std::string checks_table(Examination const& e) {
    std::string rows = head("derivatives</th><th>beside differences</th><th>looked at</th><th>worst error</th><th>in");
    std::string more;
    for (auto const& [order, check] : e.checks) {
        rows += check_row(order, check);
        if (check && !check->passed()) more += "<pre>" + html_text(text(*check)) + "</pre>\n";
    }
    return html_table(rows) + more;
}
/// "`Rtrl`" as code.
std::string in_html(std::string const& engine) {
    return engine.starts_with('`') ? "<code>" + html_text(engine.substr(1, engine.size() - 2)) + "</code>"
                                   : html_text(engine);
}
std::string engines_table(Examination const& e) {
    std::string rows = head("engine</th><th>greatest difference");
    for (auto const& each : e.engines)
        rows += each.error
                    ? row(in_html(each.engine), judged(fmt::format("{:.0e}", *each.error), *each.error <= agreed))
                    : row(in_html(each.engine), "<span class=\"note\">" + html_text(each.error.why) + "</span>");
    return html_table(rows) +
           note("Six steps in double, against backward through all of them: gradients, the derivative "
                "along a direction (jvp), or outputs (stream, C), of the greatest element.");
}

// ---- through time ---------------------------------------------------------------------------------------------------

/// {"name":…,"x":[…],"y":[…]}
std::string series(std::string const& name, std::vector<double> const& y, double first) {
    std::vector<double> x(y.size());
    std::iota(x.begin(), x.end(), first);
    return fmt::format("{{\"name\":{},\"x\":{},\"y\":{}}}", json_text(name), json_numbers(x), json_numbers(y, 4));
}
/// `values(dynamics)`: null where there are none.
template <class F> void add_curves(std::vector<std::string>& to, Examination const& e, char const* title,
                                   char const* across, bool log, double first, F values) {
    std::vector<std::string> all;
    for (auto const& [when, d] : e.dynamics)
        if (std::vector<double> const* y = values(d)) all.push_back(series(when, *y, first));
    if (!all.empty())
        to.push_back(fmt::format("{{\"title\":{},\"across\":{},\"log\":{},\"series\":[{}]}}", json_text(title),
                                 json_text(across), log, fmt::join(all, ",")));
}
std::string curves_json(Examination const& e) {
    std::vector<std::string> all;
    auto const jacobians = [](auto member) {
        return [member](Dynamics const& d) { return d.jacobians ? &((*d.jacobians).*member) : nullptr; };
    };
    add_curves(all, e, "‖∂sᴛ/∂sₜ‖", "t", true, 0, jacobians(&JacobianFlow::through));
    add_curves(all, e, "‖∂sₜ/∂sₜ₋₁‖", "t", false, 0, jacobians(&JacobianFlow::step));
    add_curves(all, e, "Lyapunov exponents", "number", false, 1,
               [](Dynamics const& d) { return d.spectrum ? &d.spectrum->exponents : nullptr; });
    return fmt::format("[{}]", fmt::join(all, ","));
}

std::string share(double x) { return fmt::format("{:.0f} %", 100 * x); }
std::string gate_rows(Possible<Saturation> const& s) {
    std::string out;
    if (s)
        for (auto const& g : s->gates)
            out += row(html_text(g.name), fmt::format("{} below {}", share(g.shut), s->options.low),
                       fmt::format("{} above {}", share(g.open), s->options.high));
    return out;
}
/// A text, line by line.
std::string lines(std::string const& words) {
    std::string out  = "<p>";
    std::string safe = html_text(words);
    if (safe.ends_with('\n')) safe.pop_back();
    for (char c : safe) c == '\n' ? out += "<br>" : out += c;
    return out + "</p>\n";
}
std::string through_time(std::string const& when, Dynamics const& d) {
    std::string const rows = gate_rows(d.gates) + gate_rows(d.squashed);
    return "<h3>" + html_text(when) + "</h3>\n" +
           shown(d.jacobians, "Jacobians",
                 [](JacobianFlow const& f) { return lines("Gradients: " + text(f.decay, f.options)); }) +
           shown(d.spectrum, "exponents", [](LyapunovSpectrum const& s) { return lines(text(s)); }) +
           (rows.empty() ? note("No saturation: " + d.gates.why)
                         : html_table(head("saturation</th><th></th><th>") + rows));
}
std::string through_time(Examination const& e) {
    std::string out = "<div class=\"cards\" id=\"curves\"></div>\n<div class=\"cards\">\n";
    for (auto const& [when, d] : e.dynamics) out += "<div>" + through_time(when, d) + "</div>\n";
    return out + "</div>\n";
}

// ---- learning -------------------------------------------------------------------------------------------------------

std::string said(NoiseScale const& n, Index sequences) {
    if (!(n.squared_norm > 0)) return fmt::format("hides the mean of {} sequences", sequences);
    double const scale = n.simple();
    return scale < 1 ? fmt::format("{:.2g}: a single sequence says enough", scale)
                     : fmt::format("{0:.3g}: that of a batch of {0:.3g} is as large as its mean", scale);
}
std::string said(std::vector<double> const& eigenvalues) {
    auto const n = std::min<std::size_t>(3, eigenvalues.size());
    std::vector<std::string> most;
    for (std::size_t k = 0; k < n; ++k) most.push_back(fmt::format("{:.3g}", eigenvalues[eigenvalues.size() - 1 - k]));
    return fmt::format("{}; the least {:.2g}{}", fmt::join(most, ", "), eigenvalues.front(),
                       eigenvalues.back() > 0 ? fmt::format("; rates up to {:.2g}", 2 / eigenvalues.back()) : "");
}
std::string said(LearningStep const& s) { return fmt::format("{:.4g}, then {:.4g}, by {}", s.before, s.after, s.by); }

/// What a row says of each time.
template <class F> std::string learning_row(Examination const& e, std::string const& what, F f) {
    std::string cells;
    for (auto const& [when, l] : e.learning) {
        std::string const why = l ? f(*l).why : l.why;
        cells += "</td><td>" + (why.empty() ? html_text(f(*l).value.value_or(""))
                                            : "<span class=\"note\">no: " + html_text(why) + "</span>");
    }
    return "<tr><td>" + html_text(what) + cells + "</td></tr>\n";
}
template <class T, class... More> Possible<std::string> words(Possible<T> const& x, More... more) {
    return x ? Possible<std::string>{said(*x, more...), {}} : Possible<std::string>{{}, x.why};
}
std::string learning_table(Examination const& e) {
    std::string rows = "<tr><th>";
    for (auto const& [when, _] : e.learning) rows += "</th><th>" + html_text(when);
    rows += "</th></tr>\n";
    rows += learning_row(e, "noise of the gradient, tr Σ / |g|²",
                         [](Learning const& l) { return words(l.noise, l.sequences); });
    rows +=
        learning_row(e, "largest eigenvalues of the Hessian", [](Learning const& l) { return words(l.eigenvalues); });
    rows += learning_row(e, "loss, a step along the gradient", [](Learning const& l) { return words(l.plain); });
    rows += learning_row(e, "loss, a Hessian-free step", [](Learning const& l) { return words(l.hessian_free); });
    rows += learning_row(e, "loss, a step of K-FAC", [](Learning const& l) { return words(l.kronecker); });
    return html_table(rows);
}
std::string learning_part(Examination const& e) {
    if (e.learning.empty()) return "";
    std::string batch;
    if (auto const& first = e.learning[0].second; first)
        batch = note(
            fmt::format("Of {} sequences of {} steps. Each step is as long as the quadratic model of the loss says.",
                        first->sequences, first->steps));
    return "<h2>Learning</h2>\n" + learning_table(e) + batch;
}

// ---- costs ----------------------------------------------------------------------------------------------------------

std::string products(Examination const& e) {
    std::string rows;
    auto const add = [&](std::string const& what, auto const& x, auto f) {
        rows += row(what, x ? html_text(f(*x)) : "<span class=\"note\">no: " + html_text(x.why) + "</span>");
    };
    add("time of training", e.time, [](double x) {
        return fmt::format("{:.2f} of that of an LSTM of its size: 32 steps of 16 sequences, forward and back", x);
    });
    add("C file", e.c, [](SizeInC const& c) {
        return fmt::format("{} bytes of text; {} bytes of weights and {} of memory for a step, in float32",
                           grouped(c.source), grouped(c.weights), grouped(c.memory));
    });
    add("ONNX file", e.onnx, [](std::string const& op) { return "yes, as the operator " + op; });
    return html_table(rows);
}

std::string latex_part(Datasheet const& d) {
    return "<details><summary>In LaTeX</summary>\n<button type=\"button\" id=\"copy\">copy</button>\n<pre "
           "id=\"latex\">" +
           html_text(d.latex()) + "</pre></details>\n";
}

}  // namespace

std::string Examination::html() const {
    auto const same  = [](std::string const& s) { return s; };
    std::string body = "<h1>" + html_text(title) + "</h1>\n<script>" + make_script + "</script>\n" + facts(*this);
    body += "<h2>Picture</h2>\n" + shown(picture, "picture", same);
    body += "<h2>Equations</h2>\n" +
            shown(sheet, "equations", [](Datasheet const& d) { return d.equations_html() + latex_part(d); });
    body +=
        "<h2>Parameters</h2>\n" + shown(sheet, "parameters", [](Datasheet const& d) { return d.parameters_html(); });
    body += "<h2>Gradients</h2>\n" + checks_table(*this) + "<h2>Engines</h2>\n" + engines_table(*this);
    body += "<h2>Through time</h2>\n" + through_time(*this) + learning_part(*this);
    body +=
        "<h2>Costs</h2>\n" + shown(sheet, "count", [](Datasheet const& d) { return d.costs_html(); }) + products(*this);
    body += script_data("examination", curves_json(*this)) + "<script>" + curve_script + script + "</script>\n";
    return html_page(title, network_style() + curve_style + style, body);
}

}  // namespace unspool::core
