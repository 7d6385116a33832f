// Which labels of links are shown, and which stand by themselves.
#pragma once
#include <string>
#include <unspool/autograd/picture/diagram.hpp>

namespace unspool::core {

class LinkLabels {
public:
    /// Graphviz sets links around boxes, but not around the labels of other links: with `standing`, a label is a box on the way of its link,
    /// in the innermost cluster around both ends, unless the link leads to another step or to its own box.
    LinkLabels(Diagram const&, bool standing);

    bool shown(std::size_t link) const {
        return !text_[link].empty();
    }  ///< not within a column, where there is no room
    bool stands(std::size_t link) const { return stands_[link]; }
    bool any_stands() const;
    std::vector<std::size_t> const& standing_in(int cluster) const;  ///< -1: in none
    std::string const& text(std::size_t link) const { return text_[link]; }

private:
    std::vector<std::string> text_;
    std::vector<bool> stands_;
    std::vector<std::vector<std::size_t>> in_;  // of each cluster, after those in none
};

}  // namespace unspool::core
