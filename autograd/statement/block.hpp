// Blocks: rows of whole registers, one call of a statement's loop.
#pragma once
#include <unspool/autograd/cpu/threads.hpp>
#include <unspool/autograd/statement/run.hpp>
#include <unspool/autograd/statement/tiles.hpp>

namespace unspool::core {

/// Of an array whose type a window does not say.
template <Real T> T* elements_at(void const* p) { return static_cast<T*>(const_cast<void*>(p)); }

/// A block of a statement that has a plan.
template <Real T> Block block_of(Statement const& s) {
    bool const by_rows = s.plan.rank == 2;
    Block out;
    out.type = s.type, out.numbers = s.numbers.data();
    out.rows = by_rows ? s.plan.dims[0] : 1, out.length = whole_registers<T>(s.plan.row_length());
    for (int k = 0; k < s.leaves(); ++k) out.stride[k] = by_rows ? s.plan.strides[k + 1] : out.length;
    return out;
}

/// Runs it, in parts if there are many rows, or registers in its only row.
template <Real T> class BlockRun {
public:
    BlockRun(Block const& b, FirstElements<T> const& o) : b_(b), o_(o), by_rows_(b.rows > 1) {
        if (by_rows_)
            for (int k = 0; k < b.type->leaves; ++k) skip_[k] = b.stride[k] - b.length;
    }
    void forward(T* y) const { run(b_.type->template forward<T>(), y, nullptr); }
    void reverse(T const* y, T const* g) const { run(b_.type->template reverse<T>(), const_cast<T*>(y), g); }

private:
    static constexpr double operations = 128;  // an element: about as many as a gate takes
    static constexpr auto ones         = one_each.data();

    Index stride(int k) const { return by_rows_ ? b_.stride[k] : simd_width<T>; }

    /// Does no adjoint lie in two parts?  One does that all rows share, or that two leaves visit at different times.
    bool alone_in_each_part() const {
        for (int k = 0; k < b_.type->leaves; ++k)
            if (o_.fill[k] != WriteMode::none && (stride(k) == 0 || o_.shared[k])) return false;
        return true;
    }

    void run(Loop<T> loop, T* y, T const* g) const {
        Index const count = by_rows_ ? b_.rows : b_.length / simd_width<T>, size = by_rows_ ? b_.length : simd_width<T>;
        double const work = static_cast<double>(count * size) * operations;
        Streams<T> const all{y, g, o_.x, o_.dx, ones, by_rows_ ? skip_ : ones, o_.fill, b_.numbers};
        if (!worth_dividing(count, work) || (g && !alone_in_each_part())) return loop(all, b_.rows, b_.length);
        in_parts(count, work, [&](Index begin, Index end) {
            T const* x[max_streams];
            T* dx[max_streams];
            for (int k = 0; k < b_.type->leaves; ++k) {
                x[k]  = o_.x[k] + begin * stride(k);
                dx[k] = g && o_.dx[k] ? o_.dx[k] + begin * stride(k) : nullptr;
            }
            Streams<T> part = all;
            part.y += begin * size, part.g = g ? g + begin * size : nullptr, part.x = x, part.dx = dx;
            loop(part, by_rows_ ? end - begin : 1, by_rows_ ? b_.length : (end - begin) * size);
        });
    }

    Block const& b_;
    FirstElements<T> const& o_;
    bool by_rows_;
    Index skip_[max_streams];  // of one row, none
};

}  // namespace unspool::core
