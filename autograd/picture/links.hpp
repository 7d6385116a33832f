// The links of a diagram: one from box to box, however many values go that way.
#pragma once
#include <unordered_map>
#include <unspool/autograd/picture/diagram.hpp>
#include <unspool/autograd/picture/gradient_norms.hpp>

namespace unspool::core {

class Links {
public:
    using Pair = std::pair<int, int>;
    struct HashOfPair {
        std::size_t operator()(Pair p) const {
            return std::hash<std::uint64_t>()(static_cast<std::uint64_t>(p.first) << 32 |
                                              static_cast<std::uint32_t>(p.second));
        }
    };
    struct Passing {  // what the uses behind a link are of: one whole vertex, or nothing that can be told
        int vertex;
        bool whole;
    };

    explicit Links(std::vector<Link>& out) : out_(out) {}

    /// The link, which has the label and one use more now.  `vertex` is what goes there, or -1.
    Link& add(int from, int to, std::string const& label, int vertex, bool whole);
    Passing const& passing(std::size_t link) const { return passing_[link]; }

private:
    std::vector<Link>& out_;
    std::unordered_map<Pair, std::size_t, HashOfPair> places_;
    std::vector<Passing> passing_;  // of each link
};

/// What came back along each link, where that is known.
void add_norms(Diagram&, Links const&, Subgraph const&, GradientNorms const&);

}  // namespace unspool::core
