// How the fields of objects are named.
#include <fmt/format.h>
#include <unordered_set>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/entry.hpp>

namespace unspool::core {

struct Fields::All {
    std::vector<Entry> entries;
    std::unordered_set<std::string> paths;  // of them
};

Fields::Fields() : all_(std::make_shared<All>()) {}

std::vector<Entry> const& Fields::all() const { return all_->entries; }

Fields Fields::below(std::string_view name) const {
    Fields out = *this;
    out.path_  = path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
    return out;
}

template <class T> void Fields::append(std::string_view name, T at) {
    std::string path = below(name).path_;
    if (!all_->paths.insert(path).second) throw NameError(fmt::format("there is a field {} already", path));
    all_->entries.push_back({std::move(path), at});
}

void Fields::add(std::string_view name, Param& x) { append(name, &x); }
void Fields::add(std::string_view name, double& x) { append(name, &x); }
void Fields::add(std::string_view name, std::uint64_t& x) { append(name, &x); }
void Fields::add(std::string_view name, std::string& x) { append(name, &x); }
void Fields::add(std::string_view name, std::vector<double>& x) { append(name, &x); }
void Fields::add(std::string_view name, std::vector<Index>& x) { append(name, &x); }
void Fields::add(std::string_view name, Random& x) { append(name, &x); }
void Fields::add(std::string_view name, Index& x, Index low, Index high) { append(name, BoundedIndex{&x, low, high}); }
void Fields::add(std::string_view name, Params const& params) {
    for (Param* p : params.all()) below(name).add(p->path(), *p);
}

}  // namespace unspool::core
