// Text that means something to someone: to Graphviz, SVG, HTML, JSON, CSV, a shell, or a terminal.
#pragma once
#include <rapidcheck.h>
#include <string>
#include <vector>

inline rc::Gen<std::string> hostile_text() {
    auto const piece = rc::gen::oneOf(
        rc::gen::element<std::string>(
            "\"", "\"\"", "'", "''", "\\", "\\N", "\\G", "\\E", "\\\"", "\\n", "{", "}", "[", "]", "<", ">", "<b>",
            "</b>", "&", "&amp;", "&#10;", "&lt", "]]>", "-->", "<!--", "|", ";", ",", "\n", "\r", "\r\n", "\t", "\x7f",
            "\x1b[2J", "\xff", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xef\xbf\xbf", "\xef\xbf\xbe",
            "\xef\xbb\xbf", "\xc2\x85", "\xc2\x9b", "ü", "漢", "🎲", "href=\"x\"", "<img src=\"x\"/>", "%s", "%5.2f",
            "%", "{}", "//", "/*", "`", "`date`", "$x", "$(date)", "@x", "^{2}", "_i", "~", "#", " ", "0", "5"),
        rc::gen::map(rc::gen::arbitrary<char>(), [](char c) { return std::string(1, c); }));
    return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece), [](std::vector<std::string> const& all) {
        std::string out;
        for (auto const& s : all) out += s;
        return out;
    });
}
