// Statements, products, and the ends of a step.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/cpu/plan.hpp>
#include <unspool/autograd/statement/run.hpp>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/nn/deploy/c_helpers.hpp>
#include <unspool/nn/deploy/c_source.hpp>
#include <unspool/nn/deploy/layout.hpp>
#include <unspool/nn/deploy/paths.hpp>
#include <unspool/ops/linalg/sum_of_projections.hpp>

namespace unspool::core {

CSource::CSource(StepPlan& plan, std::string_view name, bool int8, bool loaded)
    : plan_(plan), int8_(int8), loaded_(loaded), words_(name), functions_(plan.dtype) {
    lay_out(plan_, {.values_only = true});
    name_arrays();
}

void CSource::name_arrays() {
    std::vector<std::string> paths;
    for (auto const& a : plan_.arrays)
        if (a.kind == PlannedArray::parameter) paths.push_back(a.name);
    std::string const shared = shared_path(paths);
    names_.resize(plan_.arrays.size());
    for (auto const& n : plan_.nodes)
        if (Statement const* const s = statement_of(*n.recorded))
            for (Token const& t : s->type->tokens)
                if (t.op) functions_.reserve(*t.op, words_);
    for (std::size_t a = 0; a < plan_.arrays.size(); ++a) {
        PlannedArray const& array = plan_.arrays[a];
        bool const int8           = int8_ && array.fixed() && only_weights(a) && count(array.shape) > 0;
        switch (array.kind) {
            case PlannedArray::input: names_[a] = words_.take(array.name); break;
            case PlannedArray::state: names_[a] = "s->" + words_.take(array.name); break;
            case PlannedArray::parameter: names_[a] = words_.take(short_path(array.name, shared)); break;
            case PlannedArray::constant: names_[a] = words_.take("constant"); break;
            case PlannedArray::value: break;
        }
        while (int8 && words_.take(names_[a] + "_scale") != names_[a] + "_scale") names_[a] = words_.take(names_[a]);
        if (array.fixed()) fixed_.push_back({a, names_[a], int8});
        if (array.fixed() && loaded_) names_[a] = "w->" + names_[a];
    }
    for (std::size_t a : plan_.inputs) inputs_.push_back(names_[a]);
    for (auto const& r : plan_.results) results_.push_back(words_.take(r.name));
    for (auto const& n : plan_.nodes) {
        std::size_t const root = plan_.arrays[n.result].root;
        names_[n.result]       = plan_.arrays[root].kind == PlannedArray::state
                                     ? names_[root]
                                     : words_.take(given_name(plan_.tape(), n.recorded->value));
    }
}

bool CSource::is_weight_of(PlannedNode const& n, std::size_t k) const {
    if (!dynamic_cast<SumOfProjections const*>(n.recorded->rule)) return false;
    auto const products    = static_cast<SumOfProjections::Attributes const*>(n.recorded->attributes)->products;
    PlannedWindow const& w = n.operands[k];
    return k < 2 * products && k % 2 == 1 && w.shape.rank() == 2 && w.strides == row_major(w.shape) &&
           plan_.arrays[w.array].shape.rank() == 2 && plan_.arrays[w.array].shape.back() == w.shape[1];
}
bool CSource::only_weights(std::size_t array) const {
    for (auto const& n : plan_.nodes)
        for (std::size_t k = 0; k < n.operands.size(); ++k)
            if (n.operands[k].array == array && !is_weight_of(n, k)) return false;
    return plan_.arrays[array].shape.rank() == 2 && !is_read_at_ends(array);
}

bool CSource::is_int8(std::size_t array) const {
    return std::any_of(fixed_.begin(), fixed_.end(), [&](Fixed const& f) { return f.array == array && f.int8; });
}

bool CSource::is_read_at_ends(std::size_t array) const {
    return std::any_of(plan_.results.begin(), plan_.results.end(),
                       [&](PlannedResult const& r) { return r.window.array == array; }) ||
           std::any_of(plan_.state.begin(), plan_.state.end(),
                       [&](PlannedState const& s) { return s.next.array == array; });
}
bool CSource::is_read(std::size_t array) const {
    auto const shows = [&](PlannedWindow const& w) { return w.array == array; };
    return is_read_at_ends(array) || std::any_of(plan_.nodes.begin(), plan_.nodes.end(), [&](PlannedNode const& n) {
               return std::any_of(n.operands.begin(), n.operands.end(), shows);
           });
}

void CSource::write() {
    write_unused();
    for (std::size_t a : plan_.inputs)
        if (is_read_at_ends(a) && size(a) > 0) kept_[a] = std::exchange(plan_.memory, plan_.memory + size(a));
    if (plan_.memory > 0) line(fmt::format("real work[{}];", plan_.memory));
    for (auto const& n : plan_.nodes) write_node(n);
    keep_inputs();
    write_ends();
}

/// Compilers are told that the step has arguments which it does not use.
void CSource::write_unused() {
    std::vector<std::string> words;
    for (std::size_t a : plan_.inputs)
        if (!is_read(a) || size(a) == 0) words.push_back(names_[a]);
    for (std::size_t k = 0; k < plan_.results.size(); ++k)
        if (count(plan_.results[k].window.shape) == 0) words.push_back(results_[k]);
    if (std::all_of(plan_.state.begin(), plan_.state.end(), [&](auto const& s) { return size(s.array) == 0; }))
        words.push_back("s");
    if (loaded_ && std::all_of(fixed_.begin(), fixed_.end(), [&](auto const& f) { return size(f.array) == 0; }))
        words.push_back("w");
    for (auto const& word : words) line(fmt::format("(void){};", word));
}

/// So that what comes out may be written over what goes in: all of that has been read before.
void CSource::keep_inputs() {
    for (auto const& [a, place] : kept_) {
        std::string const kept = words_.take(names_[a] + "_kept");
        line(fmt::format("real *const {} = work + {};", kept, place));
        loops({size(a)}, fmt::format("{}[i] = {}[i];", kept, names_[a]));
        names_[a] = kept;
    }
}

std::vector<std::string> CSource::functions() const {
    std::vector<std::string> out = functions_.definitions();
    for (auto const& h : helpers_) {
        std::string text = c_helper(h);
        for (auto at = text.find('$'); at != std::string::npos; at = text.find('$', at))
            text.replace(at, 1, plan_.dtype == float32 ? "f" : "");
        out.push_back(text);
    }
    return out;
}

void CSource::refuse(PlannedNode const& n, std::string_view what) const {
    throw TypeError(fmt::format("{}\n    {}", where(n), what));
}
std::string CSource::where(PlannedNode const& n) const {
    return fmt::format("{}: write_c: {}", text(n.recorded->value.where), formula_of(plan_.tape(), *n.recorded));
}

void CSource::line(std::string const& s) { body_ += "    " + s + "\n"; }

void CSource::loops(Shape const& axes, std::string const& inner) {
    std::string indent;
    for (std::size_t a = 0; a < axes.rank(); ++a, indent += "    ")
        line(fmt::format("{}for (int {} = 0; {} < {}; ++{})", indent, "ijklmn"[a], "ijklmn"[a], axes[a], "ijklmn"[a]));
    line(indent + inner);
}

std::string CSource::element(std::string const& array, Index offset, Strides const& strides) const {
    return fmt::format("{}[{}]", array, c_index(offset, strides));
}

PlannedWindow CSource::whole(std::size_t array) const {
    Shape const& shape = plan_.arrays[array].shape;
    return {array, 0, shape, row_major(shape)};
}

void CSource::copy(std::string const& to, PlannedWindow const& at, PlannedWindow const& from, char const* op) {
    Index memory[plan_size(Dims::max_rank, 2)];
    Plan const p = make_plan(memory, at.shape, std::array{at.strides, from.strides});
    Shape axes;
    Strides a, b;
    for (int k = 0; k < p.rank; ++k)
        axes.push_back(p.dims[k]), a.push_back(p.strides[2 * k]), b.push_back(p.strides[2 * k + 1]);
    if (count(at.shape) > 0)
        loops(axes, fmt::format("{} {} {};", element(to, at.offset, a), op, element(name(from), from.offset, b)));
}

void CSource::write_node(PlannedNode const& n) {
    PlannedArray const& root = plan_.arrays[plan_.arrays[n.result].root];
    body_ += fmt::format("\n    /* {} */\n", c_comment(plan_.equation(n)));
    if (root.kind == PlannedArray::value)
        line(fmt::format("real *const {} = work + {};", names_[n.result], root.place));
    if (count(plan_.arrays[n.result].shape) == 0) return;
    if (statement_of(*n.recorded)) return write_statement(n);
    if (dynamic_cast<SumOfProjections const*>(n.recorded->rule)) return write_projections(n);
    if (write_joined(n) || write_lists(n)) return;
    refuse(n, fmt::format("{} is not among the operations that are written in C", n.recorded->rule->name()));
}

void CSource::write_statement(PlannedNode const& n) {
    Statement const& s = *statement_of(*n.recorded);
    std::vector<Equation> leaves;
    for (int k = 0; k < s.leaves(); ++k) {
        PlannedWindow const& w = n.operands[static_cast<std::size_t>(k)];
        Strides strides;
        for (int a = 0; a < s.plan.rank; ++a) strides.push_back(s.plan.strides[a * s.plan.streams + k + 1]);
        leaves.push_back(element(name(w), w.offset, strides));
    }
    std::string const term = functions_.expression(Equation::of(s.type->tokens, leaves, s.numbers), where(n));
    if (s.reduces()) return write_reduction(n, term);
    Shape axes;
    Strides strides;
    for (int a = 0; a < s.plan.rank; ++a)
        axes.push_back(s.plan.dims[a]), strides.push_back(s.plan.strides[a * s.plan.streams]);
    loops(axes, fmt::format("{} = {};", element(names_[n.result], 0, strides), term));
}

void CSource::write_reduction(PlannedNode const& n, std::string const& term) {
    Statement const& s   = *statement_of(*n.recorded);
    std::string const& y = names_[n.result];
    Index const size     = count(plan_.arrays[n.result].shape);
    Shape axes;
    Strides strides;
    for (int a = 0; a < s.plan.rank; ++a)
        axes.push_back(s.plan.dims[a]), strides.push_back(s.plan.strides[a * s.plan.streams]);
    loops({size}, y + "[i] = 0;");
    loops(axes, fmt::format("{} += {};", element(y, 0, strides), term));
    if (s.scale != 1) loops({size}, fmt::format("{}[i] *= {};", y, c_number(s.scale, plan_.dtype)));
}

void CSource::write_projections(PlannedNode const& n) {
    auto const& a        = *static_cast<SumOfProjections::Attributes const*>(n.recorded->attributes);
    std::string const& y = names_[n.result];
    Index const width = plan_.arrays[n.result].shape.back(), rows = count(plan_.arrays[n.result].shape) / width;
    auto const biases = std::span(n.operands).subspan(2 * a.products);
    std::string start;
    for (auto const& b : biases)
        start += (start.empty() ? "" : " + ") +
                 element(name(b), b.offset, rows == 1 ? Strides{b.strides[0]} : Strides{0, b.strides[0]});
    Shape const axes = rows == 1 ? Shape{width} : Shape{rows, width};
    loops(axes, fmt::format("{} = {};", element(y, 0, row_major(axes)), start.empty() ? "0" : start));
    for (std::size_t k = 0; k < a.products; ++k) {
        PlannedWindow x = n.operands[2 * k], w = n.operands[2 * k + 1];
        Rows const r = rows_of(x.shape, x.strides);
        x.shape = {rows, x.shape.back()}, x.strides = {r.stride, x.strides.back()};
        bool const int8 = is_int8(w.array);
        if (is_weight_of(n, 2 * k + 1) && (x.strides[1] == 1 || x.shape[1] == 1)) {
            use(int8 ? "add_product_int8" : "add_product");
            std::string const at  = w.offset == 0 ? "" : fmt::format(" + {}", w.offset),
                              row = rows == 1 ? "" : fmt::format("{} * i", width);
            std::string const scale =
                int8 ? fmt::format(", {}_scale{}", name(w),
                                   w.offset == 0 ? "" : fmt::format(" + {}", w.offset / w.shape[1]))
                     : "";
            std::string const from = c_index(x.offset, rows == 1 ? Strides{} : Strides{r.stride});
            loops(rows == 1 ? Shape{} : Shape{rows},
                  fmt::format("{}({}, {}, {}{}{}, {}{}, {}{});", int8 ? "add_product_int8" : "add_product", w.shape[0],
                              w.shape[1], name(w), at, scale, name(x), from == "0" ? "" : " + " + from, y,
                              row.empty() ? "" : " + " + row));
        } else {
            std::swap(w.shape[0], w.shape[1]), std::swap(w.strides[0], w.strides[1]);
            write_product(y, 0, {rows, width}, {width, 1}, x, w);
        }
    }
}

/// y += a b, of matrices with any strides.
void CSource::write_product(std::string const& y, Index offset, Shape const& shape, Strides const& strides,
                            PlannedWindow const& a, PlannedWindow const& b) {
    use("add_matmul");
    auto const at = [](std::string const& array, Index o) { return o == 0 ? array : fmt::format("{} + {}", array, o); };
    line(fmt::format("add_matmul({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});", shape[0], shape[1], a.shape[1],
                     at(name(a), a.offset), a.strides[0], a.strides[1], at(name(b), b.offset), b.strides[0],
                     b.strides[1], at(y, offset), strides[0], strides[1]));
}

void CSource::write_ends() {
    body_ += "\n    /* what comes out, and the next state */\n";
    for (std::size_t k = 0; k < plan_.results.size(); ++k) {
        PlannedWindow const& from = plan_.results[k].window;
        copy(results_[k], {0, 0, from.shape, row_major(from.shape)}, from);
    }
    for (auto const& s : plan_.state)
        if (s.staged >= 0) copy("work", {0, s.staged, s.next.shape, row_major(s.next.shape)}, s.next);
    for (auto const& s : plan_.state) {
        PlannedWindow const to = whole(s.array);
        if (s.staged >= 0) loops({count(to.shape)}, fmt::format("{}[i] = work[{}];", name(to), c_index(s.staged, {1})));
        else if (!s.in_place) copy(name(to), to, s.next);
    }
}

}  // namespace unspool::core
