// Kills a program at random moments while it saves checkpoints, and looks whether the file is always all of one of them:
//     test_kill_saving [kills]
#include <atomic>
#include <boost/filesystem.hpp>
#include <csignal>
#include <cstdio>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unspool/nn/files/checkpoint.hpp>

using namespace unspool;
using namespace unspool::core;
namespace fs = boost::filesystem;

namespace {

/// A model of some 2 MB in which every number tells which save it belongs to.
struct Run {
    Params params{1};
    Index generation = 0;
    std::vector<double> list;

    Run() {
        for (int k = 0; k < 64; ++k) params.zeros("w" + std::to_string(k), {100, 80});
    }
    float number(Index of, std::size_t k) const { return static_cast<float>(of % 1000 * 100) + static_cast<float>(k); }
    void become(Index g) {
        generation     = g;
        auto const all = params.all();
        for (std::size_t k = 0; k < all.size(); ++k) all[k]->assign(number(g, k));
        list.assign(static_cast<std::size_t>(g % 7 * 1000), static_cast<double>(g));
    }
    bool whole() const {
        auto const all = params.all();
        for (std::size_t k = 0; k < all.size(); ++k)
            for (float x : std::as_const(*all[k]).value<float>())
                if (x != number(generation, k)) return false;
        return list ==
               std::vector<double>(static_cast<std::size_t>(generation % 7 * 1000), static_cast<double>(generation));
    }
    Checkpoint checkpoint() {
        Checkpoint c;
        c.add("params", params), c.add("generation", generation), c.add("list", list);
        return c;
    }
};

/// What the saving program and this one both see.
struct Progress {
    std::atomic<Index> begun, done;
};

[[noreturn]] void save_for_ever(std::string const& file, Progress& progress) noexcept {
    Run run;
    Checkpoint checkpoint = run.checkpoint();
    for (Index g = progress.begun + 1;; ++g) {
        run.become(g);
        progress.begun = g;
        checkpoint.save(file);
        progress.done = g;
    }
}

/// Where in a save the program was killed.
struct RunningMean {
    int between = 0, within = 0, kept_old = 0, got_new = 0;
};

bool judge(std::string const& file, Progress const& progress, RunningMean& tally) {
    Index const begun = progress.begun, done = progress.done;
    begun == done ? ++tally.between : ++tally.within;
    if (done == 0 && !fs::exists(file)) return true;  // killed before the first was there
    Run run;
    run.checkpoint().load(file);
    if (begun != done) run.generation == begun ? ++tally.got_new : ++tally.kept_old;
    return run.whole() && (run.generation == done || run.generation == begun);
}

bool only_expected_files(fs::path const& folder) {
    for (auto& e : fs::directory_iterator(folder))
        if (e.path().filename() != "run.ckpt" && e.path().filename() != "run.ckpt.part") return false;
    return true;
}

bool kill_once(fs::path const& folder, Progress& progress, Random& random, RunningMean& tally) {
    std::string const file = (folder / "run.ckpt").string();
    Index const before     = progress.done;
    pid_t const child      = ::fork();
    if (child == 0) save_for_ever(file, progress);
    while (progress.done == before && ::waitpid(child, nullptr, WNOHANG) == 0) ::usleep(100);  // it is under way
    ::usleep(static_cast<useconds_t>(random.below(20'000)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    bool const fine = judge(file, progress, tally) && only_expected_files(folder);
    progress.begun  = std::max<Index>(progress.begun, progress.done);
    return fine;
}

int all(int kills, fs::path const& folder) {
    void* const shared = ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return std::perror("mmap"), 1;
    Progress& progress = *new (shared) Progress{0, 0};
    Random random(1);
    RunningMean tally;
    for (int k = 0; k < kills; ++k)
        if (!kill_once(folder, progress, random, tally))
            return std::printf("kill %d: the file is neither the old nor the new one\n", k), 1;
    std::printf(
        "%d kills: %d between two saves, %d within one: the old file %d times, the new one %d times, always whole\n",
        kills, tally.between, tally.within, tally.kept_old, tally.got_new);
    return tally.within > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    fs::path const folder = fs::temp_directory_path() / fs::unique_path("unspool-%%%%%%%%");
    fs::create_directory(folder);
    int failed = 1;
    try {
        failed = all(argc > 1 ? std::stoi(argv[1]) : 50, folder);
    } catch (std::exception const& e) { std::printf("%s\n", e.what()); }
    fs::remove_all(folder);
    return failed;
}
