// Blocks that are computed again.
#include <algorithm>
#include <unspool/autograd/cpu/trace.hpp>
#include <unspool/autograd/statement/block.hpp>
#include <vector>

namespace unspool::core {

namespace {

/// The addresses are those of the result, and of each leaf.
template <Real T> class TracedBlock final : public Traced {
public:
    TracedBlock(Block const& b, std::span<Window const* const> leaves, void* value)
        : b_(b), numbers_(b.numbers, b.numbers + std::ranges::count(b.type->tokens, Token::number, &Token::kind)) {
        at.push_back(static_cast<std::byte*>(value));
        for (Window const* w : leaves) at.push_back(static_cast<std::byte*>(w->data));
        std::fill_n(o_.fill, leaves.size(), WriteMode::none);
        b_.numbers = numbers_.data();
    }
    void run() override {
        for (std::size_t k = 1; k < at.size(); ++k) o_.x[k - 1] = elements_at<T>(at[k]);
        loop_.forward(elements_at<T>(at[0]));
    }
    std::size_t makes() const override { return static_cast<std::size_t>(b_.rows * b_.length) * sizeof(T); }
    bool may_overwrite(std::size_t k) const override { return b_.rows == 1 || b_.stride[k - 1] == b_.length; }
    bool same_work(Traced const& other) const override {
        auto const& o     = static_cast<TracedBlock const&>(other);
        auto const leaves = static_cast<std::size_t>(b_.type->leaves);
        return b_.type == o.b_.type && b_.rows == o.b_.rows && b_.length == o.b_.length && numbers_ == o.numbers_ &&
               (b_.rows == 1 || std::equal(b_.stride, b_.stride + leaves, o.b_.stride));
    }

private:
    Block b_;
    std::vector<double> numbers_;
    FirstElements<T> o_;
    BlockRun<T> loop_{b_, o_};
};

}  // namespace

template <Real T>
void trace_forward(Tape const& tape, Block const& b, std::span<Window const* const> leaves, void* value) {
    trace_here->add(&tape, std::make_unique<TracedBlock<T>>(b, leaves, value));
}

template <Real T>
void trace_forward(Tape const& tape, Statement const& s, std::span<Window const* const> leaves, Window const& value) {
    if (s.block) trace_forward<T>(tape, block_of<T>(s), leaves, value.data), trace_here->expect();
}

template void trace_forward<float>(Tape const&, Block const&, std::span<Window const* const>, void*);
template void trace_forward<double>(Tape const&, Block const&, std::span<Window const* const>, void*);
template void trace_forward<float>(Tape const&, Statement const&, std::span<Window const* const>, Window const&);
template void trace_forward<double>(Tape const&, Statement const&, std::span<Window const* const>, Window const&);

}  // namespace unspool::core
