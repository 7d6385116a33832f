// What is computed while a step of a scan is taken down: it can be computed again for later steps, whose arrays lie elsewhere, without being
// recorded again.
#pragma once
#include <cstddef>
#include <memory>
#include <vector>

namespace unspool::core {

/// One computation.  It knows where its arrays lie by these addresses alone.
class Traced {
public:
    virtual ~Traced()                           = default;
    virtual void run()                          = 0;  ///< computes it, at the addresses in `at`
    virtual bool same_work(Traced const&) const = 0;  ///< but for addresses

    std::vector<std::byte*> at;  ///< of what it reads and writes, in an order of its own
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

    /// Is it all that was computed?
    bool complete() const { return complete_ && told_ == expected_; }
    /// The same work as another's?
    bool same_work(Trace const&) const;
    /// How far each address is from where it was in the step before.
    std::vector<std::ptrdiff_t> distances(Trace const& before) const;
    /// Those that move; of each that does not, null.
    std::vector<std::byte const*> moving(std::vector<std::ptrdiff_t> const& distances) const;
    /// Goes that far, and computes it all.
    void step(std::vector<std::ptrdiff_t> const& distances);

private:
    void const* tape_;
    std::vector<std::unique_ptr<Traced>> all_;
    int expected_ = 0, told_ = 0;
    bool complete_ = true;
};

/// What is being taken down in this thread; null: nothing is.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local Trace* trace_here;

}  // namespace unspool::core
