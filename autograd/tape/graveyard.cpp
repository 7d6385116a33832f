// Where parameters are kept whose model is gone.
#include <deque>
#include <mutex>
#include <new>
#include <unspool/autograd/tape/graveyard.hpp>

namespace unspool::core {

namespace {

constexpr std::size_t most_graves = 4096;

struct Graveyard {
    std::mutex mutex;
    std::deque<std::unique_ptr<Param>> graves;
};

// Not destroyed at the end of the program, when cells in static variables may still be there.
Graveyard& graveyard() {
    static auto* const all = new Graveyard;
    return *all;
}

}  // namespace

void bury(std::unique_ptr<Param> p) noexcept try {
    auto& [mutex, graves] = graveyard();
    std::lock_guard const lock(mutex);
    graves.push_back(std::move(p));
    if (graves.size() > most_graves) graves.pop_front();
} catch (std::bad_alloc const&) {}  // then it is forgotten now

void forget_buried() noexcept {
    auto& [mutex, graves] = graveyard();
    std::lock_guard const lock(mutex);
    while (!graves.empty()) graves.pop_back();
    graves.shrink_to_fit();
}

}  // namespace unspool::core
