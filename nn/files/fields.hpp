// What of an object a checkpoint keeps: its arrays and numbers, by name.
#pragma once
#include <limits>
#include <string>
#include <string_view>
#include <unordered_set>
#include <unspool/autograd/tape/params.hpp>
#include <variant>
#include <vector>

namespace unspool::core {

/// A whole number that may be restored to [low, high] only.
struct BoundedIndex {
    Index* at;
    Index low, high;
};

/// One value of an object, where it lives.
using Field = std::variant<Param*, double*, BoundedIndex, std::uint64_t*, std::string*, std::vector<double>*,
                           std::vector<Index>*, Random*>;

/// The fields of one object or of several, in the order of their naming.  An object says what belongs to it in a member
///
///     void fields(Fields f) { f.add("rate", rate_), f.add("steps", steps_); }
///
/// by which it is both saved and restored.  A handle: copies share.
class Fields {
public:
    struct Entry {
        std::string path;  // "optimiser.rate"
        Field field;
    };
    static constexpr Index most = std::numeric_limits<Index>::max();

    Fields();

    /// A value that outlives these fields.  NameError if there is one of this name already.
    void add(std::string_view name, Param& x) { append(name, &x); }
    void add(std::string_view name, double& x) { append(name, &x); }
    void add(std::string_view name, std::uint64_t& x) { append(name, &x); }
    void add(std::string_view name, std::string& x) { append(name, &x); }
    void add(std::string_view name, std::vector<double>& x) { append(name, &x); }
    void add(std::string_view name, std::vector<Index>& x) { append(name, &x); }
    void add(std::string_view name, Random& x) { append(name, &x); }
    void add(std::string_view name, Index& x, Index low = 0, Index high = most) {
        append(name, BoundedIndex{&x, low, high});
    }
    /// All parameters of a model, by their paths.
    void add(std::string_view name, Params const&);
    /// All that another object keeps.
    template <class T>
    requires requires(T& x, Fields f) { x.fields(f); }
    void add(std::string_view name, T& object) { object.fields(below(name)); }

    std::vector<Entry> const& all() const { return all_->entries; }

private:
    struct All {
        std::vector<Entry> entries;
        std::unordered_set<std::string> paths;  // of them
    };
    Fields below(std::string_view name) const;
    void append(std::string_view name, Field);

    std::shared_ptr<All> all_;
    std::string path_;
};

}  // namespace unspool::core

namespace unspool {

using core::Fields;

}  // namespace unspool
