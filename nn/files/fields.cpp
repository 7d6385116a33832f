// How the fields of objects are named.
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/fields.hpp>

namespace unspool::core {

Fields::Fields() : all_(std::make_shared<All>()) {}

Fields Fields::below(std::string_view name) const {
    Fields out = *this;
    out.path_  = path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
    return out;
}

void Fields::append(std::string_view name, Field field) {
    std::string path = below(name).path_;
    if (!all_->paths.insert(path).second) throw NameError(fmt::format("there is a field {} already", path));
    all_->entries.push_back({std::move(path), field});
}

void Fields::add(std::string_view name, Params const& params) {
    for (Param* p : params.all()) below(name).add(p->path(), *p);
}

}  // namespace unspool::core
