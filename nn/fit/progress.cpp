// How training goes.
#include <algorithm>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/fit/progress.hpp>

namespace unspool::core {

namespace {

std::string numbered(Index i, Index n) { return fmt::format("{:{}}/{}", i, fmt::formatted_size("{}", n), n); }

std::string bar(Index done, Index all) {
    constexpr Index width  = 20;
    Index const filled     = std::clamp<Index>(done * width / all, 0, width);
    std::string const head = filled < width ? ">" : "";
    return fmt::format("[{:<20}]", std::string(static_cast<std::size_t>(filled), '=') + head);
}

// Of a terminal that does not say, what is usual.
std::size_t columns_of(std::FILE* terminal) {
    winsize size{};
    return ioctl(fileno(terminal), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string shortened(std::string const& line, std::size_t most) {
    std::size_t end = line.size();
    while (columns(std::string_view(line).substr(0, end)) > most) --end;
    while (end < line.size() && (line[end] & 0xC0) == 0x80) ++end;
    return line.substr(0, end);
}

std::string live_line(FitPlace const& p, double loss) {
    auto const done = p.batches > 0 ? fmt::format("{}  {}", bar(p.batch, p.batches), numbered(p.batch, p.batches))
                                    : fmt::format("batch {}", p.batch);
    return fmt::format("epoch {}  {}  loss {:.4g}", numbered(p.epoch + 1, p.epochs), done, loss);
}

std::string epoch_line(Index epoch, Index epochs, History::Row const& row) {
    std::string out = fmt::format("epoch {}", numbered(epoch + 1, epochs));
    for (auto const& [name, value] : row)
        out += name == "seconds" ? fmt::format("  {:.1f} s", value) : fmt::format("  {} {:.4g}", name, value);
    return out;
}

Progress::Progress(bool quiet, std::FILE* to) : quiet_(quiet), live_(!quiet && isatty(fileno(to)) == 1), to_(to) {}

void Progress::batch(FitPlace const& place, double loss) {
    auto const now = std::chrono::steady_clock::now();
    if (!live_ || now < next_) return;
    next_  = now + std::chrono::milliseconds(100);
    shown_ = true;
    fmt::print(to_, "\r{}\x1b[K", shortened(live_line(place, loss), columns_of(to_)));
    std::fflush(to_);
}

void Progress::say(std::string const& line) {
    if (quiet_) return;
    clear();
    fmt::print(to_, "{}\n", utf8::one_line(line));  // names and paths are the user's
    std::fflush(to_);
}

void Progress::clear() {
    if (shown_) std::fputs("\r\x1b[K", to_);
    shown_ = false;
}

}  // namespace unspool::core
