// Makes up what a cell is checked with.
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/nn/recurrence/gradcheck.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/derivatives/differentiated.hpp>

namespace unspool::core {

namespace {

xt::xarray<double> noise(Random& random, Shape const& shape) {
    auto out = xt::xarray<double>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
    for (double& x : out) x = 0.7 * random.normal();
    return out;
}

/// All elements in one row.
Var end_to_end(std::vector<Var> const& all) {
    std::vector<Var> flat;
    for (Var const& x : all) flat.push_back(reshape(x, {-1}));
    return concat(flat);
}

/// Where the check starts: the sequences first, and then the parts of the state.
class Start {
public:
    Start(ErasedCell const& cell, CellcheckOptions const& o, Where where)
        : cell_(cell), options_(o), where_(where), random_(o.gradcheck.seed + 1) {}

    std::vector<GradInput> operator()() {
        std::vector<GradInput> out = sequences();
        for (GradInput& part : state()) out.push_back(std::move(part));
        return out;
    }

private:
    std::vector<GradInput> sequences() {
        if (options_.inputs.empty() && cell_.inputs == 1) {
            Index const in = options_.in > 0
                                 ? options_.in
                                 : features(cell_, options_.batch, "gradcheck", "CellcheckOptions::in", where_);
            return {{"xs", noise(random_, {options_.steps, options_.batch, in})}};
        }
        if (options_.inputs.size() != cell_.inputs)
            throw ShapeError(
                fmt::format("{}: gradcheck: the cell takes {} inputs a step, {} were given: give the sequences, "
                            "`{{.inputs = {{{{\"xs\", xs}}, {{\"dt\", dt}}}}}}`",
                            text(where_), cell_.inputs, options_.inputs.size()));
        return named(options_.inputs, cell_.inputs == 1 ? std::vector<std::string>{"xs"} : std::vector<std::string>{});
    }
    std::vector<GradInput> state() {
        std::vector<std::string> names;
        for (std::string const& name : cell_.names) names.push_back(states::initial_name(name));
        if (options_.state.empty() && cell_.zeros.empty())
            throw ValueError(
                fmt::format("{}: gradcheck: the cell has no zeros(tape, batch): give the state that it starts from, "
                            "`{{.state = {{{{\"{}\", array}}}}}}`",
                            text(where_), cell_.names[0]));
        if (options_.state.empty()) return noisy_zeros(names);
        if (options_.state.size() != names.size())
            throw ShapeError(fmt::format("{}: gradcheck: the state has {} parts ({}), {} were given", text(where_),
                                         names.size(), fmt::join(cell_.names, ", "), options_.state.size()));
        return named(options_.state, names);
    }
    std::vector<GradInput> noisy_zeros(std::vector<std::string> const& names) {
        std::vector<GradInput> out;
        for (std::size_t k = 0; k < names.size(); ++k)
            out.emplace_back(names[k], cell_.zeros[k] + noise(random_, cell_.shape(k)));
        return out;
    }
    static std::vector<GradInput> named(std::vector<GradInput> given, std::vector<std::string> const& names) {
        for (std::size_t k = 0; k < std::min(given.size(), names.size()); ++k)
            if (given[k].name.empty()) given[k].name = names[k];
        return given;
    }

    ErasedCell const& cell_;
    CellcheckOptions const& options_;
    Where where_;
    Random random_;
};

/// The parameters that a function used, in the order of their first use.
std::vector<Param const*> used_on(Tape const& tape) {
    std::vector<Param const*> out;
    for (Node const* n : tape.nodes())
        if (n->param && std::find(out.begin(), out.end(), n->param) == out.end()) out.push_back(n->param);
    return out;
}

/// Of those that were made with the used ones: what the cell refers to, and no step needs.
void warn_of_unused(ErasedCell const& cell, GradReport& report, std::vector<Param const*> const& used) {
    std::vector<Param const*> met = used;
    auto const is_new             = [&](Param const* p) { return std::find(met.begin(), met.end(), p) == met.end(); };
    for (Param const* first : used)
        for (Param const* p = &first->next(); p != first; p = &p->next()) {
            if (!is_new(p)) continue;
            met.push_back(p);
            if (p->trained() && cell.holds(*p))
                report.warnings.push_back(fmt::format("the cell holds {}, but no step uses it", p->path()));
        }
}

}  // namespace

GradReport check_cell(ErasedCell const& cell, Params const* params, CellcheckOptions const& o, Where where) {
    std::vector<GradInput> const start = Start(cell, o, where)();
    std::vector<Param const*> used;
    auto const f = [&](Tape& tape, std::span<Var const> x) {
        Var const y = end_to_end(cell.scan(x.first(cell.inputs), x.subspan(cell.inputs), {}));
        if (used.empty()) used = used_on(tape);
        return y;
    };
    Differentiable checked = f;
    for (int k = 1; k < o.order; ++k) checked = differentiated(std::move(checked));
    GradReport out =
        params ? gradcheck(checked, start, *params, o.gradcheck, where) : gradcheck(checked, start, o.gradcheck, where);
    if (!params) warn_of_unused(cell, out, used);
    return out;
}

}  // namespace unspool::core
