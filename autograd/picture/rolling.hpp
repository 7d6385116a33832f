// Finds loops over time whose steps do the same, so that one of them can stand for all in a picture.
#pragma once
#include <string>
#include <unspool/autograd/picture/at.hpp>
#include <unspool/autograd/picture/subgraph.hpp>
#include <vector>

namespace unspool::core {

class Rolling {
public:
    explicit Rolling(Subgraph& reading) : r_(reading), first_(reading.loops_.size()) {}

    /// Tells the reading which step stands for which, and which indices go along with time.
    void roll();

private:
    using Units = std::vector<int>;

    void gather();
    bool has_inner_loops(TimeLoop const&) const;
    bool computes_the_same(int u, int v) const;
    std::string match(std::size_t loop);
    bool match(Units const& step, Units const& shown);
    std::string verify(std::size_t loop);
    std::string compare(int u, int shown);
    bool compare(Window const& w, Window const& shown, int u, int as);
    bool same_unit(Window const& w, Window const& shown, int u, int as);
    bool same_view(Window const& w, Window const& shown, Index t, Index shown_t);
    void forget(std::size_t loop);
    std::string title(std::size_t loop) const;
    Index time_of(int u) const { return r_.frames_[at(r_.step_around(r_[u].frame))].step; }
    Subgraph& r_;
    std::vector<std::vector<Units>> steps_;  // of each loop, what each step computed, in the order of the tape
    std::vector<std::size_t> first_;         // of each loop: the number of the step that stands for all
    std::map<Window const*, bool> still_;    // of each view: may its index be the same in all steps?
    std::map<Window const*, bool> moves_;    // may it go along with time?
};

}  // namespace unspool::core
