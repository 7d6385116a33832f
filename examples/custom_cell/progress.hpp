// How training goes, as one live line on a terminal, or as a line now and then elsewhere.
#pragma once
#include <chrono>
#include <cstdio>
#include <string>
#include <unspool/autograd/array/shape.hpp>

namespace custom_cell {

using unspool::Index;
using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }

/// Of n steps, is this the last of one of so many equal parts?
constexpr bool passes_a_part(Index step, Index n, Index parts) { return step * parts / n != (step - 1) * parts / n; }

class Progress {
public:
    /// Of so many steps, of so many characters each, in at most so many seconds from now.
    Progress(Index steps, Index characters, double seconds, std::FILE* to = stdout);

    ~Progress() { clear(); }
    Progress(Progress const&)            = delete;
    Progress& operator=(Progress const&) = delete;

    /// After each step; `loss` in nats per character.
    void step(double loss);
    /// A line that stays, above the live one.
    void say(std::string const& line);
    /// How many steps there were, in what time.
    std::string summary() const;

    bool out_of_time() const { return seconds_since(begin_) >= seconds_; }

private:
    std::string line() const;
    bool is_due() const;
    void clear();
    double characters_per_second() const;

    Index steps_, characters_;
    double seconds_;
    std::FILE* to_;
    bool live_;
    Clock::time_point begin_ = Clock::now(), shown_ = begin_;
    Index done_  = 0;
    double loss_ = 0, weight_ = 0;  // a mean in which older losses fade
};

}  // namespace custom_cell
