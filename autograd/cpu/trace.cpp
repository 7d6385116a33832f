// How a step is carried out again.
#include <algorithm>
#include <functional>
#include <typeinfo>
#include <unspool/autograd/cpu/trace.hpp>

namespace unspool::core {

[[gnu::tls_model("initial-exec")]] constinit thread_local Trace *trace_here = nullptr, *trace_at_once = nullptr;

void Trace::add(void const* tape, std::unique_ptr<Traced> what) {
    complete_ = complete_ && tape == tape_;
    all_.push_back(std::move(what));
}

void Trace::tell(void const* tape) {
    complete_ = complete_ && tape == tape_;
    ++told_;
}

bool Trace::same_work(Trace const& other) const {
    return std::equal(all_.begin(), all_.end(), other.all_.begin(), other.all_.end(), [](auto const& a, auto const& b) {
        return typeid(*a) == typeid(*b) && a->at.size() == b->at.size() && a->same_work(*b);
    });
}

std::vector<std::ptrdiff_t> Trace::distances(Trace const& before, bool results_stay) const {
    std::vector<std::ptrdiff_t> out;
    for (std::size_t i = 0; i < all_.size(); ++i)
        for (std::size_t k = 0; k < all_[i]->at.size(); ++k)
            out.push_back(k == 0 && results_stay ? 0 : all_[i]->at[k] - before.all_[i]->at[k]);
    return out;
}

std::vector<std::byte const*> Trace::moving(std::vector<std::ptrdiff_t> const& distances) const {
    std::vector<std::byte const*> out;
    for (auto& traced : all_)
        for (std::byte const* at : traced->at) out.push_back(distances[out.size()] == 0 ? nullptr : at);
    return out;
}

void Trace::follow(std::vector<std::ptrdiff_t> const& distances) {
    far_ = distances;
    for (std::size_t j = 0; j < all_.size(); ++j)
        if (all_[j]->copies() > 0 && can_make_there(maker(j), j)) make_there(j);
}

void Trace::step() {
    auto far = far_.begin();
    for (auto& traced : all_) {
        for (std::byte*& at : traced->at) at += *far++;
        if (traced->needed) traced->run();
    }
}

// ---- what is made only to be copied ---------------------------------------------------------------------------------

namespace {

bool within(std::byte const* p, std::byte const* begin, std::size_t n) {
    return !std::less<>()(p, begin) && std::less<>()(p, begin + n);
}

}  // namespace

/// f(address, how far it goes, offset in a result, bytes of that) of each that lies in one.
template <class F> void Trace::each_within(Trace const& at_once, F f) const {
    for (auto& result : at_once.all_) {
        std::byte* const begin = result->at[0];
        std::size_t const n    = result->makes();
        auto far               = far_.begin();
        for (auto& traced : all_)
            for (std::byte*& at : traced->at) {
                if (within(at, begin, n)) f(at, *far, at - begin, static_cast<std::ptrdiff_t>(n));
                ++far;
            }
    }
}

bool Trace::begins(Trace const& at_once, std::size_t steps) const {
    bool out = std::all_of(at_once.all_.begin(), at_once.all_.end(),
                           [&](auto& r) { return r->makes() > 0 && r->makes() % steps == 0; });
    each_within(at_once, [&](std::byte*, std::ptrdiff_t far, std::ptrdiff_t offset, std::ptrdiff_t n) {
        std::ptrdiff_t const own = n / static_cast<std::ptrdiff_t>(steps);
        out                      = out && (far == own ? offset < own : far == -own && offset >= n - own);
    });
    return out;
}

void Trace::go_back(Trace const& at_once, std::size_t steps) {
    each_within(at_once, [&](std::byte*& at, std::ptrdiff_t far, std::ptrdiff_t, std::ptrdiff_t) {
        at -= static_cast<std::ptrdiff_t>(steps) * far;
    });
}

/// Which one makes what that copy takes, and no more; the copy itself, where there is none.
std::size_t Trace::maker(std::size_t copy) const {
    Traced const& c = *all_[copy];
    for (std::size_t i = copy; i-- > 0;)
        if (all_[i]->at[0] == c.at[1]) return all_[i]->makes() == c.copies() ? i : copy;
    return copy;
}

/// Does nobody else write to either place, or read, between the two, what the copy overwrites?  All arrays that reach into a place begin
/// there or behind: it is a whole result, the room for a part of the state, or the output of one step.
bool Trace::can_make_there(std::size_t maker, std::size_t copy) const {
    std::byte const *const to = all_[copy]->at[0], *const from = all_[copy]->at[1];
    std::size_t const n = all_[copy]->copies();
    for (std::size_t i = 0; i < all_.size(); ++i) {
        if (i == copy) continue;
        for (std::size_t k = 0; k < all_[i]->at.size(); ++k) {
            std::byte const* const p = all_[i]->at[k];
            bool const writes = k == 0, early = i < maker || (i == maker && !writes);
            if (within(p, from, n) && (early || (writes && i != maker))) return false;
            if (!within(p, to, n)) continue;
            bool const just_before = i == maker && p == to && all_[i]->may_overwrite(k);
            if (writes || (i >= maker && i < copy && !just_before)) return false;
        }
    }
    return maker != copy;
}

void Trace::make_there(std::size_t copy) {
    std::byte *const to = all_[copy]->at[0], *const from = all_[copy]->at[1];
    std::size_t const n = all_[copy]->copies();
    std::size_t first   = 0;  // of the copy's addresses, which are all that move as the result does
    for (std::size_t i = 0; i < copy; ++i) first += all_[i]->at.size();
    auto far = far_.begin();
    for (auto& traced : all_)
        for (std::byte*& at : traced->at) {
            if (within(at, from, n)) at = to + (at - from), *far = far_[first];
            ++far;
        }
    all_[copy]->needed = false;
}

}  // namespace unspool::core
