// Exchanges by MPI's messages from one process to another, which unlike its collective calls can be given up.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <exception>
#include <fmt/format.h>
#include <list>
#include <mpi.h>
#include <thread>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/mpi/ranks.hpp>
#include <utility>

namespace unspool::mpi {

using core::Packet;
using core::RankError;
using core::Where;

namespace {

using Clock = std::chrono::steady_clock;

constexpr int parts_of_messages = 1, failures = 2;     // tags
constexpr std::size_t largest = std::size_t{1} << 24;  // of a part: MPI counts in int

std::string error_text(int code) {
    char words[MPI_MAX_ERROR_STRING];
    int n = 0;
    MPI_Error_string(code, words, &n);
    return {words, static_cast<std::size_t>(n)};
}

Clock::time_point after(double seconds) {
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

/// Looks again at once at first, and while anything comes; then others get the processor, for longer the longer nothing has come.  To yield it
/// would leave it to whatever else the machine does, for milliseconds.
class Patience {
public:
    void wait(bool moving = false) {
        using std::chrono::microseconds;
        if (moving) begin_ = Clock::now();
        auto const waited = std::chrono::duration_cast<microseconds>(Clock::now() - begin_);
        if (waited > microseconds(50)) std::this_thread::sleep_for(std::min(waited / 16, microseconds(1000)));
    }

private:
    Clock::time_point begin_ = Clock::now();
};

/// What comes from a rank: parts, of which only the last is smaller than `largest`.
struct Incoming {
    int from;
    Packet bytes        = {};
    bool over           = false;
    MPI_Request request = MPI_REQUEST_NULL;
    int part            = 0;  // how large the one is that is coming
};

bool finalised() {
    int out = 0;
    MPI_Finalized(&out);
    return out != 0;
}

}  // namespace

/// One communicator, and all the memory that MPI may read or write.
class Ranks::Post {
public:
    Post(Options, Where);
    ~Post();

    void exchange(std::span<std::span<std::byte const> const> to, std::span<Packet> from, Where);
    void fail(std::string_view why) noexcept;

    int rank = 0, count = 1;
    bool over = false;

private:
    void require(int code, std::string_view what, Where) const;
    void send(std::span<std::span<std::byte const> const> to, Where);
    void send_part(std::size_t begin, std::size_t end, int to, Where);
    bool progress(Incoming&, Where);
    void begin_part(Incoming&, Where);
    bool sent(Where);
    bool moving() const;
    void look_for_failures(Where);
    [[noreturn]] void give_up(bool sent, Where) const;

    MPI_Comm comm_ = MPI_COMM_NULL;
    bool began_    = false;  // MPI
    bool heard_    = false;  // a part of a message has come
    double seconds_;
    Packet outgoing_;
    std::vector<MPI_Request> sends_;
    std::vector<Incoming> incoming_;
    std::string why_;  // this rank failed
};

Ranks::Post::Post(Options o, Where where) : seconds_(o.seconds) {
    if (!(seconds_ > 0))
        throw core::ValueError(
            fmt::format("{}: mpi::Ranks: seconds is {}, but must be positive", text(where), seconds_));
    int initialised = 0, level = 0;
    MPI_Initialized(&initialised);
    if (finalised())
        throw RankError(text(where) +
                        ": mpi::Ranks: MPI was finalised, by an earlier mpi::Ranks perhaps, and cannot begin again");
    if (!initialised) MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &level), began_ = true;
    MPI_Query_thread(&level);
    if (level < MPI_THREAD_FUNNELED)
        throw RankError(text(where) + ": mpi::Ranks: MPI was begun for a single thread; call MPI_Init_thread");
    MPI_Comm_dup(MPI_COMM_WORLD, &comm_);
    MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN);
    MPI_Comm_rank(comm_, &rank), MPI_Comm_size(comm_, &count);
}

Ranks::Post::~Post() {
    if (finalised()) return;  // by the program, whose communicators went with it
    MPI_Comm_free(&comm_);
    if (began_) MPI_Finalize();
}

void Ranks::Post::require(int code, std::string_view what, Where where) const {
    if (code != MPI_SUCCESS) throw RankError(fmt::format("{}: {}: {}", text(where), what, error_text(code)));
}

void Ranks::Post::exchange(std::span<std::span<std::byte const> const> to, std::span<Packet> from, Where where) {
    if (finalised()) throw RankError(text(where) + ": mpi::Ranks: the program has finalised MPI");
    incoming_.clear();
    for (int r = 0; r < count; ++r)
        if (r != rank) incoming_.push_back({r});
    send(to, where);
    auto deadline = after(seconds_);  // of what comes next
    Patience patience;
    for (bool complete = false; !complete; patience.wait(moving())) {
        complete            = sent(where);
        bool const all_sent = complete;
        for (Incoming& in : incoming_) complete = progress(in, where) && complete;
        if (complete) break;
        if (std::exchange(heard_, false)) deadline = after(seconds_);
        look_for_failures(where);
        if (Clock::now() > deadline) give_up(all_sent, where);
    }
    for (Incoming& in : incoming_) from[static_cast<std::size_t>(in.from)].swap(in.bytes);
    auto const self = to[static_cast<std::size_t>(rank)];
    from[static_cast<std::size_t>(rank)].assign(self.begin(), self.end());
}

