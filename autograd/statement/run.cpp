// Rows of arrays, made regular piece by piece.
#include <algorithm>
#include <unspool/autograd/statement/block.hpp>
#include <unspool/autograd/statement/tiles.hpp>
#include <vector>

namespace unspool::core {

namespace {

constexpr Index stage_length = 128;  // elements: several arrays of it fit in the first-level cache

/// One row of a statement, made regular piece by piece.
template <Real T> class Row {
public:
    /// `sums` is where a reduction goes.
    Row(Statement const& s, FirstElements<T> const& o, double* sums = nullptr) : s_(s), o_(o), sums_(sums) {
        streams_ = {nullptr, nullptr, x_, dx_, step_, step_, fill_, s.numbers.data()};
    }

    void forward(T* y, Index const* offset) {
        begin(offset);
        walk(
            s_.overrun, [&](Index at, Index n) { forward_direct(y + offset[0], at, n); },
            [&](Index at, Index n) { forward_staged(y + offset[0], at, n); });
    }
    void reverse(T const* y, T const* g, Index const* offset) {
        begin(offset);
        for (int k = 0; k < s_.leaves(); ++k) std::fill_n(total_[k], simd_width<T>, T(0));
        walk(
            s_.overrun && !repeats_, [&](Index at, Index n) { reverse_direct(y + offset[0], g + offset[0], at, n); },
            [&](Index at, Index n) { reverse_staged(y ? y + offset[0] : nullptr, g + offset[0], at, n); });
        for (int k = 0; k < s_.leaves(); ++k)
            if (stride(k) == 0 && o_.fill[k] != WriteMode::none)
                o_.dx[k][offset_[k + 1]] += std::accumulate(total_[k], total_[k] + simd_width<T>, T(0));
    }

private:
    static constexpr Index width = simd_width<T>;
    Index stride(int k) const { return s_.plan.row_stride(k + 1); }

    void begin(Index const* offset) {
        offset_  = offset;
        repeats_ = false;
        for (int k = 0; k < s_.leaves(); ++k)
            if (stride(k) == 0) std::fill_n(splat_[k], width, o_.x[k][offset[k + 1]]), repeats_ = true;
    }

    template <class Direct, class PendingWrite> void walk(bool overrun, Direct direct, PendingWrite pending_write) {
        Index const n = s_.plan.row_length();
        if (s_.direct && overrun) return direct(0, whole_registers<T>(n));
        Index at = s_.direct ? n / width * width : 0;
        if (at > 0) direct(0, at);
        for (; at < n; at += stage_length) pending_write(at, std::min(stage_length, n - at));
    }

    void aim_direct(Index at) {
        for (int k = 0; k < s_.leaves(); ++k) {
            step_[k] = stride(k);
            x_[k]    = stride(k) == 0 ? splat_[k] : o_.x[k] + offset_[k + 1] + at;
            fill_[k] = stride(k) == 0 && o_.fill[k] != WriteMode::none ? WriteMode::add : o_.fill[k];
            dx_[k]   = stride(k) == 0 || o_.fill[k] == WriteMode::none ? total_[k] : o_.dx[k] + offset_[k + 1] + at;
        }
    }
    void forward_direct(T* y, Index at, Index n) {
        aim_direct(at);
        streams_.y = y + at;
        s_.type->template forward<T>()(streams_, 1, n);
    }
    void reverse_direct(T const* y, T const* g, Index at, Index n) {
        aim_direct(at);
        streams_.y = const_cast<T*>(y) + at, streams_.g = g + at;
        s_.type->template reverse<T>()(streams_, 1, n);
    }

    /// Whole registers that lie side by side are read and written where they are.
    bool in_place(int k, Index n) const { return stride(k) == 1 && n % width == 0; }
    void load_stage(Index at, Index n) {
        for (int k = 0; k < s_.leaves(); ++k) {
            step_[k] = 1;
            if (in_place(k, n)) {
                x_[k]    = o_.x[k] + offset_[k + 1] + at;
                fill_[k] = o_.fill[k];
                dx_[k]   = o_.fill[k] == WriteMode::none ? staged_dx_[k] : o_.dx[k] + offset_[k + 1] + at;
                continue;
            }
            x_[k]    = staged_x_[k];
            fill_[k] = o_.fill[k] == WriteMode::none ? WriteMode::none : WriteMode::assign;
            dx_[k]   = staged_dx_[k];
            pack(staged_x_[k], o_.x[k] + offset_[k + 1] + at * stride(k), stride(k), n, T(1));
        }
    }
    // The unused end of the last register repeats an element, so that no garbage is computed with.
    static void pack(T* to, T const* from, Index stride, Index n, T scale) {
        if (stride == 0) std::fill_n(to, n, *from * scale);
        else if (stride == 1)
            for (Index j = 0; j < n; ++j) to[j] = from[j] * scale;  // apart, so that the compiler vectorises it
        else
            for (Index j = 0; j < n; ++j) to[j] = from[j * stride] * scale;
        for (Index j = n; j < whole_registers<T>(n); ++j) to[j] = to[n - 1];
    }
    void forward_staged(T* y, Index at, Index n) {
        load_stage(at, n);
        streams_.y = staged_y_;
        s_.type->template forward<T>()(streams_, 1, whole_registers<T>(n));
        Index const step = s_.plan.row_stride(0);
        if (!s_.reduces()) std::copy_n(staged_y_, n, y + at);
        else if (step == 0) sums_[offset_[0]] += static_cast<double>(sum_of(staged_y_, n));
        else
            for (Index j = 0; j < n; ++j) sums_[offset_[0] + (at + j) * step] += static_cast<double>(staged_y_[j]);
    }
    void reverse_staged(T const* y, T const* g, Index at, Index n) {
        load_stage(at, n);
        streams_.y = staged_y_, streams_.g = staged_g_;
        if (y) pack(staged_y_, y + at, 1, n, T(1));
        else s_.type->template forward<T>()(streams_, 1, whole_registers<T>(n));
        T const factor = static_cast<T>(factor_of(name_of(s_.reduction.kind), s_.scale));
        pack(staged_g_, g + at * s_.plan.row_stride(0), s_.plan.row_stride(0), n, factor);
        s_.type->template reverse<T>()(streams_, 1, whole_registers<T>(n));
        for (int k = 0; k < s_.leaves(); ++k)
            if (o_.fill[k] != WriteMode::none && !in_place(k, n))
                unpack(o_.dx[k] + offset_[k + 1] + at * stride(k), stride(k), staged_dx_[k], n, o_.fill[k]);
    }
    static void unpack(T* to, Index stride, T const* from, Index n, WriteMode fill) {
        if (stride == 1 && fill == WriteMode::add)
            for (Index j = 0; j < n; ++j) to[j] += from[j];
        else if (stride == 1) std::copy_n(from, n, to);
        else
            for (Index j = 0; j < n; ++j) to[j * stride] = fill == WriteMode::add ? to[j * stride] + from[j] : from[j];
    }

    Statement const& s_;
    FirstElements<T> const& o_;
    bool repeats_        = false;  // some leaf repeats along the row, so that its adjoint sums over it
    Index const* offset_ = nullptr;
    double* const sums_;
    Streams<T> streams_;
    T const* x_[max_streams];
    T* dx_[max_streams];
    Index step_[max_streams];
    WriteMode fill_[max_streams];
    alignas(64) T splat_[max_streams][width];
    alignas(64) T total_[max_streams][width];  // adjoints of leaves that repeat along the row
    alignas(64) T staged_x_[max_streams][stage_length];
    alignas(64) T staged_dx_[max_streams][stage_length];
    alignas(64) T staged_y_[stage_length];
    alignas(64) T staged_g_[stage_length];
};

/// May two leaves visit the same element at different times?  Then the loop must add both increments to it.
bool overlap(Window const& a, Window const& b) {
    if (&a == &b || a.node != b.node) return false;
    auto const in_piece = [](Cover const& c) { return c.kind == Cover::piece || c.kind == Cover::within; };
    bool const cut_alike =
        in_piece(a.cover) && in_piece(b.cover) && a.cover.axis == b.cover.axis && a.cover.n == b.cover.n;
    if (cut_alike && a.cover.i != b.cover.i) return false;
    return !(a.data == b.data && a.shape == b.shape && a.strides == b.strides);
}
bool overlaps_another(Window const& w, std::span<Window const* const> leaves) {
    return std::any_of(leaves.begin(), leaves.end(), [&](Window const* other) { return overlap(w, *other); });
}
/// Are there two windows of one node?  (The same one twice is walked in one step.)
bool any_together(std::span<Window const* const> leaves) {
    for (std::size_t i = 1; i < leaves.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
            if (leaves[i]->node == leaves[k]->node && leaves[i] != leaves[k]) return true;
    return false;
}

}  // namespace

template <Real T> void run_forward(Block const& b, std::span<Window const* const> leaves, void* value) {
    FirstElements<T> o;
    for (std::size_t k = 0; k < leaves.size(); ++k)
        o.x[k] = elements_at<T>(leaves[k]->data), o.fill[k] = WriteMode::none;
    BlockRun<T>(b, o).forward(elements_at<T>(value));
}

template <Real T> void run_forward(Statement const& s, std::span<Window const* const> leaves, Window const& value) {
    if (s.block) return run_forward<T>(block_of<T>(s), leaves, value.data);
    FirstElements<T> o;
    for (int k = 0; k < s.leaves(); ++k)
        o.x[k] = elements_at<T>(leaves[static_cast<std::size_t>(k)]->data), o.fill[k] = WriteMode::none;
    T* const y    = elements_at<T>(value.data);
    Index const n = count(value.shape);
    thread_local std::vector<double>
        sums;  // in double, because there may be millions; kept, so that a loop does not allocate
    bool const in_parts = s.reduces() && (s.tiling.steps == 0 || shares_elements(s.plan, s.tiling, 0));
    sums.assign(in_parts ? static_cast<std::size_t>(n) : 0, 0);
    if (s.reduces() && !in_parts) {
        Tiles<T>(s, o).forward(y, nullptr);
        for (Index i = 0; i < n && s.scale != 1; ++i) y[i] = static_cast<T>(static_cast<double>(y[i]) * s.scale);
    } else if (s.tiling.steps > 0) {
        Tiles<T>(s, o).forward(y, s.reduces() ? sums.data() : nullptr);
    } else {
        Row<T> row(s, o, sums.data());
        each_row(s.plan, [&](Index const* offset) { row.forward(y, offset); });
    }
    std::transform(sums.begin(), sums.end(), y, [&](double v) { return static_cast<T>(v * s.scale); });
}

template <Real T> void run_reverse(Statement const& s, Node const& node, Adjoints& adjoints) {
    FirstElements<T> o;
    bool const together = any_together(node.operands), repeats = !(s.block && s.plan.rank == 1);
    for (int k = 0; k < s.leaves(); ++k) {
        Window const& w   = *node.operands[static_cast<std::size_t>(k)];
        bool const shared = together && overlaps_another(w, node.operands);
        Target const t    = shared || (repeats && s.plan.repeats(k + 1)) ? adjoints.into_zeroed(w) : adjoints.into(w);
        o.x[k] = elements_at<T>(w.data), o.dx[k] = elements_at<T>(t.data), o.fill[k] = t.fill, o.shared[k] = shared;
    }
    T const* const y = s.reduces() ? nullptr : elements_at<T>(node.value.data);
    T const* const g = elements_at<T>(adjoints.of(node));
    if (s.block) return BlockRun<T>(block_of<T>(s), o).reverse(y, g);
    if (s.tiling.steps > 0) return Tiles<T>(s, o).reverse(y, g);
    Row<T> row(s, o);
    each_row(s.plan, [&](Index const* offset) { row.reverse(y, g, offset); });
}
template void run_forward<float>(Block const&, std::span<Window const* const>, void*);
template void run_forward<double>(Block const&, std::span<Window const* const>, void*);
template void run_forward<float>(Statement const&, std::span<Window const* const>, Window const&);
template void run_forward<double>(Statement const&, std::span<Window const* const>, Window const&);
template void run_reverse<float>(Statement const&, Node const&, Adjoints&);
template void run_reverse<double>(Statement const&, Node const&, Adjoints&);

}  // namespace unspool::core
