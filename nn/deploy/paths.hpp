// What parameters are called within one cell: "Wf" for "mgu.Wf.weight".
#pragma once
#include <span>
#include <string>

namespace unspool::core {

/// What all of them begin with, up to a dot: "mgu.".
std::string shared_path(std::span<std::string const> paths);
/// A path without that, and without ".weight" at its end.
std::string short_path(std::string path, std::string const& shared);

}  // namespace unspool::core
