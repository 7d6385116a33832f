// How training goes: a live line on a terminal, and a line for each epoch.
#pragma once
#include <chrono>
#include <cstdio>
#include <string>
#include <unspool/nn/fit/history.hpp>

namespace unspool::core {

/// Where a training is.
struct FitPlace {
    Index epoch, epochs;   // the epoch from 0, and how many there will be
    Index batch, batches;  // how many of it are done; and how many there are, or 0 where that is not known
};

/// "epoch  3/10  [========>           ]  12/30  loss 0.6931"
std::string live_line(FitPlace const&, double loss);
/// "epoch  3/10  loss 0.6931  validation_loss 0.7012  rate 0.001  2.1 s"
std::string epoch_line(Index epoch, Index epochs, History::Row const&);

/// The beginning of a line in UTF-8 that takes so many columns: a longer one would not be overwritten by the next.
std::string shortened(std::string const& line, std::size_t columns);

class Progress {
public:
    explicit Progress(bool quiet, std::FILE* to);
    ~Progress() { clear(); }
    Progress(Progress const&)            = delete;
    Progress& operator=(Progress const&) = delete;

    void batch(FitPlace const&, double loss);  ///< shown ten times a second, and only on a terminal
    void say(std::string const& line);         ///< a line that stays

private:
    void clear();

    bool quiet_, live_, shown_ = false;
    std::FILE* to_;
    std::chrono::steady_clock::time_point next_;
};

}  // namespace unspool::core
