// Draws the rooms of the library and who includes whom, and finds what is out of order.
//
//     map <root> autograd:system,array,… ops:… nn:…          writes the picture in the language of Graphviz
//     map --check <root> …                                   says what is wrong with the rooms, and is 1 if anything is
//
// Rooms are given in the order of their includes.  An arrow is drawn where no other way of arrows leads there.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace fs = std::filesystem;

namespace {

using Room = std::size_t;  // its place in the order

struct House {
    fs::path root;
    std::vector<std::string> rooms;  // "autograd/tape"
    std::map<std::string, Room> places;
    std::vector<std::string> layers;
    std::map<Room, std::set<Room>> arrows;  // to those that it includes
    std::map<Room, std::set<std::string>> units;
    std::vector<std::string> wrong;
};

constexpr int most_lines = 300, most_at_the_top = 4;

std::string room_of(std::string const& file) { return file.substr(0, file.find('/', file.find('/') + 1)); }

void note_include(House& h, std::string const& file, Room here, std::string const& line) {
    if (line.find('"') != std::string::npos || line.find("<unspool.hpp>") != std::string::npos)
        h.wrong.push_back(fmt::format("{} has {}: files of the library name each other from <unspool/", file, line));
    auto const begin = line.find("<unspool/"), end = line.find('>', begin);
    if (begin == std::string::npos) return;
    std::string const included = line.substr(begin + 9, end - begin - 9);
    auto const to              = h.places.find(room_of(included));
    if (to == h.places.end()) h.wrong.push_back(fmt::format("{} includes {}, which is in no room", file, included));
    else if (to->second > here)
        h.wrong.push_back(fmt::format("{} includes {}, which is in a room below it", file, included));
    else if (to->second != here) h.arrows[here].insert(to->second);
}

/// What is declared in scan.hpp is in scan.cpp, or in parts, scan_first.cpp.
bool has_header(fs::path const& source) {
    std::string name = source.stem().string();
    for (; !fs::exists(source.parent_path() / (name + ".hpp")); name.resize(name.rfind('_')))
        if (name.rfind('_') == name.npos) return false;
    return true;
}

void read_file(House& h, fs::path const& path) {
    std::string const file = fs::relative(path, h.root).string();
    auto const room        = h.places.find(room_of(file));
    if (room == h.places.end()) return h.wrong.push_back(file + " is in no room");
    std::ifstream in(path);
    std::string line;
    int lines = 0;
    for (; std::getline(in, line); ++lines)
        if (line.starts_with("#include")) note_include(h, file, room->second, line);
    if (lines > most_lines) h.wrong.push_back(fmt::format("{} has {} lines, of {} at most", file, lines, most_lines));
    h.units[room->second].insert(path.stem().string());
    if (path.extension() == ".cpp" && !has_header(path) && !path.stem().string().ends_with("libxsmm") &&
        !path.stem().string().starts_with("only_"))
        h.wrong.push_back(file + " has no header of its name");
}

void read_layer(House& h, std::string const& layer) {
    int at_the_top = 0;
    for (auto const& entry : fs::recursive_directory_iterator(h.root / layer)) {
        if (!entry.is_regular_file()) continue;
        if (entry.path().parent_path() == h.root / layer) ++at_the_top;
        else read_file(h, entry.path());
    }
    if (at_the_top > most_at_the_top)
        h.wrong.push_back(fmt::format("{} files are at the top of {}", at_the_top, layer));
}

House read(fs::path const& root, std::vector<std::string> const& layers) {
    House h;
    h.root = root;
    for (std::string const& given : layers) {
        auto const colon = given.find(':');
        h.layers.push_back(given.substr(0, colon));
        std::istringstream list(given.substr(colon + 1));
        for (std::string room; std::getline(list, room, ',');) {
            h.rooms.push_back(h.layers.back() + "/" + room);
            h.places[h.rooms.back()] = h.rooms.size() - 1;
        }
    }
    for (std::string const& layer : h.layers) read_layer(h, layer);
    std::sort(h.wrong.begin(), h.wrong.end());
    return h;
}

/// Does a way of several arrows lead there too?
bool leads(House const& h, Room from, Room to) {
    auto const next = h.arrows.find(from);
    if (next == h.arrows.end()) return false;
    return std::any_of(next->second.begin(), next->second.end(),
                       [&](Room r) { return r == to || (r > to && leads(h, r, to)); });
}
bool needless(House const& h, Room from, Room to) {
    auto const& next = h.arrows.at(from);
    return std::any_of(next.begin(), next.end(), [&](Room r) { return r > to && leads(h, r, to); });
}

void draw(House const& h) {
    fmt::print("// Written by ./dev map from the includes.\ndigraph rooms {{\n    rankdir=BT\n    "
               "fontname=\"Helvetica\"\n"
               "    node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=\"Helvetica\", fontsize=12, "
               "height=0.35]\n"
               "    edge [arrowsize=0.6, color=\"#666666\"]\n");
    for (std::string const& layer : h.layers) {
        fmt::print(
            "    subgraph cluster_{0} {{\n        label=\"{0}/\"\n        labeljust={1}\n        style=filled\n        "
            "color=\"#eef2f7\"\n",
            layer, layer == "ops" ? "r" : "l");  // where no link passes
        for (Room r = 0; r < h.rooms.size(); ++r)
            if (h.rooms[r].starts_with(layer + "/"))
                fmt::print("        \"{}\" [label=\"{}\", tooltip=\"{}\"]\n", h.rooms[r],
                           h.rooms[r].substr(layer.size() + 1),
                           fmt::join(h.units.contains(r) ? h.units.at(r) : std::set<std::string>{}, ", "));
        fmt::print("    }}\n");
    }
    for (auto const& [from, all] : h.arrows)
        for (Room to : all)
            if (!needless(h, from, to)) fmt::print("    \"{}\" -> \"{}\"\n", h.rooms[from], h.rooms[to]);
    fmt::print("}}\n");
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> args(argv + 1, argv + argc);
    bool const check = !args.empty() && args[0] == "--check";
    if (check) args.erase(args.begin());
    if (args.size() < 2) return std::fputs("map [--check] <root> <layer>:<room>,<room>… …\n", stderr), 2;
    House const h = read(args[0], {args.begin() + 1, args.end()});
    if (!check) return draw(h), 0;
    for (std::string const& w : h.wrong) std::fputs((w + "\n").c_str(), stderr);
    return h.wrong.empty() ? 0 : 1;
}
