// The recurrent layers of PyTorch, compiled once.
#include <unspool/nn/layers/recurrent.hpp>

namespace unspool::nn {

template class Stacked<RNNCell>;
template class Stacked<LSTMCell>;
template class Stacked<GRUCell>;

}  // namespace unspool::nn
