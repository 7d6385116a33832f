// What tests of texts ask of bytes.
#pragma once
#include <string_view>
#include <unspool/autograd/text/utf8.hpp>

inline bool is_utf8(std::string_view s) {
    while (!s.empty()) {
        std::size_t const n = unspool::core::utf8::first(s).length;
        if (n == 0) return false;
        s.remove_prefix(n);
    }
    return true;
}
