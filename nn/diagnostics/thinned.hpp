// A list that grows for ever and stays short.
#pragma once
#include <unspool/autograd/array/shape.hpp>
#include <vector>

namespace unspool::core {

/// Items with a `number`, which grows.  So many are kept at most: when there are more, one in two goes, of those with numbers in the
/// same stretch of 2, 4, 8 … the one that `stays(a, b)` says is not as good.
template <class T, class Stays> class Thinned {
public:
    explicit Thinned(Index most, Stays stays = {}) : most_(most), stays_(stays) {}

    void add(T x) {
        put(all_, std::move(x));
        if (std::ssize(all_) > most_) halve();
    }
    /// Twice as few.
    void halve() {
        stretch_ *= 2;
        std::vector<T> fewer;
        for (T& x : all_) put(fewer, std::move(x));
        all_ = std::move(fewer);
    }
    /// Would one with this number stand for a stretch of its own?
    bool begins(Index number) const { return all_.empty() || all_.back().number / stretch_ != number / stretch_; }
    std::vector<T> const& all() const { return all_; }
    Index stretch() const { return stretch_; }

private:
    void put(std::vector<T>& to, T x) const {
        if (to.empty() || to.back().number / stretch_ != x.number / stretch_) to.push_back(std::move(x));
        else if (!stays_(to.back(), x)) to.back() = std::move(x);
    }

    Index most_, stretch_ = 1;
    Stays stays_;
    std::vector<T> all_;
};

}  // namespace unspool::core
