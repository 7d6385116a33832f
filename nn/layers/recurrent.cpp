// The recurrent layers of PyTorch, compiled once.
#include <unspool/nn/layers/recurrent.hpp>

namespace unspool::nn {

template class Stacked<Rnn>;
template class Stacked<Lstm>;
template class Stacked<Gru>;

}  // namespace unspool::nn
