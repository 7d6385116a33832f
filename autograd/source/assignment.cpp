// Reads what stands to the right of an equals sign.
#include <algorithm>
#include <cctype>
#include <unspool/autograd/source/assignment.hpp>
#include <unspool/autograd/source/source.hpp>

namespace unspool::core {

std::size_t Assignment::mentions(std::string const& of_head) const {
    return head == of_head && once ? 1 : times(of_head, right);
}

bool Assignment::records_here() const {
    std::string_view call = right;
    call.remove_prefix(std::min(call.find_first_not_of(" \n"), call.size()));
    for (std::string_view space : {"unspool::", "core::"})
        if (call.starts_with(space)) call.remove_prefix(space.size());
    return call.starts_with("apply<") || call.starts_with("custom(");
}

std::string_view Assignment::literal_index() const {
    std::size_t const close = right.rfind(']'), open = right.rfind('[', close);
    if (close == std::string::npos || open == std::string::npos) return {};
    std::string_view const inside = std::string_view(right).substr(open + 1, close - open - 1);
    return inside.find_first_not_of("0123456789") == std::string_view::npos ? inside : std::string_view();
}

namespace {

/// `f(x, [&]`, where the rest of a lambda was cut off.
bool ends_in_capture(std::string_view right) {
    std::size_t const open = right.rfind('[');
    return open + 1 < right.size() && std::string_view("&=]").find(right[open + 1]) != std::string_view::npos;
}

}  // namespace

bool Assignment::makes(Viewing const& v) const {
    switch (v.kind) {
        case Viewing::index: return (head == "[]" && !ends_in_capture(right)) || head == "index";
        case Viewing::slice: return head == "slice";
        case Viewing::piece: return head == "piece";
        default: return false;
    }
}

bool is_function(std::string const& head) {
    return !head.empty() && (std::isalpha(static_cast<unsigned char>(head[0])) || head[0] == '_');
}

}  // namespace unspool::core
