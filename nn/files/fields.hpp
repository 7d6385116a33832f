// What of an object a checkpoint keeps: its arrays and numbers, by name.
#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <unspool/autograd/tape/params.hpp>
#include <vector>

namespace unspool::core {

struct Entry;

/// The fields of one object or of several, in the order of their naming.  An object says what belongs to it in a member
///
///     void fields(Fields f) { f.add("rate", rate_), f.add("steps", steps_); }
///
/// by which it is both saved and restored.  A handle: copies share.
class Fields {
public:
    static constexpr Index most = std::numeric_limits<Index>::max();  ///< no bound

    Fields();

    /// A value that outlives these fields.  NameError if there is one of this name already.
    void add(std::string_view name, Param&);
    void add(std::string_view name, double&);
    void add(std::string_view name, std::uint64_t&);
    void add(std::string_view name, std::string&);
    void add(std::string_view name, std::vector<double>&);
    void add(std::string_view name, std::vector<Index>&);
    void add(std::string_view name, Random&);
    void add(std::string_view name, Index& x, Index low = 0, Index high = most);
    /// All parameters of a model, by their paths.
    void add(std::string_view name, Params const&);
    /// All that another object keeps.
    template <class T>
    requires requires(T& x, Fields f) { x.fields(f); }
    void add(std::string_view name, T& object) { object.fields(below(name)); }

    std::vector<Entry> const& all() const;  // entry.hpp

private:
    struct All;
    Fields below(std::string_view name) const;
    template <class T> void append(std::string_view name, T at);

    std::shared_ptr<All> all_;
    std::string path_;
};

}  // namespace unspool::core

namespace unspool {

using core::Fields;

}  // namespace unspool
