// How a growing model is followed.
#include <unspool/nn/optim/param_set.hpp>

namespace unspool::core {

bool ParamSet::grew() {
    std::size_t const now = all_ ? all_->made() : list_.size();
    bool const out        = seen_ != now;
    seen_                 = now;
    return out;
}

}  // namespace unspool::core
