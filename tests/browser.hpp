// Pages as a browser opens them.
#pragma once
#include <boost/process/search_path.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

namespace browser {

namespace fs = std::filesystem;

inline std::string content_of(fs::path const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline bool installed(char const* program) { return !boost::process::search_path(program).empty(); }

inline void check_offline(std::string const& page) {
    BOOST_TEST(page.find("default-src 'none'") != page.npos);
    BOOST_TEST(!std::regex_search(page, std::regex("(src|href)\\s*=|url\\(|@import|<link|<iframe|<img")),
               "the page refers to something");
}

/// What a browser makes of a page, by headless Chromium; "" where there is none.
inline std::string dom_of(fs::path const& page) {
    char const* browser = nullptr;
    for (char const* name : {"chromium-headless-shell", "chromium"})
        if (!browser && installed(name)) browser = name;
    if (!browser) return "";
    fs::path const out        = fs::path(page).replace_extension(".dom");
    std::string const command = std::string(browser) + " --headless --no-sandbox --disable-gpu --user-data-dir='" +
                                page.parent_path().string() + "/profile' --dump-dom 'file://" + page.string() +
                                "' > '" + out.string() + "' 2> /dev/null";
    return std::system(command.c_str()) == 0 ? content_of(out) : "";
}

/// The same page, after a script of the test's own.
inline std::string dom_after(fs::path const& page, std::string const& script) {
    fs::path const moved = fs::path(page).replace_extension(".moved.html");
    std::string html     = content_of(page);
    html.insert(html.rfind("</body>"), "<script>\n" + script + "</script>\n");
    std::ofstream(moved, std::ios::binary) << html;
    return dom_of(moved);
}

}  // namespace browser
