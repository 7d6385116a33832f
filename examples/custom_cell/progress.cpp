// How training goes.
#include <algorithm>
#include <fmt/format.h>
#include <numbers>
#include <unistd.h>

#include "progress.hpp"

namespace custom_cell {

Progress::Progress(Index steps, Index characters, double seconds, std::FILE* to)
    : steps_(steps), characters_(characters), seconds_(seconds), to_(to), live_(isatty(fileno(to)) == 1) {}

void Progress::step(double loss) {
    ++done_;
    loss_   = 0.95 * loss_ + 0.05 * loss;
    weight_ = 0.95 * weight_ + 0.05;
    if (!is_due()) return;
    shown_ = Clock::now();
    if (live_) fmt::print(to_, "\r{}\x1b[K", line());
    else fmt::print(to_, "{}\n", line());
    std::fflush(to_);
}

// Ten times a second; or, where lines stay, twenty times in all, at steps that do not depend on the clock.
bool Progress::is_due() const {
    if (live_) return done_ == 1 || done_ == steps_ || seconds_since(shown_) > 0.1;
    return passes_a_part(done_, steps_, 20);
}

double Progress::characters_per_second() const {
    return static_cast<double>(done_ * characters_) / std::max(seconds_since(begin_), 1e-9);
}

std::string Progress::line() const {
    double const loss = loss_ / weight_, passed = seconds_since(begin_);
    double const left =
        std::min(passed / static_cast<double>(done_) * static_cast<double>(steps_ - done_), seconds_ - passed);
    return fmt::format("  step {:{}}/{}   loss {:.4f} nats   {:.3f} bits/char   {:4.0f}k char/s   {:3.0f} s left",
                       done_, fmt::formatted_size("{}", steps_), steps_, loss, loss * std::numbers::log2e,
                       characters_per_second() / 1000, std::max(left, 0.0));
}

std::string Progress::summary() const {
    return fmt::format("{}{} steps in {:.0f} s, {:.0f}k characters/s",
                       done_ < steps_ ? fmt::format("time was up after {} of ", done_) : "", steps_,
                       seconds_since(begin_), characters_per_second() / 1000);
}

void Progress::say(std::string const& line) {
    clear();
    fmt::print(to_, "{}\n", line);
    std::fflush(to_);
}

void Progress::clear() {
    if (live_) fmt::print(to_, "\r\x1b[K");
}

}  // namespace custom_cell
