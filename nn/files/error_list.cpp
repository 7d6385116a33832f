// Words what is wrong with a file.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/error_list.hpp>
#include <unspool/nn/files/header.hpp>

namespace unspool::core {

void ErrorList::add(std::vector<std::string>& to, std::string_view name, std::string_view what) {
    constexpr std::size_t most = 1000;  // a hostile file may have millions
    ++count_;
    if (to.size() < most) to.push_back(fmt::format("\n    {}  {}", shown(name), what));
}
void ErrorList::add(std::string_view name, std::string_view what) { add(wrong_, name, what); }
void ErrorList::add_absent(std::string_view name, std::string_view what) { add(absent_, name, what); }

void ErrorList::raise(std::string_view file) const {
    if (count_ == 0) return;
    std::size_t const left = count_ - wrong_.size() - absent_.size();
    std::string const more = left > 0 ? fmt::format("\n    and {} more", left) : "";
    throw FileError(fmt::format("cannot load {}:{}{}{}", file, fmt::join(wrong_, ""), fmt::join(absent_, ""), more));
}

}  // namespace unspool::core
