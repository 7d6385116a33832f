// Lets one allocation after the other fail, in training, files, checks and pictures, and looks whether what comes is a typed error
// or bad_alloc, whether nothing leaks, and whether the same, done again, gives what an undisturbed program gives, bit for bit:
//     test_allocation [points]                       of each scenario, spread evenly; or all
//     test_allocation <scenario> <number> [again]    this one alone, in this process, or after it was done once; negative: all from
//                                                    that allocation on
#include "memory.hpp"
#include "scenarios.hpp"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <span>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unspool/autograd/tape/graveyard.hpp>

namespace fs = std::filesystem;

namespace {

struct Point {
    memory::Refuse what = memory::Refuse::one;
    long number         = 0;  // 0: nothing fails
};

/// What came of it.
struct Outcome {
    bool refused = false;
    long made = 0, left = 0;  // allocations
    std::size_t result = 0;   // a hash of it
    std::string why    = {};  // it is wrong; empty if it is not
};

/// Did it pass?  What it may not throw gets through.
bool attempted(Program& program) {
    try {
        program.run();
        return true;
    } catch (std::bad_alloc const&) {
    } catch (unspool::core::Error const&) {}
    return false;
}

Outcome disturbed(Scenario const& s, Point p, fs::path const& folder) {
    Outcome out;
    unspool::core::forget_buried();
    long const before = memory::alive();
    try {
        fs::create_directory(folder);
        auto const program = s.prepare(folder);
        memory::begin(p.what, p.number);
        bool const passed = attempted(*program);
        out.made = memory::made(), out.refused = memory::end();
        if (!passed) program->run();
        out.result = std::hash<std::string>()(program->result());
    } catch (std::exception const& e) { out.why = e.what(); }
    memory::end();
    fs::remove_all(folder);
    unspool::core::forget_buried();
    out.left = memory::alive() - before - (out.why.capacity() > std::string().capacity() ? 1 : 0);
    return out;
}

/// The same in a process that is cold, or that has done it before, so that what is kept for the next time is there.
Outcome undisturbed(Scenario const& s, bool warm, fs::path const& folder) {
    if (warm) disturbed(s, {}, folder);
    return disturbed(s, {}, folder);
}

/// What a process tells the one that started it.
struct Told {
    std::size_t at, result;
    long made, left;
    char why[400];
};
Told& told() {
    static void* const at = ::mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return *static_cast<Told*>(at);
}

/// Calls `f(folder)` in a process of its own.  Gives what it tells to be wrong, or how it ended.
template <class F> std::string in_a_process(F f) {
    fs::path const folder = fs::temp_directory_path() / fmt::format("unspool-allocation-{}", ::getpid());
    std::fflush(nullptr);
    told().why[0]     = 0;
    pid_t const child = ::fork();
    if (child == 0) {
        std::string const why                                   = f(folder);
        told().why[why.copy(told().why, sizeof told().why - 1)] = 0;
        std::exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    fs::remove_all(folder);
    if (WIFSIGNALED(status)) return ::strsignal(WTERMSIG(status));
    return WEXITSTATUS(status) == 0 ? told().why : fmt::format("exit status {}", WEXITSTATUS(status));
}

std::string judged(Outcome const& o, Told const& right) {
    if (!o.why.empty()) return o.why;
    if (o.result != right.result) return "another result";
    return o.left == right.left ? "" : fmt::format("{} allocations are left, and not {}", o.left, right.left);
}

struct RunningMean {
    long tried = 0, wrong = 0;
};

class Trial {
public:
    Trial(Scenario const& s, bool warm) : scenario_(s), warm_(warm) {
        std::string const why = in_a_process([&](fs::path const& folder) {
            Outcome const o = undisturbed(scenario_, warm_, folder);
            told().result = o.result, told().made = o.made, told().left = o.left;
            return o.why;
        });
        right_                = told();
        if (!why.empty()) std::printf("    %s: %s\n", s.name, why.c_str()), tally_ = {1, 1}, right_.made = 0;
    }

    /// Tries so many points, spread evenly.
    RunningMean operator()(double points) {
        std::vector<Point> all;
        double const most = static_cast<double>(right_.made), step = std::max(1.0, most / points);
        for (double at = 1; at <= most; at += step)
            for (auto what : {memory::Refuse::one, memory::Refuse::all_from}) all.push_back({what, std::lround(at)});
        for (std::span<Point const> rest = all; !rest.empty();) {
            std::size_t const n = warm_ ? rest.size() : 1;
            std::string const why =
                in_a_process([&](fs::path const& folder) { return first_fault(rest.first(n), folder); });
            std::size_t const done = why.empty() ? n : told().at + 1;
            if (!why.empty()) complain(rest[told().at], why);
            tally_.tried += static_cast<long>(done);
            rest = rest.subspan(done);
        }
        return tally_;
    }
    long made() const { return right_.made; }

private:
    std::string first_fault(std::span<Point const> points, fs::path const& folder) const {
        if (warm_) disturbed(scenario_, {}, folder);
        for (told().at = 0; told().at < points.size(); ++told().at)
            if (auto why = judged(disturbed(scenario_, points[told().at], folder), right_); !why.empty()) return why;
        return "";
    }
    void complain(Point p, std::string const& why) {
        if (++tally_.wrong <= 8)
            std::printf("    %s %ld: %s\n", scenario_.name, p.what == memory::Refuse::one ? p.number : -p.number,
                        why.c_str());
    }

    Scenario const& scenario_;
    bool warm_;
    Told right_{};
    RunningMean tally_;
};

std::vector<Scenario> all_scenarios() {
    std::vector<Scenario> out;
    for (auto some :
         {scenarios_of_training, scenarios_of_networks, scenarios_of_files, scenarios_of_checks, scenarios_of_pictures})
        for (Scenario& s : some()) out.push_back(std::move(s));
    return out;
}

int one(std::string const& name, long number, bool warm) {
    for (Scenario const& s : all_scenarios()) {
        if (s.name != name) continue;
        fs::path const folder = fs::temp_directory_path() / "unspool-allocation-one";
        if (warm) disturbed(s, {}, folder);
        Outcome const o =
            disturbed(s, {number > 0 ? memory::Refuse::one : memory::Refuse::all_from, std::abs(number)}, folder);
        return std::printf("%s: %s\n", o.refused ? "refused" : "not refused", o.why.c_str()), !o.why.empty();
    }
    return std::printf("there is no scenario %s\n", name.c_str()), 2;
}

/// Cold processes take a while each: they are for a part of the points.
int all(double points) {
    constexpr double cold_points = 200;
    RunningMean sum;
    for (Scenario const& s : all_scenarios())
        for (bool warm : {false, true}) {
            Trial trial(s, warm);
            RunningMean const tally = trial(warm ? points : std::min(points, cold_points));
            std::printf("%-22s %s  %6ld allocations  %6ld of %6ld points passed\n", s.name, warm ? "again" : "     ",
                        trial.made(), tally.tried - tally.wrong, tally.tried);
            std::fflush(stdout);
            sum.tried += tally.tried, sum.wrong += tally.wrong;
        }
    std::printf("%ld of %ld points passed\n", sum.tried - sum.wrong, sum.tried);
    return sum.wrong == 0 && sum.tried > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 2) return one(argv[1], std::atol(argv[2]), argc > 3);
    std::string const points = argc > 1 ? argv[1] : "10";
    return all(points == "all" ? 1e12 : std::stod(points));
}
