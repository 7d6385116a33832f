// Reads names off source lines.  Only pictures and errors ask, so nothing here is fast.
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <mutex>
#include <regex>
#include <unspool/autograd/label.hpp>
#include <unspool/autograd/params.hpp>
#include <vector>

namespace unspool {

namespace {

std::string source_line(Where w) {
    static std::mutex                                      lock;
    static std::map<std::string, std::vector<std::string>> files;
    std::lock_guard const                                  guard(lock);
    auto const [it, fresh] = files.try_emplace(w.file);
    if (fresh) {
        std::ifstream in(w.file);
        for (std::string line; std::getline(in, line);) it->second.push_back(line);
    }
    return w.line >= 1 && w.line <= it->second.size() ? it->second[w.line - 1] : "";
}

/// `Var h = …`, `auto h = …`, or `h = …` at the beginning of a statement.
std::string assigned_name(std::string const& line) {
    static std::regex const assignment(
        R"(^\s*(?:const\s+)?(?:Var\s+(?:const\s+)?|auto\s+(?:const\s+)?)?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*=[^=])");
    std::smatch m;
    return std::regex_search(line, m, assignment) ? m[1].str() : "";
}

/// Number `i` of `auto [a, b, c] = split<3>(…)`.
std::string bound_name(std::string const& line, Index i) {
    static std::regex const binding(R"(auto\s*(?:const\s*)?\[([^\]]*)\]\s*=)"), word(R"([A-Za-z_]\w*)");
    std::smatch             m;
    if (!std::regex_search(line, m, binding)) return "";
    std::string const names = m[1].str();
    auto              it    = std::sregex_iterator(names.begin(), names.end(), word);
    for (; i > 0 && it != std::sregex_iterator(); --i) ++it;
    return it == std::sregex_iterator() ? "" : it->str();
}

std::string leading_axes(Index n) {
    std::string out;
    while (n-- > 0) out += ":,";
    return out;
}

std::string viewed(std::string const& of, Viewing const& v) {
    switch (v.kind) {
        case Viewing::index: return fmt::format("{}[{}]", of, v.begin);
        case Viewing::slice: return fmt::format("{}[{}{}:{}]", of, leading_axes(v.axis), v.begin, v.end);
        case Viewing::piece: return fmt::format("{}[{} of {}]", of, v.begin, v.end);
        case Viewing::transpose: return of + "ᵀ";
        case Viewing::whole:
        case Viewing::reshape:
        case Viewing::expand: return of;
    }
    return of;
}

}  // namespace

std::string given_name(Tape const& tape, Window const& w) {
    if (!w.name.empty()) return std::string(w.name);
    if (w.viewing.kind == Viewing::whole && w.node != no_node && tape[w.node].param) return tape[w.node].param->path();
    bool const recorded = w.node != no_node && tape[w.node].rule;
    if (w.viewing.kind == Viewing::piece) return bound_name(source_line(w.where), w.viewing.begin);
    return w.viewing.kind == Viewing::whole && recorded ? assigned_name(source_line(w.where)) : "";
}

std::string label(Tape const& tape, Window const& w) {
    std::string const name = given_name(tape, w);
    if (!name.empty()) return name;
    if (w.parent) return viewed(label(tape, *w.parent), w.viewing);
    return w.node == no_node ? "a constant" : fmt::format("%{}", w.node);
}

std::string label(Var const& x) { return label(x.tape(), x.window()); }

}  // namespace unspool
