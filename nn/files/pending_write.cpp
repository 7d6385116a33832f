// Reads tensors beside the parameters that they are for.
#include <algorithm>
#include <cstring>
#include <unspool/nn/files/pending_write.hpp>

namespace unspool::core {

namespace {

template <class WriteMode> PendingWrite filled(Param& p, WriteMode fill) {
    return dispatch(p.dtype(), [&](auto t) -> PendingWrite {
        using T       = decltype(t);
        auto elements = std::make_shared<std::vector<T>>(static_cast<std::size_t>(p.count()));
        fill(std::span(*elements));
        return [&p, elements] {
            std::copy(elements->begin(), elements->end(), static_cast<T*>(p.mutable_data(dtype_of<T>)));
        };
    });
}

}  // namespace

PendingWrite pending_write(Param& p, Safetensors const& file, StoredTensor const& tensor) {
    return filled(p, [&](auto to) { file.read(tensor, to); });
}

PendingWrite pending_write(Param& p, xt::xarray<double> const& a) {
    return filled(p, [&](auto to) {
        std::transform(a.begin(), a.end(), to.begin(),
                       [](double x) { return static_cast<typename decltype(to)::value_type>(x); });
    });
}

}  // namespace unspool::core
