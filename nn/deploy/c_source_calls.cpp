// Array operations in C.
#include <fmt/format.h>
#include <unspool/autograd/cpu/plan.hpp>
#include <unspool/nn/deploy/c_source.hpp>
#include <unspool/nn/deploy/known_calls.hpp>

namespace unspool::core {

namespace {

PlannedWindow cut(PlannedWindow w, std::size_t axis, Index begin, Index n) {
    w.offset += begin * w.strides[axis];
    w.shape[axis] = n;
    return w;
}
PlannedWindow without_axis(PlannedWindow w, std::size_t axis) {
    w.shape.erase(axis), w.strides.erase(axis);
    return w;
}
PlannedWindow spread_to(PlannedWindow w, Shape const& shape) {
    w.strides = broadcast_strides(w.shape, w.strides, shape);
    w.shape   = shape;
    return w;
}
std::string added(std::string const& array, std::string const& index) {
    return index == "0" ? array : array + " + " + index;
}

/// An operation on the lists along some axes.
struct ListOperation {
    char const* helper;
    AxisSet along;
    bool reduces;
    std::optional<double> eps = {};
};
std::optional<ListOperation> list_operation(PlannedNode const& n) {
    if (auto const* op = call_of<Softmax>(*n.recorded)) return ListOperation{"softmax", op->along, false};
    if (auto const* op = call_of<LogSoftmax>(*n.recorded)) return ListOperation{"log_softmax", op->along, false};
    if (auto const* op = call_of<LayerNormalise>(*n.recorded))
        return ListOperation{"layer_norm", op->along, false, op->eps};
    if (auto const* op = call_of<RmsNormalise>(*n.recorded))
        return ListOperation{"rms_norm", op->along, false, op->eps};
    if (auto const* op = call_of<Max>(*n.recorded)) return ListOperation{"largest_of", op->along, true};
    if (auto const* op = call_of<Min>(*n.recorded)) return ListOperation{"smallest_of", op->along, true};
    if (auto const* op = call_of<Prod>(*n.recorded)) return ListOperation{"product_of", op->along, true};
    if (auto const* op = call_of<Norm2>(*n.recorded)) return ListOperation{"norm_of", op->along, true};
    if (auto const* op = call_of<LogSumExp>(*n.recorded)) return ListOperation{"log_sum_exp", op->along, true};
    return {};
}

}  // namespace

bool CSource::write_joined(PlannedNode const& n) {
    PlannedWindow const y = whole(n.result);
    std::string const& to = names_[n.result];
    if (call_of<Copy>(*n.recorded) || call_of<ScaleGradient>(*n.recorded) || call_of<ClipGradient>(*n.recorded))
        return copy(to, y, n.operands[0]), true;
    if (call_of<BroadcastTo>(*n.recorded)) return copy(to, y, spread_to(n.operands[0], y.shape)), true;
    if (auto const* op = call_of<Concat>(*n.recorded)) {
        Index begin = 0;
        for (auto const& x : n.operands)
            copy(to, cut(y, op->axis, std::exchange(begin, begin + x.shape[op->axis]), x.shape[op->axis]), x);
        return true;
    }
    if (auto const* op = call_of<Stack>(*n.recorded)) {
        for (std::size_t k = 0; k < n.operands.size(); ++k)
            copy(to, without_axis(cut(y, op->axis, static_cast<Index>(k), 1), op->axis), n.operands[k]);
        return true;
    }
    if (auto const* op = call_of<Pad>(*n.recorded)) {
        loops({count(y.shape)}, fmt::format("{}[i] = {};", to, c_number(op->value, plan_.dtype)));
        return copy(to, cut(y, op->axis, op->before, n.operands[0].shape[op->axis]), n.operands[0]), true;
    }
    if (call_of<Place>(*n.recorded)) return write_place(n), true;
    if (call_of<GatherRows>(*n.recorded)) return write_rows(n), true;
    if (call_of<LookUp>(*n.recorded)) return write_look_up(n), true;
    if (call_of<LinearRecurrence>(*n.recorded)) return write_recurrence(n), true;
    if (call_of<Matmul>(*n.recorded) || call_of<BatchedMatmul>(*n.recorded)) return write_products(n), true;
    return false;
}

void CSource::write_place(PlannedNode const& n) {
    auto const& places = call_of<Place>(*n.recorded)->placements;
    loops({count(plan_.arrays[n.result].shape)}, names_[n.result] + "[i] = 0;");
    for (std::size_t k = 0; k < n.operands.size(); ++k)
        copy(names_[n.result], {n.result, places[k].offset, places[k].shape, places[k].strides}, n.operands[k], "+=");
}

/// Rows whose numbers the cell knows by itself.
void CSource::write_rows(PlannedNode const& n) {
    auto const rows            = call_of<GatherRows>(*n.recorded)->rows.numbers;
    PlannedWindow const& table = n.operands[0];
    Index const width          = table.shape[1];
    for (std::size_t k = 0; k < rows.size(); ++k)
        copy(names_[n.result], {n.result, static_cast<Index>(k) * width, {width}, {1}},
             without_axis(cut(table, 0, rows[k], 1), 0));
}

void CSource::write_look_up(PlannedNode const& n) {
    PlannedWindow const& numbers = n.operands[0];
    PlannedWindow const& table   = n.operands[1];
    PlannedWindow const y        = whole(n.result);
    if (table.strides[1] != 1 && table.shape[1] > 1)
        refuse(n, "a table whose rows do not lie in one is not written in C");
    use("look_up");
    loops({y.shape[0]}, fmt::format("look_up({}, {}, {}, {}, {}, {});", table.shape[0], table.shape[1],
                                    element(name(numbers), numbers.offset, numbers.strides),
                                    added(name(table), c_index(table.offset, {})), table.strides[0],
                                    added(names_[n.result], c_index(0, {y.strides[0]}))));
}

void CSource::write_recurrence(PlannedNode const& n) {
    PlannedWindow const y = whole(n.result), a = spread_to(n.operands[0], y.shape),
                        b     = spread_to(n.operands[1], y.shape);
    PlannedWindow const first = without_axis(y, 0), h = spread_to(n.operands[2], first.shape);
    std::string const& to = names_[n.result];
    auto const step       = [&](Shape const& axes, auto const& strides, Index t, std::string const& before) {
        loops(axes, fmt::format("{} = {} * {} + {};", element(to, t * y.strides[0], strides(y)),
                                      element(name(a), a.offset + t * a.strides[0], strides(a)), before,
                                      element(name(b), b.offset + t * b.strides[0], strides(b))));
    };
    step(
        first.shape, [](PlannedWindow const& w) { return without_axis(w, 0).strides; }, 0,
        element(name(h), h.offset, h.strides));
    Shape later = y.shape;
    if (--later[0] > 0)
        step(
            later, [](PlannedWindow const& w) { return w.strides; }, 1, element(to, 0, y.strides));
}

void CSource::write_products(PlannedNode const& n) {
    PlannedWindow const y = whole(n.result);
    Shape const leading(std::span<Index const>(y.shape.begin(), y.shape.rank() - 2));
    loops({count(y.shape)}, names_[n.result] + "[i] = 0;");
    each_index(leading, [&](Index const* at) {
        auto const matrix = [&](PlannedWindow w) {
            std::size_t const own = w.shape.rank() - 2, missing = leading.rank() - own;
            for (std::size_t i = 0; i < own; ++i) w.offset += w.shape[i] == 1 ? 0 : at[missing + i] * w.strides[i];
            for (std::size_t i = 0; i < own; ++i) w = without_axis(w, 0);
            return w;
        };
        PlannedWindow const c = matrix(y);
        write_product(names_[n.result], c.offset, c.shape, c.strides, matrix(n.operands[0]), matrix(n.operands[1]));
    });
}

bool CSource::write_lists(PlannedNode const& n) {
    auto const op = list_operation(n);
    if (!op) return false;
    PlannedWindow const& x = n.operands[0];
    Strides const dense    = row_major(x.shape);
    Shape list, outer;
    Strides x_list, y_list, x_outer, y_outer;
    for (std::size_t a = 0; a < x.shape.rank(); ++a) {
        bool const inside = op->along.has(a);
        (inside ? list : outer).push_back(x.shape[a]);
        (inside ? x_list : x_outer).push_back(x.strides[a]);
        (inside ? y_list : y_outer).push_back(dense[a]);
    }
    if (op->reduces) y_outer = row_major(outer);
    Index memory[plan_size(Dims::max_rank, 2)];
    Plan const p = make_plan(memory, list, std::array{y_list, x_list});
    if (p.rank > 1) refuse(n, "lists along several axes that are not one in memory are not written in C");
    use(op->helper);
    std::string const from    = added(name(x), c_index(x.offset, x_outer)),
                      list_of = fmt::format("{}, {}, {}", p.row_length(), from, p.rank == 0 ? 1 : p.row_stride(1));
    std::string const& to     = names_[n.result];
    if (op->reduces) loops(outer, fmt::format("{} = {}({});", element(to, 0, y_outer), op->helper, list_of));
    else
        loops(outer,
              fmt::format("{}({}, {}, {}{});", op->helper, list_of, added(to, c_index(0, y_outer)),
                          p.rank == 0 ? 1 : p.row_stride(0), op->eps ? ", " + c_number(*op->eps, plan_.dtype) : ""));
    return true;
}

}  // namespace unspool::core
