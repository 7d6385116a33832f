// Small products that are computed again and again, and wait for nothing but addresses.
#pragma once
#include <optional>
#include <unspool/autograd/cpu/backend.hpp>
#include <unspool/autograd/cpu/product.hpp>
#include <vector>

namespace unspool::core {

/// A small product with a parameter that is in panels, whose kernels are at hand.
template <Real T> class ReadyProduct {
public:
    /// c = a b, or c += a b; none where it takes more than such kernels, or there are no panels yet.
    static std::optional<ReadyProduct> of(Matrix<T> const& c, Matrix<T const> const& a, Matrix<T const> const& b,
                                          WriteMode fill);
    /// With other elements, that lie alike.
    void operator()(T* c, T const* a) const {
        for (std::size_t p = 0; p < kernels_.size(); ++p)
            kernels_[p](panels_.data + static_cast<Index>(p) * panels_.next, a,
                        c + static_cast<Index>(p) * backend::panel_width<T>);
    }

private:
    ReadyProduct(backend::Panels<T> panels, std::vector<backend::Kernel<T>> kernels)
        : panels_(panels), kernels_(std::move(kernels)) {}

    backend::Panels<T> panels_;
    std::vector<backend::Kernel<T>> kernels_;  // one a panel
};

}  // namespace unspool::core
