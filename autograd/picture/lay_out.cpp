// Draws, looks at what became of it, and draws again.
#include <algorithm>
#include <chrono>
#include <optional>
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/cluster_rows.hpp>
#include <unspool/autograd/picture/lay_out.hpp>
#include <unspool/autograd/picture/svg_layout.hpp>

namespace unspool::core {

namespace {

constexpr double title_margin = 9;  // points between the border of a cluster and its title, if it is not in the middle

/// Do they stand one above the other, more than side by side?
bool in_one_place(SvgBox const& a, SvgBox const& b) {
    double const common = std::min(a.right, b.right) - std::max(a.left, b.left);
    return common > std::min(a.right - a.left, b.right - b.left) / 2;
}

/// Clusters that stand below such of an earlier row.
int rows_out_of_order(Diagram const& d, SvgLayout const& l) {
    if (!d.horizontal) return 0;
    ClusterRows const rows(d);
    int n = 0;
    for (auto const& [a, lower] : l.clusters)
        for (auto const& [b, upper] : l.clusters)
            n += d.clusters[at(a)].parent == d.clusters[at(b)].parent && rows[a] < rows[b] &&
                 lower.box.top < upper.box.top && in_one_place(lower.box, upper.box);
    return n;
}

SvgBox title_at(Cluster::Place place, SvgCluster const& c) {
    double const width = c.title.right - c.title.left, room = c.box.right - c.box.left;
    double const left = place == Cluster::left     ? title_margin
                        : place == Cluster::middle ? (room - width) / 2
                                                   : room - title_margin - width;
    return {c.box.left + left, c.title.top, c.box.left + left + width, c.title.bottom};
}

/// Moves titles that a link crosses, and says how many.
int move_titles(Diagram& d, SvgLayout const& l) {
    int moved = 0;
    for (auto const& [n, c] : l.clusters) {
        if (l.free(c.title)) continue;
        Cluster& own             = d.clusters[at(n)];
        Cluster::Place const was = own.title_at;
        own.title_at             = d.horizontal ? was : Cluster::left_half;
        for (auto place : {Cluster::middle, Cluster::right, Cluster::left})
            if (l.free(title_at(place, c))) own.title_at = place;
        moved += own.title_at != was;
    }
    return moved;
}

class Attempts {
public:
    Attempts(Diagram& d, std::function<std::string(Diagram const&)> const& dot_of, double seconds)
        : d_(d), dot_of_(dot_of), seconds_(seconds) {}

    Rendered best() {
        best_ = draw(d_);
        // Between boxes that are near each other, dot may lose a link.
        for (double gap : {0.3, 0.4})
            if (best_.failed) with([&](Diagram& d) { d.gap = gap; });
        if (!best_.complaint.empty()) return best_;
        judge();
        bool const turned = std::any_of(d_.turned.begin(), d_.turned.end(), [](bool t) { return t; });
        if (out_of_order_ > 0) with([&](Diagram& d) { turn_rows(d, !turned); });
        if (crossed_ > 0) with([](Diagram& d) { d.gap = 0.3; });
        if (Diagram moved = d_; move_titles(moved, *layout_) > 0) with([&](Diagram& d) { d = std::move(moved); });
        return best_;
    }

private:
    using Clock = std::chrono::steady_clock;

    Rendered draw(Diagram const& d) const {
        double const left = seconds_ - std::chrono::duration<double>(Clock::now() - begin_).count();
        return left > 0 ? rendered(dot_of_(d), "svg", left) : Rendered{"", "there was no time for it"};
    }
    void judge() {
        layout_.emplace(best_.picture);
        out_of_order_ = rows_out_of_order(d_, *layout_), crossed_ = layout_->crossed_texts();
    }
    /// Draws it otherwise, and keeps that if it is no worse.
    void with(std::function<void(Diagram&)> const& change) {
        Diagram other = d_;
        change(other);
        Rendered drawn = draw(other);
        if (!drawn.complaint.empty()) return;
        SvgLayout const layout(drawn.picture);
        bool const worse = layout_ && std::pair(rows_out_of_order(other, layout), layout.crossed_texts()) >
                                          std::pair(out_of_order_, crossed_);
        if (!worse) d_ = std::move(other), best_ = std::move(drawn), judge();
    }

    Diagram& d_;
    std::function<std::string(Diagram const&)> const& dot_of_;
    double seconds_;
    Clock::time_point begin_ = Clock::now();
    Rendered best_;
    std::optional<SvgLayout> layout_;
    int out_of_order_ = 0, crossed_ = 0;
};

}  // namespace

Rendered lay_out(Diagram& d, std::function<std::string(Diagram const&)> const& dot_of, double seconds) {
    return Attempts(d, dot_of, seconds).best();
}

}  // namespace unspool::core
