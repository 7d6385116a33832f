// Ranks that are threads of one process.
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <fmt/format.h>
#include <mutex>
#include <thread>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/ranks/ranks.hpp>

/// What the threads share.
struct LocalPost {
    explicit LocalPost(std::size_t n) : boxes(n, std::vector<std::deque<unspool::core::Packet>>(n)) {}

    std::mutex mutex;
    std::condition_variable news;
    std::vector<std::vector<std::deque<unspool::core::Packet>>> boxes;  // of each rank, from each
    std::string failure;                                                // of the first that failed
    std::size_t bytes = 0;                                              // sent from one rank to another
};

class LocalRanks : public unspool::core::Ranks {
public:
    LocalRanks(LocalPost& post, std::size_t rank) : post_(post), rank_(rank) {}

    unspool::Index rank() const override { return static_cast<unspool::Index>(rank_); }
    unspool::Index count() const override { return std::ssize(post_.boxes); }

    void exchange(std::span<std::span<std::byte const> const> to, std::span<unspool::core::Packet> from,
                  unspool::core::Where where) override {
        std::unique_lock lock(post_.mutex);
        for (std::size_t r = 0; r < to.size(); ++r) {
            post_.boxes[r][rank_].emplace_back(to[r].begin(), to[r].end());
            if (r != rank_) post_.bytes += to[r].size();
        }
        post_.news.notify_all();
        for (std::size_t r = 0; r < from.size(); ++r) {
            auto& box     = post_.boxes[rank_][r];
            bool const in = post_.news.wait_for(lock, std::chrono::seconds(60),
                                                [&] { return !box.empty() || !post_.failure.empty(); });
            if (!post_.failure.empty()) throw unspool::RankError(text(where) + ": " + post_.failure);
            if (!in) throw unspool::RankError(fmt::format("{}: rank {} was not heard of", text(where), r));
            from[r] = std::move(box.front());
            box.pop_front();
        }
    }
    void fail(std::string_view why) noexcept override {
        std::lock_guard const lock(post_.mutex);
        if (post_.failure.empty()) post_.failure = fmt::format("rank {} failed: {}", rank_, why);
        post_.news.notify_all();
    }

private:
    LocalPost& post_;
    std::size_t rank_;
};

/// Calls `body(ranks)` on so many ranks; what each threw, or nothing.
template <class F> std::vector<std::string> on_ranks(std::size_t n, F body, std::size_t* bytes = nullptr) {
    LocalPost post(n);
    std::vector<std::string> thrown(n);
    std::vector<std::thread> threads;
    for (std::size_t r = 0; r < n; ++r)
        threads.emplace_back([&, r] {
            LocalRanks ranks(post, r);
            try {
                body(static_cast<unspool::core::Ranks&>(ranks));
            } catch (std::exception const& e) { thrown[r] = e.what(); }
        });
    for (auto& t : threads) t.join();
    if (bytes) *bytes = post.bytes;
    return thrown;
}
