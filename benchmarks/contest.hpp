// A contest: the same work done by this library and by its peers, compared and then timed side by side.  It knows neither.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bench {

/// A contender that is set up: what is timed, and what it computes, to be compared with the others.
struct Ready {
    std::function<void()> run;
    std::function<std::vector<float>()> result;
};

/// One way to do the work.
struct Contender {
    std::string who;
    std::function<Ready()> make;
};

/// This library, and its peers.
std::vector<Contender> unspool_and(std::vector<Contender> peers, std::function<Ready()> ours);

/// For contests that are there for our own figures.
inline constexpr auto nobody = [](auto const&...) { return std::vector<Contender>(); };

/// What milliseconds, or bytes, are in a unit that can be compared between shapes.
struct Unit {
    std::string name;
    std::function<double(double)> of;
};
Unit nanoseconds_per(std::string const& item, double items);  ///< of milliseconds, in which there were so many items
Unit items_per_second(std::string const& items, double count);
Unit bytes_per(std::string const& item, double items);

struct Contest {
    std::string name;   // "LSTM forward+backward"
    std::string shape;  // "T100 B32 I128 H256"
    int threads;
    std::vector<Contender> contenders;  // ours first
    std::optional<Unit> speed                  = {};
    std::optional<Unit> memory                 = {};  // if it is to be measured
    std::function<std::vector<double>()> exact = {};  // what results are measured by, in ulp
};

/// A number for each contender.
struct Figure {
    std::string name;
    std::vector<double> values;
};

/// What a contest came to.
struct Result {
    std::string name, shape;
    int threads;
    std::vector<std::string> contenders;  // ours first
    std::vector<double> milliseconds;
    std::vector<Figure> figures;  // and whatever else the contest asks for

    std::size_t best_peer() const;  ///< 0 if there is none
    double ratio() const;           ///< of our time to the best peer's; NaN if there is none
};

/// How thoroughly to measure: so many repetitions of each contender, in random order, each of at least so many seconds.
struct Effort {
    int repetitions;
    double seconds;
};

/// Medians.  Throws std::runtime_error if contenders compute different things.
Result hold(Contest const&, Effort const&);

}  // namespace bench
