// The rest of an epoch, as a range of batches.
#pragma once
#include <cstddef>
#include <iterator>

namespace unspool::core {

/// Of a source whose `next()` points to a batch, or to none after the last: each is valid until the next one.  Whoever
/// leaves the loop early finds the source where it left it.
template <class Source> class Epoch {
public:
    using Batch = std::remove_pointer_t<decltype(std::declval<Source&>().next())>;

    class Iterator {
    public:
        using value_type      = std::remove_const_t<Batch>;
        using difference_type = std::ptrdiff_t;

        explicit Iterator(Source& s) : source_(&s), batch_(s.next()) {}
        Batch& operator*() const { return *batch_; }
        Iterator& operator++() { return batch_ = source_->next(), *this; }
        void operator++(int) { ++*this; }
        friend bool operator==(Iterator const& i, std::default_sentinel_t) { return i.batch_ == nullptr; }

    private:
        Source* source_;
        Batch* batch_;
    };

    explicit Epoch(Source& s) : source_(s) {}
    Iterator begin() { return Iterator(source_); }
    std::default_sentinel_t end() const { return {}; }

private:
    Source& source_;
};

}  // namespace unspool::core