/// From memory of our own, since MPI may read it though this is given up; what goes to several is there once.
void Ranks::Post::send(std::span<std::span<std::byte const> const> to, Where where) {
    std::vector<std::size_t> begins;
    outgoing_.clear();
    for (std::size_t r = 0; r < to.size(); ++r) {
        bool const again = r > 0 && to[r].data() == to[r - 1].data() && to[r].size() == to[r - 1].size();
        begins.push_back(again ? begins.back() : outgoing_.size());
        if (!again) outgoing_.insert(outgoing_.end(), to[r].begin(), to[r].end());
    }
    for (int k = 1; k < count; ++k) {
        int const r          = (rank + k) % count;  // not all to the same one first
        std::size_t const at = begins[static_cast<std::size_t>(r)], n = to[static_cast<std::size_t>(r)].size();
        for (std::size_t done = 0; done <= n; done += largest)
            send_part(at + done, at + std::min(n, done + largest), r, where);
    }
}

void Ranks::Post::send_part(std::size_t begin, std::size_t end, int to, Where where) {
    sends_.push_back(MPI_REQUEST_NULL);
    require(MPI_Isend(outgoing_.data() + begin, static_cast<int>(end - begin), MPI_BYTE, to, parts_of_messages, comm_,
                      &sends_.back()),
            fmt::format("nothing can be sent to rank {}", to), where);
}

bool Ranks::Post::sent(Where where) {
    int all = 0;
    require(MPI_Testall(static_cast<int>(sends_.size()), sends_.data(), &all, MPI_STATUSES_IGNORE),
            "what was sent did not arrive", where);
    if (all) sends_.clear();
    return all != 0;
}

/// Is all of it here?
bool Ranks::Post::progress(Incoming& in, Where where) {
    if (in.over) return true;
    if (in.request == MPI_REQUEST_NULL) begin_part(in, where);
    if (in.request == MPI_REQUEST_NULL) return false;
    int here = 0;
    require(MPI_Test(&in.request, &here, MPI_STATUS_IGNORE), fmt::format("nothing comes from rank {}", in.from), where);
    heard_ |= here != 0;
    return in.over = here && static_cast<std::size_t>(in.part) < largest;
}

void Ranks::Post::begin_part(Incoming& in, Where where) {
    int there              = 0;
    MPI_Message part       = MPI_MESSAGE_NULL;
    MPI_Status status      = {};
    std::string const what = fmt::format("nothing comes from rank {}", in.from);
    require(MPI_Improbe(in.from, parts_of_messages, comm_, &there, &part, &status), what, where);
    if (!there) return;
    MPI_Get_count(&status, MPI_BYTE, &in.part);
    std::size_t const at = in.bytes.size();
    in.bytes.resize(at + static_cast<std::size_t>(in.part));
    require(MPI_Imrecv(in.bytes.data() + at, in.part, MPI_BYTE, &part, &in.request), what, where);
}

bool Ranks::Post::moving() const {
    return std::any_of(incoming_.begin(), incoming_.end(),
                       [](Incoming const& in) { return in.request != MPI_REQUEST_NULL; });
}

void Ranks::Post::look_for_failures(Where where) {
    int there         = 0;
    MPI_Status status = {};
    require(MPI_Iprobe(MPI_ANY_SOURCE, failures, comm_, &there, &status), "MPI failed", where);
    if (!there) return;
    int n = 0;
    MPI_Get_count(&status, MPI_BYTE, &n);
    std::string why(static_cast<std::size_t>(n), ' ');
    MPI_Recv(why.data(), n, MPI_BYTE, status.MPI_SOURCE, failures, comm_, MPI_STATUS_IGNORE);
    throw RankError(fmt::format("{}: rank {} failed: {}", text(where), status.MPI_SOURCE, why));
}

void Ranks::Post::give_up(bool sent, Where where) const {
    std::string missing;
    for (Incoming const& in : incoming_)
        if (!in.over) missing += fmt::format("{}{}", missing.empty() ? "" : ", ", in.from);
    throw RankError(fmt::format("{}: in {} s, {}, of {} ranks", text(where), seconds_,
                                missing.empty() ? std::string(sent ? "" : "not all has arrived that was sent")
                                                : "nothing was heard of rank " + core::utf8::one_line(missing, 80),
                                count));
}

void Ranks::Post::fail(std::string_view why) noexcept try {
    constexpr std::size_t most = 2000;  // MPI sends so much without a rank that waits for it
    over = true, why_ = core::utf8::one_line(why, most);
    std::vector<MPI_Request> told;
    for (int r = 0; r < count; ++r)
        if (r != rank)
            MPI_Isend(why_.data(), static_cast<int>(why_.size()), MPI_BYTE, r, failures, comm_, &told.emplace_back());
    auto const deadline = after(2);
    Patience patience;
    for (int all = 0; !all && Clock::now() < deadline; patience.wait())
        MPI_Testall(static_cast<int>(told.size()), told.data(), &all, MPI_STATUSES_IGNORE);
} catch (...) {}

Ranks::Ranks(Options o, Where where)
    : post_(std::make_unique<Post>(o, where)), exceptions_(std::uncaught_exceptions()) {}

Ranks::~Ranks() {
    if (std::uncaught_exceptions() > exceptions_) fail("an exception ended its mpi::Ranks");
    if (!post_->over) return;
    static auto& left = *new std::list<std::unique_ptr<Post>>;  // MPI may still use its memory
    left.push_back(std::move(post_));
}

Index Ranks::rank() const { return post_->rank; }
Index Ranks::count() const { return post_->count; }

void Ranks::exchange(std::span<std::span<std::byte const> const> to, std::span<Packet> from, Where where) {
    if (post_->over) throw RankError(text(where) + ": these ranks have failed before, and can do no more");
    try {
        post_->exchange(to, from, where);
    } catch (RankError const& e) {
        fail(e.what());
        throw;
    }
}

void Ranks::fail(std::string_view why) noexcept {
    if (!post_->over) post_->fail(why);
}

}  // namespace unspool::mpi
