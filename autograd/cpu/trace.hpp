// What is computed while a step of a scan is taken down: it can be computed again for later steps, whose arrays lie elsewhere, without being
// recorded again.
#pragma once
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace unspool::core {

/// One computation.  It knows where its arrays lie by these addresses alone.
class Traced {
public:
    virtual ~Traced()                           = default;
    virtual void run()                          = 0;  ///< computes it, at the addresses in `at`
    virtual bool same_work(Traced const&) const = 0;  ///< but for addresses

    /// Bytes from at[0] on that it makes, all of them, and from other addresses alone; 0: something else.
    virtual std::size_t makes() const { return 0; }
    /// Can it make them where at[k] is, whose elements it then reads just before?
    virtual bool may_overwrite(std::size_t) const { return false; }
    /// Bytes that it copies from at[1] to at[0], and does no more; 0: something else.
    virtual std::size_t copies() const { return 0; }

    std::vector<std::byte*> at;  ///< of what it reads and writes, first of what it writes
    bool needed = true;
};

/// The computations of one step, in their order.
class Trace {
public:
    explicit Trace(void const* tape) : tape_(tape) {}  ///< on which all of them have to be

    /// Adds one that was carried out just now, on a tape.
    void add(void const* tape, std::unique_ptr<Traced> what);
    void expect() { ++expected_; }         ///< what was added is recorded, too: tell() will be called once for it
    void tell(void const* tape);           ///< something was recorded on a tape
    void give_up() { complete_ = false; }  ///< something happens that cannot be computed again from here

    bool empty() const { return all_.empty(); }
    /// Is it all that was computed?
    bool complete() const { return complete_ && told_ == expected_; }
    /// The same work as another's?
    bool same_work(Trace const&) const;
    /// How far each address is from where it was in the step before; or as if all results had stayed where they were.
    std::vector<std::ptrdiff_t> distances(Trace const& before, bool results_stay = false) const;
    /// Those that move; of each that does not, null.
    std::vector<std::byte const*> moving(std::vector<std::ptrdiff_t> const& distances) const;
    /// From here on, each step lies that far from the one before.  What was made only to be copied is made where the copy was.
    void follow(std::vector<std::ptrdiff_t> const& distances);
    void step();  ///< goes that far, and computes it all

    /// Where `at_once` makes the same for a block of so many steps, one behind the other: is this the first of a block, and does it look
    /// there at what is its own alone?
    bool begins(Trace const& at_once, std::size_t steps) const;
    void go_back(Trace const& at_once, std::size_t steps);  ///< there, by so many steps

private:
    template <class F> void each_within(Trace const& at_once, F f) const;
    std::size_t maker(std::size_t copy) const;
    bool can_make_there(std::size_t maker, std::size_t copy) const;
    void make_there(std::size_t copy);

    void const* tape_;
    std::vector<std::unique_ptr<Traced>> all_;
    std::vector<std::ptrdiff_t> far_;  // of each address
    int expected_ = 0, told_ = 0;
    bool complete_ = true;
};

/// What is being taken down in this thread, of one step and of what is computed for many at once; null: nothing is.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local Trace *trace_here, *trace_at_once;

/// While it lives, what is computed is for many steps at once.
class [[nodiscard]] AtOnce {
public:
    AtOnce() : of_step_(std::exchange(trace_here, trace_at_once)) {}
    ~AtOnce() { trace_here = of_step_; }
    AtOnce(AtOnce const&) = delete;

private:
    Trace* of_step_;
};

}  // namespace unspool::core
