// Recurrent layers of this library, to be timed: the shipped cells, and some that a user might write.
#pragma once
#include <span>
#include <unspool/autograd/tape/params.hpp>

#include "contest.hpp"
#include "shapes.hpp"

namespace bench {

enum class Pass { forward, forward_backward };

/// What a layer computes from: a sequence [T,B,I], and a state [B,H], which is that of the memory cells as well.
struct Inputs {
    xt::xarray<float> xs, h;

    explicit Inputs(RnnShape const&);  ///< the same for each of the same shape
};

/// A kind of cell, whatever its type.
struct CellKind {
    std::string name;
    unspool::Params (*params)(RnnShape const&);  ///< the same for each layer of the same shape
    Ready (*layer)(RnnShape const&, Pass, int threads);
    Ready (*stream)(RnnShape const&);  ///< step after step of a stream
    Ready (*paused)(RnnShape const&);  ///< step after step on a tape that records nothing
};

std::span<CellKind const> shipped_cells();
std::span<CellKind const> custom_cells();

/// Those against whom a layer is timed.
using LayerPeers = std::function<std::vector<Contender>(CellKind const&, RnnShape const&, Pass, int threads)>;

Contest layer_contest(CellKind const&, RnnShape const&, Pass, int threads, LayerPeers const&);

/// Streams of these cells beside a paused tape, at the shapes where each step is small.
std::vector<Contest> stream_contests(std::span<CellKind const>, LayerPeers const&);

/// These cells at all shapes, on one thread and on two.
std::vector<Contest> layer_contests(std::span<CellKind const>, std::initializer_list<Pass>, LayerPeers const&);

}  // namespace bench
