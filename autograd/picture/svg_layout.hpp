// Where dot put clusters, texts and links: read from its SVG.
#pragma once
#include <map>
#include <string>
#include <vector>

namespace unspool::core {

struct SvgPoint {
    double x = 0, y = 0;  // points; y grows downwards
};

struct SvgBox {
    double left, top, right, bottom;
    bool contains(SvgPoint p) const { return p.x > left && p.x < right && p.y > top && p.y < bottom; }
};

struct SvgText {
    SvgBox box;
    int link;  // that it is the label of, or -1
};

struct SvgCluster {
    SvgBox box;
    SvgBox title;
};

/// Of an SVG written by dot, whose letters are taken to be as wide as those of Helvetica.
struct SvgLayout {
    std::map<int, SvgCluster> clusters;        // by their numbers, those with a title
    std::vector<SvgText> texts;                // all but titles of clusters
    std::vector<std::vector<SvgPoint>> links;  // points along each, near each other

    explicit SvgLayout(std::string const& svg);
    /// Is no point of a link in it, but for one that is given?
    bool free(SvgBox const&, int own_link = -1) const;
    int crossed_texts() const;  ///< by links
};

}  // namespace unspool::core
