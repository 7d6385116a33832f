// An SVG of Graphviz, read back: where its texts are, and which way its links go.
#pragma once
#include <algorithm>
#include <cmath>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <unspool/autograd/picture/text_width.hpp>
#include <utility>
#include <vector>

namespace svg {

struct Text {
    std::string words;
    double size;                      // of the letters, in points
    double left, top, right, bottom;  // without the room above and below letters
    std::string of;                   // title of the link that it is a label of
};
struct Point {
    double x, y;
};
struct Link {
    std::string title;
    std::vector<Point> points;  // along it, near each other
};
struct Picture {
    double width = 0, height = 0;  // points
    double left = 0, top = 0;      // of its corner
    std::vector<Text> texts;
    std::vector<Link> links;
};

inline std::string attribute(std::string const& element, std::string const& name) {
    std::string const begin = " " + name + "=\"";
    std::size_t const at    = element.find(begin);
    if (at == element.npos) return "";
    std::size_t const from = at + begin.size();
    return element.substr(from, element.find('"', from) - from);
}

inline std::string plain(std::string s) {
    for (auto const& [entity, c] : {std::pair<std::string, std::string>{"&#45;", "-"},
                                    {"&#39;", "'"},
                                    {"&#160;", "\u00a0"},
                                    {"&lt;", "<"},
                                    {"&gt;", ">"},
                                    {"&quot;", "\""},
                                    {"&amp;", "&"}})
        for (std::size_t at = s.find(entity); at != s.npos; at = s.find(entity, at + c.size()))
            s.replace(at, entity.size(), c);
    return s;
}

/// The cubic splines of a path, "M1,2C3,4 5,6 7,8", as points on them.
inline std::vector<Point> along(std::string path) {
    for (char& c : path)
        if (c == 'M' || c == 'C' || c == ',') c = ' ';
    std::istringstream in(path);
    std::vector<Point> knots, out;
    for (Point p{}; in >> p.x >> p.y;) knots.push_back(p);
    constexpr int pieces = 48;
    for (std::size_t k = 0; k + 3 < knots.size(); k += 3)
        for (int i = 0; i <= pieces; ++i) {
            double const t = static_cast<double>(i) / pieces, s = 1 - t;
            double const w[] = {s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t};
            Point p{};
            for (std::size_t j = 0; j < 4; ++j) p.x += w[j] * knots[k + j].x, p.y += w[j] * knots[k + j].y;
            out.push_back(p);
        }
    return out;
}

inline Text text(std::string const& element, std::string const& words, std::string const& of) {
    double const size = std::stod(attribute(element, "font-size")), x = std::stod(attribute(element, "x")),
                 y   = std::stod(attribute(element, "y"));
    std::string seen = plain(words);
    for (std::string_view const blank : {" ", "\u00a0"})
        while (seen.ends_with(blank)) seen.erase(seen.size() - blank.size());
    double const width       = unspool::core::text_width(seen, size, attribute(element, "font-weight") == "bold");
    std::string const anchor = attribute(element, "text-anchor");
    double const left        = x - (anchor == "middle" ? width / 2 : anchor == "end" ? width : 0);
    return {plain(words), size, left, y - 0.7 * size, left + width, y + 0.15 * size, of};
}

inline Picture parsed(std::string const& source) {
    Picture out;
    std::string const begin = source.substr(source.find("<svg"), 1000);
    out.width = std::stod(attribute(begin, "width")), out.height = std::stod(attribute(begin, "height"));
    if (std::size_t const moved = begin.find("translate("); moved != begin.npos) {
        std::istringstream numbers(begin.substr(moved + 10));
        numbers >> out.left >> out.top;
        out.left = -out.left, out.top = -out.top;
    }
    static std::regex const element(R"x(<g id="[^"]*" class="(edge|node|cluster|graph)">|<title>([^<]*)</title>)x"
                                    R"x(|<path [^>]*>|<text ([^>]*)>([^<]*)</text>)x");
    bool link = false;
    std::string title;
    for (auto it = std::sregex_iterator(source.begin(), source.end(), element); it != std::sregex_iterator(); ++it) {
        std::smatch const& m   = *it;
        std::string const what = m.str();
        if (what.starts_with("<g")) link = m[1] == "edge";
        else if (what.starts_with("<title")) title = link ? plain(m[2].str()) : "";
        else if (what.starts_with("<text")) {
            if (!plain(m[4].str()).empty())
                out.texts.push_back(text(what.substr(0, what.find('>')), m[4].str(), title));
        } else if (link) out.links.push_back({title, along(attribute(what, "d"))});
    }
    return out;
}

struct Box {
    double left, top, right, bottom;
};

/// The borders of clusters, by their numbers.
inline std::map<int, Box> clusters(std::string const& source) {
    std::map<int, Box> out;
    static std::regex const element(R"x(<title>cluster_([0-9]+)</title>\s*<path [^>]* d="([^"]*)")x");
    for (auto it = std::sregex_iterator(source.begin(), source.end(), element); it != std::sregex_iterator(); ++it) {
        Box b{HUGE_VAL, HUGE_VAL, -HUGE_VAL, -HUGE_VAL};
        for (Point const p : along((*it)[2].str())) {
            b.left = std::min(b.left, p.x), b.right = std::max(b.right, p.x);
            b.top = std::min(b.top, p.y), b.bottom = std::max(b.bottom, p.y);
        }
        out[std::stoi((*it)[1].str())] = b;
    }
    return out;
}

/// The smallest letters, in pixels, where the picture is as wide as a page or, if that is narrower, as itself.
inline double least_print(Picture const& p, double page) {
    double const scale = std::min(4. / 3, page / p.width);
    double least       = HUGE_VAL;
    for (Text const& t : p.texts)
        if (t.words.find_first_not_of(" \u00a0") != std::string::npos) least = std::min(least, t.size * scale);
    return least;
}

/// Links that are but a point, texts that are cut by the border of the picture, and such that lie on each other by more than fonts differ.
inline std::vector<std::string> flaws(Picture const& p) {
    std::vector<std::string> out;
    for (Link const& l : p.links)
        if (l.points.empty()) out.push_back(l.title + " has no line");
    for (std::size_t i = 0; i < p.texts.size(); ++i) {
        Text const& t = p.texts[i];
        if (t.left < p.left || t.right > p.left + p.width || t.top < p.top || t.bottom > p.top + p.height)
            out.push_back(t.words + " is cut");
        for (std::size_t k = 0; k < i; ++k) {
            Text const& u     = p.texts[k];
            double const wide = std::min(t.right, u.right) - std::max(t.left, u.left),
                         high = std::min(t.bottom, u.bottom) - std::max(t.top, u.top);
            if (wide > 6 && high > 1) out.push_back(t.words + " lies on " + u.words);
        }
    }
    return out;
}

/// "n1->n3 crosses t = 0"
inline std::vector<std::string> crossings(Picture const& p) {
    std::vector<std::string> out;
    for (Link const& l : p.links)
        for (Text const& t : p.texts) {
            if (t.of == l.title || t.words.find_first_not_of(" \u00a0") == std::string::npos) continue;
            bool const crosses = std::any_of(l.points.begin(), l.points.end(), [&](Point q) {
                return q.x > t.left && q.x < t.right && q.y > t.top && q.y < t.bottom;
            });
            if (crosses) out.push_back(l.title + " crosses " + t.words);
        }
    return out;
}

}  // namespace svg
