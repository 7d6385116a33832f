// A contest: the same work done by this library and by its peers, timed side by side.
#pragma once
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// One way to do the work.  `make` sets it up and returns what is timed; it is called once, when the contest begins.
struct Contender {
    std::string                            who;
    std::function<std::function<void()>()> make;
};

struct Contest {
    std::string            name;   // "LSTM forward+backward"
    std::string            shape;  // "T100 B32 I128 H256"
    int                    threads;
    std::vector<Contender> contenders;  // ours first
};

/// What a contest came to: medians.
struct Result {
    std::string name, shape;
    int         threads;
    double      ours;          // milliseconds
    std::string peer;          // the best one
    double      milliseconds;  // of the peer
    double      ratio;         // ours / the peer's
};

/// Runs all contests, repetitions of all contenders in random order, for at least `seconds` each time.
std::vector<Result> run(std::vector<Contest> const&, int repetitions, double seconds);

void        print_table(std::vector<Result> const&);
std::string to_json(std::vector<Result> const&);

}  // namespace bench
