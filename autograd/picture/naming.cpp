// Puts equations into words.
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/naming.hpp>
#include <unspool/autograd/picture/words.hpp>
#include <unspool/autograd/source/source.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/text/elided.hpp>

namespace unspool::core {

namespace {

constexpr int deepest         = 6;  // equations within an equation
constexpr int deepest_joining = 3;  // of what was laid side by side, within such

}  // namespace

Naming::Naming(Subgraph const& reading, Zoom const& zoom, GraphOptions const& options)
    : reading_(reading), zoom_(zoom), options_(options) {
    std::size_t const n = reading.order().size();
    names_.resize(n), folded_.resize(n), depth_.resize(n);
    fold();
    name_the_rest();
    abbreviate_parameters();
}

bool Naming::drawn(int u) const { return !folded(u) && !reading_.hidden(u) && !reading_[u].param() && !is_number(u); }

// ---- names of units -------------------------------------------------------------------------------------------------

std::optional<double> Naming::value(int u) const {
    Vertex const& unit  = reading_[u];
    bool const constant = unit.leaf() && !unit.param() && !(unit.node && unit.node->requires_grad);
    return constant ? only_number(reading_.tape(), *unit.window) : std::nullopt;
}

/// A constant of one value needs no other name.
std::string Naming::number(int u) const {
    auto const x = value(u);
    return x ? text_of_number(*x) : "";
}

bool Naming::is_number(int u) const {
    Vertex const& unit = reading_[u];
    return unit.leaf() && unit.window->shape.empty() && !unit.result && name(u) == number(u) && !name(u).empty();
}

std::string Naming::given(int u) const {
    Vertex const& unit     = reading_[u];
    std::string const name = given_name(reading_.tape(), *unit.window);
    return name.empty() ? number(u) : name;
}

bool Naming::foldable(int u) const {
    Vertex const& x = reading_[u];
    if (options_.level == GraphOptions::operations || x.leaf() || x.result || x.uses != 1 || x.partly ||
        reading_.hidden(u))
        return false;
    Vertex const& y = reading_[x.user];
    if (!reading_.within(x.frame, y.frame) || reading_.step_around(x.frame) != reading_.step_around(y.frame))
        return false;
    auto is_call = [](Vertex const& z) { return z.node->rule->name() != "statement"; };
    return (!is_call(y) || y.operands.size() <= most_operands) && depth_[at(u)] < deepest &&
           (is_call(x) || same_statement(x.node->value.where, y.node->value.where));
}

void Naming::fold() {
    Index boxes = 0;
    for (int u : reading_.order()) {
        for (Window const* w : reading_[u].inputs)
            if (int const x = reading_.unit(*w); folded(x)) depth_[at(u)] = std::max(depth_[at(u)], depth_[at(x)] + 1);
        if (reading_.hidden(u) || reading_[u].param()) continue;
        names_[at(u)]  = given(u);
        folded_[at(u)] = names_[at(u)].empty() && foldable(u);
        if (drawn(u) && zoom_.box(reading_[u].frame) < 0 && ++boxes > options_.limit)
            throw ValueError(fmt::format(
                "this graph has more than {} boxes: draw a result nearer to the inputs, stamp the steps of its loops "
                "with Scope(tape, t) so that steps(k) or rolled() can leave some out, draw modules, or raise limit",
                options_.limit));
    }
}

/// "i, f, g, o": the pieces that a unit was split into, if this is one of them.
std::string Naming::pieces(Window const& w) const {
    std::size_t n = 0;
    for (Window const* v = &w; v->parent && n++ < most_views; v = v->parent)
        if (v->viewing.kind == Viewing::piece && reading_.whole(*v->parent))
            for (Assignment const& a : assignments(v->where))
                if (a.head == "split" && a.names.size() == static_cast<std::size_t>(v->viewing.end))
                    return fmt::format("{}", fmt::join(a.names, ", "));
    return "";
}

std::string Naming::module(int u) const {
    auto const modules = reading_.modules_around(reading_[u].frame);
    return modules.empty() || reading_[u].leaf() ? "" : modules.back();
}

/// Names what no line names: by the pieces that it is split into, by its module if that makes one such value, by a number.
void Naming::name_the_rest() {
    std::map<int, int> nameless;  // in each frame
    for (int u : reading_.order()) {
        if (reading_.hidden(u)) continue;
        for (Window const* w : reading_[u].inputs)
            if (int const x = reading_.unit(*w); drawn(x) && name(x).empty()) names_[at(x)] = pieces(*w);
    }
    auto wants_name = [&](int u) { return drawn(u) && name(u).empty(); };
    for (int u : reading_.order())
        if (wants_name(u)) ++nameless[reading_[u].frame];
    int n = 0;
    for (int u : reading_.order())
        if (wants_name(u)) {
            if (nameless[reading_[u].frame] == 1) names_[at(u)] = module(u);
            if (name(u).empty()) names_[at(u)] = fmt::format("%{}", ++n);
        }
}

// ---- names of parameters --------------------------------------------------------------------------------------------

std::string Naming::without_modules(int u, int frame) const {
    std::string const path  = reading_[u].node->param->path();
    auto const modules      = reading_.modules_around(frame);
    std::string const whole = fmt::format("{}.", fmt::join(modules, "."));
    if (path.starts_with(whole)) return path.substr(whole.size());
    std::size_t const inner = modules.empty() ? std::string::npos : ("." + path).find("." + modules.back() + ".");
    return inner == std::string::npos ? path : path.substr(inner + modules.back().size() + 1);
}

/// As short as they can be without being mistaken for each other within a frame.
void Naming::abbreviate_parameters() {
    std::map<int, std::set<int>> used;  // in each frame, by equations that are drawn there
    for (int u : reading_.order()) {
        if (reading_.hidden(u)) continue;
        for (Window const* w : reading_[u].inputs)
            if (int const p = reading_.unit(*w); reading_[p].param()) used[drawing_frame(u)].insert(p);
    }
    for (auto& [frame, params] : used) {
        std::vector<std::string> paths;
        for (int p : params) paths.push_back(without_modules(p, frame));
        std::size_t const prefix = common_prefix(paths);
        std::map<std::string, int> count;
        auto brief = [&](std::string const& path) { return without_weight(path.substr(prefix)); };
        for (auto& p : paths) ++count[brief(p)];
        std::size_t i = 0;
        for (int p : params) {
            std::string const& path = paths[i++];
            parameters_[{p, frame}] = count[brief(path)] == 1 ? brief(path) : path;
        }
    }
}

/// The frame of the box that a unit is drawn in.
int Naming::drawing_frame(int u) const {
    while (folded(u)) u = reading_[u].user;
    return reading_[u].frame;
}

std::string Naming::parameter(int u, int frame) const {
    auto const it = parameters_.find({u, frame});
    return it == parameters_.end() ? reading_[u].node->param->path() : it->second;
}

// ---- equations ------------------------------------------------------------------------------------------------------

std::string Naming::own_name(Window const& w) const { return reading_.whole(w) ? "" : given_name(reading_.tape(), w); }

/// "xs[3]"; "xs[t]", where the index goes along with time.
Equation Naming::taken(Equation of, Window const& w) const {
    auto const ahead = reading_.moving(w);
    if (!ahead) return viewed(std::move(of), w.viewing);
    std::string axes;
    for (Index i = 0; i < w.viewing.axis; ++i) axes += ":,";
    return Equation::part(std::move(of), fmt::format("[{}t{}]", axes, *ahead ? fmt::format("{:+}", *ahead) : ""));
}

/// What `start` says of the nearest window before it for which it says something, and what was taken from there; behind too many views,
/// what `far` says, without their middle.
template <class Start, class Far>
Equation Naming::along_views(Window const& w, Start const& start, Far const& far) const {
    std::vector<Window const*> views;
    Window const* v               = &w;
    std::optional<Equation> found = start(*v);
    for (; !found && views.size() < most_views; found = start(*v)) views.push_back(v), v = v->parent;
    if (!found) views.resize(most_views / 2);
    Equation out = found ? *found : Equation::part(far(), " … ");
    for (; !views.empty(); views.pop_back()) out = taken(std::move(out), *views.back());
    return out;
}

std::string Naming::part(Window const& w) const {
    auto const start = [&](Window const& v) {
        std::string const own = own_name(v);
        return reading_.whole(v) || !own.empty() ? std::optional<Equation>(own) : std::nullopt;
    };
    return core::text(along_views(w, start, [] { return Equation(""); }));
}

Equation Naming::from(Window const& w, int frame) const { return taken(operand(*w.parent, frame, 0), w); }

/// "ₜ₋₁", where one step stands for all.
std::string Naming::relative(int step, int viewer) const {
    auto const& frames = reading_.frames();
    Index const ahead  = frames[at(step)].step - frames[at(viewer)].step;
    return ahead == 0 ? "ₜ" : fmt::format("ₜ{}{}", ahead < 0 ? "₋" : "₊", subscript(std::abs(ahead)));
}

std::string Naming::module_of_loop(int step) const {
    int const outer = reading_.loop_around(step)->parent;
    return outer > 0 ? fmt::format("{}.", reading_.frames()[at(outer)].module) : "";
}

/// The name of a unit, with the time step, and the layer, if a reader elsewhere would not know it.
std::string Naming::name_from(int u, std::string const& name, int frame) const {
    int const step = reading_.step_around(reading_[u].frame), viewer = reading_.step_around(frame);
    if (step == 0 || reading_.within(frame, step)) return name;
    bool const other         = viewer > 0 && reading_.loop_around(viewer) != reading_.loop_around(step);
    std::string const prefix = other ? module_of_loop(step) : "";
    if (viewer > 0 && reading_.rolled_around(viewer) && reading_.rolled_around(step))
        return prefix + name + relative(step, viewer);
    return prefix + name + subscript(reading_.frames()[at(step)].step);
}

std::string Naming::called(int u) const {
    if (!reading_.hidden(u)) return name(u);
    if (int const shown = reading_.shown_as(u); shown >= 0) return name(shown);
    std::string const own = given(u);
    return own.empty() ? module(u) : own;
}

/// What was laid side by side is called by its own names: "[h₂, l0_reverse.h₂]".
Equation Naming::lying_at(Window const& w, int frame, int depth) const {
    auto const all = reading_.lying_at(w);
    if (depth == deepest_joining) return "…";
    auto const some =
        some_texts(all.size(), most_operands, [&](std::size_t k) { return operand(*all[k], frame, depth + 1); });
    return some.size() == 1 ? some[0] : Equation::of(side_by_side, some);
}

Equation Naming::operand_of_unit(int u, int frame) const {
    if (reading_[u].param()) return parameter(u, frame);
    std::string const name = name_from(u, called(u), frame);
    auto const x           = value(u);
    return x && name == text_of_number(*x) ? Equation::number(*x, name) : Equation(name);
}

Equation Naming::operand(Window const& w, int frame, int depth) const {
    int const u      = reading_.unit(w);
    auto const start = [&](Window const& v) -> std::optional<Equation> {
        if (!reading_.lying_at(v).empty()) return lying_at(v, frame, depth);
        if (folded(u)) return equation(u, frame, depth);
        if (reading_.whole(v)) return operand_of_unit(u, frame);
        std::string const own = own_name(v);
        return own.empty() ? std::nullopt : std::optional<Equation>(name_from(u, own, frame));
    };
    return along_views(w, start, [&] { return operand_of_unit(u, frame); });
}

std::string Naming::text(Window const& w, int frame) const { return core::text(operand(w, frame, 0)); }

Equation Naming::equation(int u, int frame, int depth) const {
    Vertex const& unit  = reading_[u];
    std::size_t const n = unit.operands.size(), most = unit.node->rule->name() == "statement" ? n : most_operands;
    auto const operands = some_texts(n, most, [&](std::size_t k) { return operand(*unit.operands[k], frame, depth); });
    return unit.node->rule->equation(*unit.node, operands);
}

Equation Naming::equation(int u) const { return reading_[u].leaf() ? Equation() : equation(u, reading_[u].frame, 0); }

}  // namespace unspool::core
