// How instructions are carried out.
#include <algorithm>
#include <cstring>
#include <unspool/autograd/cpu/sums.hpp>
#include <unspool/nn/deploy/instruction.hpp>

namespace unspool::core {

template <Real T> void RunLoop<T>::run() const {
    loop({y, nullptr, x.data(), nullptr, step.data(), skip.data(), nullptr, numbers.data()}, rows, n);
}

template <Real T> RunCopy<T>::RunCopy(Array<T> const& to, Array<T const> const& from, bool add)
    : to_(to.data)
    , from_(from.data)
    , numbers_(plan_size(Dims::max_rank, 2))
    , plan_(make_plan(numbers_.data(), to.shape, std::array{to.strides, from.strides}))
    , add_(add) {}

template <Real T> void RunCopy<T>::run() const {
    Index const step = plan_.row_stride(0), from_step = plan_.row_stride(1), n = plan_.row_length();
    each_row(plan_, [&](Index const* offset) {
        T* const to         = to_ + offset[0];
        T const* const from = from_ + offset[1];
        if (step == 1 && from_step == 1 && !add_) std::copy_n(from, n, to);
        else if (add_)
            for (Index i = 0; i < n; ++i) to[i * step] += from[i * from_step];
        else
            for (Index i = 0; i < n; ++i) to[i * step] = from[i * from_step];
    });
}

template <Real T> void RunSum<T>::run() const {
    std::fill(sums.begin(), sums.end(), 0.);
    T const* row     = from;
    Index const step = plan.row_stride(0), length = plan.row_length();
    each_row(plan, [&](Index const* offset) {
        double* const sum = sums.data() + offset[0];
        if (step == 0) *sum += static_cast<double>(sum_of(row, length));
        else
            for (Index i = 0; i < length; ++i) sum[i * step] += static_cast<double>(row[i]);
        row += length;
    });
    std::transform(sums.begin(), sums.end(), to, [this](double s) { return static_cast<T>(s * scale); });
}

template <Real T> void RunProduct<T>::run() const {
    if (kernel) return kernel(b, a, c);
    Index const row = layout.transposed ? 1 : layout.ld, column = layout.transposed ? layout.ld : 1;
    for (Index i = 0; i < m; ++i) {
        T* const y = c + i * ldc;
        if (!add) std::fill_n(y, n, T(0));
        for (Index l = 0; l < k; ++l) {
            T const x = a[i * row + l * column];
            for (Index j = 0; j < n; ++j) y[j] += x * b[l * ldb + j];
        }
    }
}

template struct RunLoop<float>;
template struct RunLoop<double>;
template class RunCopy<float>;
template class RunCopy<double>;
template struct RunSum<float>;
template struct RunSum<double>;
template struct RunProduct<float>;
template struct RunProduct<double>;

}  // namespace unspool::core
