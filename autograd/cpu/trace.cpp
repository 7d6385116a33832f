// How a step is carried out again.
#include <algorithm>
#include <typeinfo>
#include <unspool/autograd/cpu/trace.hpp>

namespace unspool::core {

[[gnu::tls_model("initial-exec")]] constinit thread_local Trace* trace_here = nullptr;

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

std::vector<std::ptrdiff_t> Trace::distances(Trace const& before) const {
    std::vector<std::ptrdiff_t> out;
    for (std::size_t i = 0; i < all_.size(); ++i)
        for (std::size_t k = 0; k < all_[i]->at.size(); ++k) out.push_back(all_[i]->at[k] - before.all_[i]->at[k]);
    return out;
}

std::vector<std::byte const*> Trace::moving(std::vector<std::ptrdiff_t> const& distances) const {
    std::vector<std::byte const*> out;
    for (auto& traced : all_)
        for (std::byte const* at : traced->at) out.push_back(distances[out.size()] == 0 ? nullptr : at);
    return out;
}

void Trace::step(std::vector<std::ptrdiff_t> const& distances) {
    auto far = distances.begin();
    for (auto& traced : all_) {
        for (std::byte*& at : traced->at) at += *far++;
        traced->run();
    }
}

}  // namespace unspool::core
