// How a module is described.
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/picture/module_boxes.hpp>

namespace unspool::core {

void ModuleBoxes::reads(int box, std::string const& what) {
    auto& all = reads_[box];
    if (std::find(all.begin(), all.end(), what) == all.end()) all.push_back(what);
}

void ModuleBoxes::describe(int box) {
    Index const n = equations_[box], p = std::ssize(parameters_[box]);
    auto& lines = boxes_[static_cast<std::size_t>(box)].lines;
    lines       = {fmt::format("{} equation{}", n, n == 1 ? "" : "s")};
    if (p > 0) lines[0] += fmt::format(" · {} parameter{}", p, p == 1 ? "" : "s");
    if (auto const it = reads_.find(box); it != reads_.end())
        lines.push_back(fmt::format("reads {}", fmt::join(it->second, ", ")));
}

}  // namespace unspool::core
