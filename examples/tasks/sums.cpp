#include "sums.hpp"

namespace tasks {

Sums sums(std::size_t steps, std::size_t batch, Random& random) {
    Sums out{xt::zeros<float>({steps, batch, std::size_t{2}}), xt::zeros<float>({batch, std::size_t{1}})};
    for (std::size_t b = 0; b < batch; ++b) {
        for (std::size_t t = 0; t < steps; ++t) out.numbers(t, b, 0) = static_cast<float>(random.uniform());
        for (std::size_t half : {std::size_t{0}, steps / 2}) {
            std::size_t const t  = half + random.below(steps / 2);
            out.numbers(t, b, 1) = 1;
            out.sums(b, 0) += out.numbers(t, b, 0);
        }
    }
    return out;
}

}  // namespace tasks
