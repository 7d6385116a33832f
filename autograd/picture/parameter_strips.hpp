// Where parameters are shown.
#pragma once
#include <string>
#include <unordered_map>
#include <unspool/autograd/picture/links.hpp>
#include <unspool/autograd/picture/naming.hpp>
#include <vector>

namespace unspool::core {

/// Those that one box alone uses stand in a strip inside of it; others have a box of their own in each frame.
class ParameterStrips {
public:
    struct Use {
        int parameter, frame, box;  // of who uses it
    };
    void add(Use const& use) { uses_.push_back(use); }
    void draw(Diagram&, Links&, Subgraph const&, Naming const&, GradientNorms const&);

private:
    int colour_of(std::string const& path);

    std::vector<Use> uses_;
    std::unordered_map<std::string, int> colours_;
};

}  // namespace unspool::core
