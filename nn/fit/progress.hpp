// How training goes: a live line on a terminal, and a line for each epoch.
#pragma once
#include <chrono>
#include <cstdio>
#include <string>
#include <unspool/nn/fit/history.hpp>
#include <vector>

namespace unspool::core {

/// Where a training is.
struct FitPlace {
    Index epoch, epochs;   // the epoch from 0, and how many there will be
    Index batch, batches;  // how many of it are done; and how many there are, or 0 where that is not known
};
/// How fast it goes; 0 and −1 where that is not known.
struct Pace {
    double batches_per_second = 0;
    double seconds_left       = -1;
};

/// A piece of a line.
struct LinePiece {
    std::string text;
    Index rank;  ///< where there is no room for all, the greatest go first
};
/// Pieces with two spaces between, in so many columns.  Of the last one that is left, the beginning, if it must be.
std::string fitted_line(std::vector<LinePiece>, std::size_t columns);
/// The beginning of a line in UTF-8 that takes so many columns.
std::string shortened(std::string const& line, std::size_t columns);

/// A number to four digits, or to fewer, in seven columns.
std::string short_number(double);
/// "0:12", "1:02:03", "3 d 04 h"
std::string duration_text(double seconds);

/// "epoch  3/10  [=======>            ]  12/30  loss 0.6931   0:12 left  120/s"
std::string live_line(FitPlace const&, History::Row const& so_far, Pace, std::size_t columns);
/// "epoch  3/10  loss 0.6931   validation_loss 0.7012   rate 0.001    2.1 s": one below the other, numbers are in line.
std::string epoch_line(Index epoch, Index epochs, History::Row const&, std::size_t columns = std::string::npos);

/// Where no one looks (not a terminal, or TERM=dumb or none), there are lines only.  On a terminal, none is longer than that is wide; the
/// live line is below them, with the cursor at its beginning, so that whatever ends the program leaves the cursor there.
/// Of epochs that take no time some are left out: after the first 20, there are at most five lines a second, and the last.
class Progress {
public:
    explicit Progress(bool quiet, std::FILE* to);
    ~Progress();
    Progress(Progress const&)            = delete;
    Progress& operator=(Progress const&) = delete;

    bool due() const;                                            ///< ten times a second, and only on a terminal
    void batch(FitPlace const&, History::Row const& so_far);     ///< shown now
    void epoch(Index epoch, Index epochs, History::Row const&);  ///< with the "seconds" that it took
    void say(std::string const& line);                           ///< a line that stays

private:
    using Clock = std::chrono::steady_clock;
    Pace pace(FitPlace const&, Clock::time_point now);
    std::size_t columns() const;
    void print(std::string const& line);
    void clear();

    bool quiet_, live_, shown_ = false;
    std::FILE* to_;
    Clock::time_point next_;
    std::string waiting_;  // the line of an epoch that was left out, which may be the last
    double lines_ = 20;    // that may be written at once
    Clock::time_point refilled_;
    FitPlace begin_ = {-1, 0, 0, 0};  // where this epoch was seen first, and when
    Clock::time_point began_;
    double epoch_seconds_ = -1;  // that the last epoch took
};

}  // namespace unspool::core
