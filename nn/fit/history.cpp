// What came of each epoch.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/fit/history.hpp>

namespace unspool::core {

std::string_view text(Stop s) {
    constexpr std::string_view all[] = {"finished", "no better", "stopped", "interrupted"};
    return all[static_cast<std::size_t>(s)];
}

namespace {

std::vector<std::string> lines(std::string const& text) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t const end = std::min(text.find('\n', at), text.size());
        out.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

}  // namespace

std::vector<std::string> History::names() const { return lines(names_); }

Index History::epochs() const {
    auto const n = static_cast<Index>(names().size());
    return n == 0 ? 0 : static_cast<Index>(values_.size()) / n;
}

bool History::contains(std::string_view name) const {
    auto const all = names();
    return std::find(all.begin(), all.end(), name) != all.end();
}

std::vector<double> History::operator[](AskedName name) const {
    std::vector<double> out;
    std::size_t const width = names().size();
    for (std::size_t at = place(name); at < values_.size(); at += width) out.push_back(values_[at]);
    return out;
}

std::size_t History::place(AskedName name) const {
    auto const all   = names();
    auto const found = std::find(all.begin(), all.end(), name.text);
    if (found == all.end())
        throw NameError(
            fmt::format("{}: the history has no {}; it has {}", text(name.where), shown(name.text), shown_list(all)));
    return static_cast<std::size_t>(found - all.begin());
}

double History::last(AskedName name) const {
    if (epochs() == 0) throw ValueError(located(name.where, "the history has no epoch yet"));
    return values_[values_.size() - names().size() + place(name)];
}

History::Row History::row(Index epoch, Where where) const {
    if (epoch < 0 || epoch >= epochs())
        throw IndexError(fmt::format("{}: the history has no epoch {}: it has {}", text(where), epoch, epochs()));
    Row out;
    auto const all = names();
    for (std::size_t i = 0; i < all.size(); ++i)
        out.emplace_back(all[i], values_[static_cast<std::size_t>(epoch) * all.size() + i]);
    return out;
}

void History::add(Row const& row, Where where) {
    std::string names;
    for (auto const& [name, value] : row) {
        if (name.empty() || name.find('\n') != name.npos)
            throw ValueError(fmt::format("{}: history: {} cannot be a name", text(where), shown(name)));
        names += (names.empty() ? "" : "\n") + name;
    }
    if (!values_.empty() && names != names_)
        throw ValueError(fmt::format("{}: history: an epoch has other numbers than those before: {}", text(where),
                                     shown_change(lines(names), this->names())));
    values_.reserve(values_.size() + std::max(values_.size(), row.size()));
    names_ = std::move(names);
    for (auto const& [name, value] : row) values_.push_back(value);
}

}  // namespace unspool::core
