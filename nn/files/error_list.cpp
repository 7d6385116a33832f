// Words what is wrong with a file.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/error_list.hpp>
#include <unspool/nn/files/header.hpp>

namespace unspool::core {

void ErrorList::add(std::string_view name, std::string_view what) {
    constexpr std::size_t most = 1000;  // a hostile file may have millions
    if (++count_ <= most) lines_.push_back(fmt::format("\n    {}  {}", shown(name), what));
}

void ErrorList::raise(std::string_view file) const {
    if (count_ == 0) return;
    std::string const more = count_ > lines_.size() ? fmt::format("\n    and {} more", count_ - lines_.size()) : "";
    throw FileError(fmt::format("cannot load {}:{}{}", file, fmt::join(lines_, ""), more));
}

}  // namespace unspool::core
