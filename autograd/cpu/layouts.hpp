// How tiles lie in arrays, kept: a step of a sequence moves the same tiles as the last one, and the way back those of the way there.
#pragma once
#include <array>
#include <unspool/autograd/cpu/runs.hpp>

namespace unspool::core {

template <Real T> class Layouts {
public:
    /// That of some axes.  It stays until as many others as a statement can have have been asked for.
    Runs<T>& of(std::span<TileAxis const>);

private:
    static constexpr std::size_t most = 128;  // of a statement of 32 arrays, two each, and what it shares with the next

    struct Kept {
        std::vector<TileAxis> axes;
        Runs<T> runs;
    };
    std::size_t place_of(std::span<TileAxis const>, std::uint64_t key) const;

    std::array<std::uint64_t, most> keys_{}, asked_{};  // asked: when it was last
    std::uint64_t now_      = 0;
    std::vector<Kept> kept_ = std::vector<Kept>(most);
};

/// Those of this thread.
template <Real T> Layouts<T>& kept_layouts();

}  // namespace unspool::core
