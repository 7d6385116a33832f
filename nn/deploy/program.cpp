// How nodes become instructions.  What an operation's own function computes with the arrays where they lie is called as it is.
#include <algorithm>
#include <unspool/autograd/cpu/copy.hpp>
#include <unspool/autograd/statement/run.hpp>
#include <unspool/nn/deploy/known_calls.hpp>
#include <unspool/nn/deploy/program.hpp>
#include <unspool/ops/linalg/sum_of_projections.hpp>

namespace unspool::core {

namespace {

/// A node's own function.
class RunCall final : public Instruction {
public:
    RunCall(Tape const& tape, Node const& node, Window value, std::vector<Window> operands)
        : tape_(tape), node_(node), value_(value), windows_(std::move(operands)) {
        for (Window const& w : windows_) operands_.push_back(&w);
    }
    void run() const override { node_.rule->recompute(tape_, node_, value_, operands_); }

private:
    Tape const& tape_;
    Node const& node_;
    Window value_;
    std::vector<Window> windows_;
    std::vector<Window const*> operands_;
};

template <class T> bool rows_are_contiguous(Array<T> const& a) {
    return (a.strides[1] == 1 || a.shape[1] == 1) &&
           (a.strides[0] >= std::max(Index{1}, a.shape[1]) || a.shape[0] == 1);
}
template <class T> Index distance_of_rows(Array<T> const& a) {
    return a.shape[0] == 1 ? std::max(Index{1}, a.shape[1]) : a.strides[0];
}

template <class T> Array<T> matrix_at(Array<T> const& a, Shape const& leading, Index const* at) {
    std::size_t const own = a.shape.rank() - 2, missing = leading.rank() - own;
    Array<T> out{a.data, {a.shape[own], a.shape[own + 1]}, {a.strides[own], a.strides[own + 1]}};
    for (std::size_t i = 0; i < own; ++i)
        if (a.shape[i] != 1) out.data += at[missing + i] * a.strides[i];
    return out;
}

}  // namespace

template <Real T> class Program<T>::Writer {
public:
    Writer(Program& to, StepPlan const& plan, FixedNumbers<T>& fixed) : to_(to), plan_(plan), fixed_(fixed) {
        to_.base_ = memory(plan_.memory);
        for (PlannedArray const& a : plan_.arrays) fixed_arrays_.push_back(a.fixed() ? numbers_of(a) : nullptr);
    }

    void run() {
        for (auto const& n : plan_.nodes) write(n);
        for (auto const& r : plan_.results) {
            to_.results_.push_back(memory(count(r.window.shape)));
            copy_to({to_.results_.back(), r.window.shape, row_major(r.window.shape)}, array(r.window));
        }
        for (auto const& s : plan_.state)
            if (s.staged >= 0) copy_to({to_.at(s.staged), s.next.shape, row_major(s.next.shape)}, array(s.next));
        for (auto const& s : plan_.state) {
            Array<T> const state = value_of(s.array);
            if (s.staged >= 0) copy_to(state, {to_.at(s.staged), state.shape, state.strides});
            else if (!s.in_place) copy_to(state, array(s.next));
        }
    }

private:
    static constexpr Index behind = Arena::alignment / sizeof(T);  // loops read so far behind an end

    // ---- memory -----------------------------------------------------------------------------------------------------

    T* memory(Index n) {
        auto const bytes = static_cast<std::size_t>(n + behind) * sizeof(T);
        return static_cast<T*>(std::memset(to_.memory_.array(bytes), 0, bytes));
    }
    /// So many numbers that `fill` writes if no other program has asked for them before.
    template <class Fill> T const* fixed(Index n, Fill fill) {
        if (next_fixed_ == fixed_.blocks.size()) {
            auto const bytes = static_cast<std::size_t>(n + behind) * sizeof(T);
            T* const block   = static_cast<T*>(std::memset(fixed_.memory.array(bytes), 0, bytes));
            fill(block);
            fixed_.blocks.push_back(block);
        }
        return fixed_.blocks[next_fixed_++];
    }
    T const* numbers_of(PlannedArray const& a) {
        return fixed(count(a.shape), [&](T* to) {
            copy<T>({to, a.shape, row_major(a.shape)},
                    {static_cast<T const*>(a.recorded->data), a.shape, a.recorded->strides});
        });
    }
    Array<T const> array(PlannedWindow const& w) const {
        T const* const whole = is_fixed(w) ? fixed_arrays_[w.array] : to_.at(plan_.arrays[w.array].place);
        return {whole + w.offset, w.shape, w.strides};
    }
    bool is_fixed(PlannedWindow const& w) const { return plan_.arrays[w.array].fixed(); }
    Array<T> value_of(std::size_t a) const {
        Shape const& shape = plan_.arrays[a].shape;
        return {to_.at(plan_.arrays[a].place), shape, row_major(shape)};
    }
    /// The same numbers as contiguous ones, copied at each step unless they are fixed.
    T const* gathered(Array<T const> const& from, bool is_fixed) {
        auto const to = [&](T* data) { return Array<T>{data, from.shape, row_major(from.shape)}; };
        if (is_fixed) return fixed(count(from.shape), [&](T* data) { copy<T>(to(data), from); });
        T* const out = memory(count(from.shape));
        copy_to(to(out), from);
        return out;
    }

    template <class I> I& add(std::unique_ptr<I> i) {
        I& out = *i;
        to_.code_.push_back(std::move(i));
        return out;
    }
    void copy_to(Array<T> const& to, Array<T const> const& from, bool adds = false) {
        add(std::make_unique<RunCopy<T>>(to, from, adds));
    }

    // ---- nodes ------------------------------------------------------------------------------------------------------

    void write(PlannedNode const& n) {
        Node const& node = *n.recorded;
        Array<T> const y = value_of(n.result);
        if (count(y.shape) == 0) return;
        if (auto const* s = statement_of(node)) return write_statement(n, *s, y);
        if (auto const* sum = dynamic_cast<SumOfProjections const*>(node.rule); sum && !node.host)
            return write_projections(n, *static_cast<SumOfProjections::Attributes const*>(node.attributes), y);
        if (call_of<Matmul>(node)) return write_product(y, n.operands[0], n.operands[1], false);
        if (call_of<BatchedMatmul>(node)) return write_products(n, y);
        if (call_of<Copy>(node)) return copy_to(y, array(n.operands[0]));
        if (auto const* op = call_of<Concat>(node)) return write_concat(n, op->axis, y);
        if (auto const* op = call_of<Stack>(node)) {
            for (std::size_t k = 0; k < n.operands.size(); ++k)
                copy_to(core::at(y, op->axis, static_cast<Index>(k)), array(n.operands[k]));
            return;
        }
        write_call(n, y);
    }

    void write_statement(PlannedNode const& n, Statement const& s, Array<T> const& y) {
        auto run  = std::make_unique<RunLoop<T>>();
        run->loop = s.type->template forward<T>();
        run->numbers.assign(s.numbers.begin(), s.numbers.end());
        run->y             = y.data;
        bool const by_rows = s.block && s.plan.rank == 2;
        Index size         = 1;
        for (int a = 0; a < s.plan.rank; ++a) size *= s.plan.dims[a];
        run->rows = by_rows ? s.plan.dims[0] : 1;
        run->n    = by_rows ? s.plan.row_length() : whole_registers<T>(size);
        for (int k = 0; k < s.leaves(); ++k) {
            PlannedWindow const& w = n.operands[static_cast<std::size_t>(k)];
            run->x.push_back(s.block ? array(w).data : leaf(w, s.plan, k + 1));
            run->step.push_back(1);
            run->skip.push_back(by_rows ? s.plan.strides[k + 1] - run->n : 0);
        }
        if (!s.reduces()) return void(add(std::move(run)));
        T* const terms = run->y = memory(size);
        if (size > 0) add(std::move(run));
        auto sum  = std::make_unique<RunSum<T>>();
        sum->plan = s.plan, sum->from = terms, sum->to = y.data, sum->scale = s.scale;
        sum->sums.resize(static_cast<std::size_t>(count(y.shape)));
        add(std::move(sum));
    }
    /// A leaf's numbers in the order of the loop.
    T const* leaf(PlannedWindow const& w, Plan const& plan, int stream) {
        Array<T const> from{array(w).data, {}, {}};
        for (int a = 0; a < plan.rank; ++a)
            from.shape.push_back(plan.dims[a]), from.strides.push_back(plan.strides[a * plan.streams + stream]);
        return is_contiguous(from.shape, from.strides) ? from.data : gathered(from, is_fixed(w));
    }

    void write_projections(PlannedNode const& n, SumOfProjections::Attributes const& a, Array<T> const& y) {
        Array<T> const c  = as_matrix(y);
        auto const biases = std::span(n.operands).subspan(2 * a.products);
        auto const rows   = [&](T const* row) { return Array<T const>{row, c.shape, {0, 1}}; };
        if (std::all_of(biases.begin(), biases.end(), [&](auto const& b) { return is_fixed(b); })) {
            if (!biases.empty()) copy_to(c, rows(sum_of_fixed(biases, c.shape[1])));
        } else {
            for (auto const& b : biases) copy_to(c, {array(b).data, c.shape, {0, b.strides[0]}}, &b != &biases[0]);
        }
        for (std::size_t k = 0; k < a.products; ++k)
            write_product(c, as_matrix(array(n.operands[2 * k])), transposed(array(n.operands[2 * k + 1])),
                          is_fixed(n.operands[2 * k + 1]), k > 0 || !biases.empty());
    }
    T const* sum_of_fixed(std::span<PlannedWindow const> biases, Index n) {
        return fixed(n, [&](T* to) {
            for (auto const& b : biases)
                copy<T>({to, {n}, {1}}, array(b), &b == &biases[0] ? WriteMode::assign : WriteMode::add);
        });
    }

    void write_product(Array<T> const& c, PlannedWindow const& a, PlannedWindow const& b, bool adds) {
        write_product(c, array(a), array(b), is_fixed(b), adds);
    }
    /// In blocks of rows and panels as multiply() has them.
    void write_product(Array<T> const& c, Array<T const> a, Array<T const> b, bool b_is_fixed, bool adds) {
        constexpr Index width = backend::panel_width<T>, few = 64;
        Index const m = c.shape[0], n = c.shape[1], k = a.shape[1], rows = m <= few ? m : 48;
        bool const columns = !rows_are_contiguous(a) && rows_are_contiguous(transposed(a));
        if (!columns && !rows_are_contiguous(a)) a = {gathered(a, false), a.shape, row_major(a.shape)};
        for (Index j = 0; j < n; j += width) {
            Array<T const> const panel = panel_of(b, j, std::min(width, n - j), b_is_fixed);
            for (Index i = 0; i < m; i += rows) {
                auto p = std::make_unique<RunProduct<T>>();
                p->m = std::min(rows, m - i), p->n = panel.shape[1], p->k = k;
                p->a      = a.data + i * a.strides[0];
                p->layout = {columns, columns ? distance_of_rows(transposed(a)) : distance_of_rows(a)};
                p->b = panel.data, p->ldb = panel.strides[0], p->add = adds;
                p->c = c.data + i * c.strides[0] + j, p->ldc = distance_of_rows(c);
                if (k > 0) p->kernel = backend::kernel<T>(p->m, p->n, k, p->layout, p->ldb, T(adds), p->ldc);
                add(std::move(p));
            }
        }
    }
    /// Columns [j, j + n) with contiguous rows: of weights, as panels.
    Array<T const> panel_of(Array<T const> const& b, Index j, Index n, bool is_fixed) {
        Array<T const> const from = part(b, 1, j, n);
        if (!is_fixed && rows_are_contiguous(b)) return {from.data, from.shape, {distance_of_rows(b), 1}};
        Index const width = is_fixed ? backend::panel_width<T> : n;
        auto const lay    = [&](T* data) { return Array<T>{data, from.shape, {width, 1}}; };
        if (is_fixed) return lay(const_cast<T*>(fixed(width * b.shape[0], [&](T* to) { copy<T>(lay(to), from); })));
        Array<T> const out = lay(memory(n * b.shape[0]));
        copy_to(out, from);
        return out;
    }
    void write_products(PlannedNode const& n, Array<T> const& y) {
        Shape const leading(std::span<Index const>(y.shape.begin(), y.shape.rank() - 2));
        Array<T const> const a = array(n.operands[0]), b = array(n.operands[1]);
        each_index(leading, [&](Index const* at) {
            write_product(matrix_at(y, leading, at), matrix_at(a, leading, at), matrix_at(b, leading, at),
                          is_fixed(n.operands[1]), false);
        });
    }

    void write_concat(PlannedNode const& n, std::size_t axis, Array<T> const& y) {
        Index begin = 0;
        for (auto const& x : n.operands) {
            copy_to(part(y, axis, begin, x.shape[axis]), array(x));
            begin += x.shape[axis];
        }
    }

    void write_call(PlannedNode const& n, Array<T> const& y) {
        auto const window = [](void const* data, Shape const& shape, Strides const& strides) {
            Window w;
            w.data = const_cast<void*>(data), w.shape = shape, w.strides = strides;
            return w;
        };
        std::vector<Window> operands;
        for (auto const& w : n.operands) operands.push_back(window(array(w).data, w.shape, w.strides));
        add(std::make_unique<RunCall>(plan_.tape(), *n.recorded, window(y.data, y.shape, y.strides),
                                      std::move(operands)));
    }

    Program& to_;
    StepPlan const& plan_;
    FixedNumbers<T>& fixed_;
    std::size_t next_fixed_ = 0;
    std::vector<T const*> fixed_arrays_;
};

template <Real T> Program<T>::Program(StepPlan const& plan, FixedNumbers<T>& fixed) {
    Writer(*this, plan, fixed).run();
}

template class Program<float>;
template class Program<double>;

}  // namespace unspool::core
