// Presences are never freed: as many as there were tapes at one time.
#include <mutex>
#include <unspool/autograd/tape/presence.hpp>
#include <vector>

namespace unspool::core {

namespace {

struct Presences {
    std::mutex mutex;
    std::vector<Presence*> free;
    std::size_t made = 0;
};

// Not destroyed at the end of the program, when handles in static variables may still be looked at.
Presences& presences() {
    static auto* const all = new Presences;
    return *all;
}

}  // namespace

Presence& Presence::of(Tape& tape) {
    auto& [mutex, free, made] = presences();
    std::lock_guard const lock(mutex);
    if (free.empty()) {
        if (made == free.capacity()) free.reserve(2 * made + 1);  // for when all have ended
        free.push_back(new Presence);
        ++made;
    }
    Presence& out = *free.back();
    free.pop_back();
    out.tape  = &tape;
    out.first = ++out.epoch;
    return out;
}

void Presence::end() noexcept {
    auto& [mutex, free, made] = presences();
    std::lock_guard const lock(mutex);
    tape = nullptr, first = ~0u;
    free.push_back(this);
}

}  // namespace unspool::core
