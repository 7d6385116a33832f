// How training goes.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/fit/progress.hpp>

namespace unspool::core {

namespace {

constexpr Index goes_first = 1'000'000;  // a rank that goes before those of all numbers

std::string numbered(Index i, Index n) { return fmt::format("{:{}}/{}", i, fmt::formatted_size("{}", n), n); }

std::string bar(Index done, Index all, Index width) {
    Index const filled     = std::clamp<Index>(done * width / all, 0, width);
    std::string const head = filled < width ? ">" : "";
    return fmt::format("[{:<{}}]", std::string(static_cast<std::size_t>(filled), '=') + head, width);
}

std::string named_number(std::string const& name, double x) { return fmt::format("{} {:<7}", name, short_number(x)); }

/// In their order; but the loss of the validation is as good as the loss.
Index rank_of_name(std::string_view name, std::size_t place) {
    if (name == "validation_loss") return 3;
    return name == "rate" ? goes_first : 2 + 2 * static_cast<Index>(place);
}

std::string in_a_line(std::vector<LinePiece> const& all) {
    std::string out;
    for (auto const& p : all) out += (out.empty() ? "" : "  ") + p.text;
    return out.substr(0, out.find_last_not_of(' ') + 1);
}

std::vector<LinePiece> without_last(std::vector<LinePiece> pieces, std::size_t width) {
    auto const less = [](LinePiece const& a, LinePiece const& b) { return a.rank < b.rank; };
    while (pieces.size() > 1 && columns(in_a_line(pieces)) > width)
        pieces.erase(std::max_element(pieces.begin(), pieces.end(), less));
    return pieces;
}

// Whoever says nothing of it has 80; the last one is left empty, at which some terminals begin a new line.
std::size_t columns_of(std::FILE* terminal) {
    winsize size{};
    if (ioctl(fileno(terminal), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return std::max<std::size_t>(size.ws_col, 2) - 1;
    char const* said = std::getenv("COLUMNS");
    long const n     = said ? std::strtol(said, nullptr, 10) : 0;
    return static_cast<std::size_t>(n > 1 && n < 10'000 ? n : 80) - 1;
}

bool is_live(std::FILE* to) {
    char const* kind = std::getenv("TERM");
    return isatty(fileno(to)) == 1 && kind && *kind && std::string_view(kind) != "dumb";
}

double in_seconds(std::chrono::steady_clock::duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace

std::string shortened(std::string const& line, std::size_t width) {
    std::string out;
    std::size_t taken = 0;
    utf8::each_character(line, [&](std::string_view bytes, char32_t code) {
        taken += utf8::width(code);
        if (taken <= width) out += bytes;
    });
    return out;
}

std::string fitted_line(std::vector<LinePiece> pieces, std::size_t width) {
    return shortened(in_a_line(without_last(std::move(pieces), width)), width);
}

std::string short_number(double x) {
    for (int digits = 4; digits > 1; --digits)
        if (auto out = fmt::format("{:.{}g}", x, digits); out.size() <= 7) return out;
    return fmt::format("{:.1g}", x);
}

std::string duration_text(double seconds) {
    auto const s = static_cast<Index>(std::min(seconds, 1e12));
    if (s >= 100 * 3600) return fmt::format("{} d {:02} h", s / 86400, s / 3600 % 24);
    if (s >= 3600) return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
    return fmt::format("{}:{:02}", s / 60, s % 60);
}

std::string live_line(FitPlace const& p, History::Row const& so_far, Pace pace, std::size_t width) {
    std::vector<LinePiece> pieces{{fmt::format("epoch {}", numbered(p.epoch + 1, p.epochs)), 0}};
    pieces.push_back({p.batches > 0 ? numbered(p.batch, p.batches) : fmt::format("batch {}", p.batch), 1});
    for (std::size_t i = 0; i < so_far.size(); ++i)
        pieces.push_back({named_number(so_far[i].first, so_far[i].second), rank_of_name(so_far[i].first, i)});
    if (pace.seconds_left >= 0) pieces.push_back({duration_text(pace.seconds_left) + " left", 3});
    if (double const n = pace.batches_per_second; n > 0)
        pieces.push_back({n >= 1 ? fmt::format("{:.3g}/s", n) : fmt::format("{:.3g} s each", 1 / n), goes_first});
    pieces = without_last(std::move(pieces), width);
    // What remains is for the bar.
    constexpr std::size_t widest = 20, least = 5, around = 4;
    std::size_t const taken = columns(in_a_line(pieces)) + around;
    if (p.batches > 0 && taken + least <= width)
        pieces.insert(pieces.begin() + 1,
                      {bar(p.batch, p.batches, static_cast<Index>(std::min(widest, width - taken))), 0});
    return fitted_line(std::move(pieces), width);
}

std::string epoch_line(Index epoch, Index epochs, History::Row const& row, std::size_t width) {
    std::vector<LinePiece> pieces{{fmt::format("epoch {}", numbered(epoch + 1, epochs)), 0}};
    for (std::size_t i = 0; i < row.size(); ++i) {
        auto const& [name, value] = row[i];
        if (name == "seconds") pieces.push_back({fmt::format("{:.1f} s", value), goes_first - 1});
        else pieces.push_back({named_number(name, value), rank_of_name(name, i)});
    }
    return fitted_line(std::move(pieces), width);
}

Progress::Progress(bool quiet, std::FILE* to)
    : quiet_(quiet), live_(!quiet && is_live(to)), to_(to), refilled_(Clock::now()) {}

Progress::~Progress() {
    try {
        waiting_.empty() ? clear() : say("");
    } catch (...) {}  // there may be no memory for it
}

bool Progress::due() const { return live_ && Clock::now() >= next_; }

std::size_t Progress::columns() const { return live_ ? columns_of(to_) : std::string::npos; }

Pace Progress::pace(FitPlace const& now, Clock::time_point time) {
    if (begin_.epoch != now.epoch) begin_ = now, began_ = time;
    Pace out;
    double const passed = in_seconds(time - began_);
    if (passed > 0 && now.batch > begin_.batch)
        out.batches_per_second = static_cast<double>(now.batch - begin_.batch) / passed;
    auto const after = static_cast<double>(now.epochs - now.epoch - 1);  // epochs
    if (epoch_seconds_ >= 0) out.seconds_left = std::max(0.0, epoch_seconds_ - passed) + after * epoch_seconds_;
    else if (now.batches > 0 && out.batches_per_second > 0)
        out.seconds_left = (static_cast<double>(now.batches - now.batch) + after * static_cast<double>(now.batches)) /
                           out.batches_per_second;
    return out;
}

void Progress::batch(FitPlace const& place, History::Row const& so_far) {
    auto const now         = Clock::now();
    next_                  = now + std::chrono::milliseconds(100);
    shown_                 = true;
    std::string const line = utf8::one_line(live_line(place, so_far, pace(place, now), columns()));
    fmt::print(to_, "\r{}\x1b[K\r", line);
    std::fflush(to_);
}

void Progress::epoch(Index epoch, Index epochs, History::Row const& row) {
    if (quiet_) return;
    for (auto const& [name, x] : row)
        if (name == "seconds") epoch_seconds_ = x;
    constexpr double most_at_once = 20, a_second = 5;
    auto const now = Clock::now();
    lines_         = std::min(most_at_once, lines_ + a_second * in_seconds(now - std::exchange(refilled_, now)));
    waiting_       = epoch_line(epoch, epochs, row, columns());
    if (lines_ < 1) return;
    --lines_;
    say("");
}

void Progress::say(std::string const& line) {
    if (quiet_) return;
    clear();
    for (std::string const& l : {std::exchange(waiting_, ""), line})
        if (!l.empty()) fmt::print(to_, "{}\n", utf8::one_line(l));  // names and paths are the user's
    std::fflush(to_);
}

void Progress::clear() {
    if (std::exchange(shown_, false)) std::fputs("\r\x1b[K", to_), std::fflush(to_);
}

}  // namespace unspool::core
