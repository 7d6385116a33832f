// Which modules of a picture are drawn as one box.
#pragma once
#include <string>
#include <unspool/autograd/picture/subgraph.hpp>
#include <vector>

namespace unspool::core {

class Zoom {
public:
    Zoom(Subgraph const&, GraphOptions const&);

    /// The frame that stands for all that was recorded in `frame`: a module, or one of its time steps; -1 if that is drawn itself.
    int box(int frame) const { return box_.empty() ? -1 : box_[static_cast<std::size_t>(frame)]; }
    std::string_view module(int box) const;  // that such a frame belongs to

private:
    bool open(int frame) const;
    void find_expanded();

    Subgraph const& reading_;
    GraphOptions const& options_;
    std::vector<bool> expanded_;  // by its path, or as one around a module that is
    std::vector<Index> depth_;    // of each frame in the path of modules
    std::vector<bool> inner_;     // is there another module inside?
    std::vector<int> closed_;     // the outermost module around each frame that is one box
    std::vector<int> box_;
};

}  // namespace unspool::core
