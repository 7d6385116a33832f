// The array operations that plans are translated with.  Who names their rules does not compile them: they are compiled with the
// operations themselves.
#pragma once
#include <unspool/nn/deploy/call_of.hpp>
#include <unspool/nn/layers/look_up.hpp>
#include <unspool/ops/arrays/control.hpp>
#include <unspool/ops/arrays/cumulative.hpp>
#include <unspool/ops/arrays/gather.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/norm.hpp>
#include <unspool/ops/arrays/recurrence.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/softmax.hpp>
#include <unspool/ops/derivatives/place.hpp>
#include <unspool/ops/linalg/linalg.hpp>

namespace unspool::core {

extern template class CallRule<Softmax>;
extern template class CallRule<LogSoftmax>;
extern template class CallRule<LayerNormalise>;
extern template class CallRule<RmsNormalise>;
extern template class CallRule<Max>;
extern template class CallRule<Min>;
extern template class CallRule<Prod>;
extern template class CallRule<Norm2>;
extern template class CallRule<LogSumExp>;
extern template class CallRule<CumulativeSum>;
extern template class CallRule<Copy>;
extern template class CallRule<BroadcastTo>;
extern template class CallRule<Concat>;
extern template class CallRule<Stack>;
extern template class CallRule<Pad>;
extern template class CallRule<Place>;
extern template class CallRule<GatherRows>;
extern template class CallRule<LinearRecurrence>;
extern template class CallRule<Matmul>;
extern template class CallRule<LookUp>;
extern template class CallRule<BatchedMatmul>;
extern template class CallRule<ScaleGradient>;
extern template class CallRule<ClipGradient>;

}  // namespace unspool::core
