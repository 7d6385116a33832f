// How paths are cut.
#include <unspool/nn/deploy/paths.hpp>

namespace unspool::core {

std::string shared_path(std::span<std::string const> paths) {
    if (paths.empty()) return "";
    std::string out = paths[0].substr(0, paths[0].rfind('.') + 1);
    for (std::string const& p : paths)
        while (!p.starts_with(out)) out = out.size() < 2 ? "" : out.substr(0, out.rfind('.', out.size() - 2) + 1);
    return out;
}

std::string short_path(std::string path, std::string const& shared) {
    if (path.starts_with(shared)) path.erase(0, shared.size());
    if (std::string_view const end = ".weight"; path.size() > end.size() && path.ends_with(end))
        path.resize(path.size() - end.size());
    return path;
}

}  // namespace unspool::core
