// Reads elements one after the other, as dot writes them: <g class="cluster"><title>cluster_3</title><path d="…"/><text …>t = 0</text></g>.
#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <unspool/autograd/picture/svg_layout.hpp>
#include <unspool/autograd/picture/text_width.hpp>

namespace unspool::core {

namespace {

std::string_view attribute(std::string_view element, std::string_view name) {
    std::string const begin = " " + std::string(name) + "=\"";
    auto const at           = element.find(begin);
    if (at == element.npos) return {};
    auto const value = element.substr(at + begin.size());
    return value.substr(0, value.find('"'));
}

double number(std::string_view s) { return std::atof(std::string(s).c_str()); }

/// "M1,2C3,4 5,6 7,8"
std::vector<SvgPoint> points_of(std::string_view path) {
    std::vector<double> numbers;
    for (std::size_t i = 0; i < path.size();) {
        std::size_t const end = std::min(path.find_first_of(" ,MCL", i), path.size());
        if (end > i) numbers.push_back(number(path.substr(i, end - i)));
        i = end + 1;
    }
    std::vector<SvgPoint> out;
    for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) out.push_back({numbers[i], numbers[i + 1]});
    return out;
}

std::vector<SvgPoint> along(std::vector<SvgPoint> const& knots) {
    constexpr int pieces = 48;
    std::vector<SvgPoint> out;
    for (std::size_t k = 0; k + 3 < knots.size(); k += 3)
        for (int i = 0; i <= pieces; ++i) {
            double const t = static_cast<double>(i) / pieces, s = 1 - t;
            double const w[] = {s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t};
            SvgPoint p;
            for (std::size_t j = 0; j < 4; ++j) p.x += w[j] * knots[k + j].x, p.y += w[j] * knots[k + j].y;
            out.push_back(p);
        }
    return out;
}

SvgBox around(std::vector<SvgPoint> const& points) {
    auto const [left, right] =
        std::minmax_element(points.begin(), points.end(), [](auto a, auto b) { return a.x < b.x; });
    auto const [top, bottom] =
        std::minmax_element(points.begin(), points.end(), [](auto a, auto b) { return a.y < b.y; });
    return {left->x, top->y, right->x, bottom->y};
}

/// Without the room above and below letters.
SvgBox box_of(std::string_view element, std::string_view words) {
    double const size = number(attribute(element, "font-size")), x = number(attribute(element, "x")),
                 y = number(attribute(element, "y"));
    double const width =
        extent_of(attribute(element, "font-weight") == "bold" ? "<b>" + std::string(words) : std::string(words), size)
            .width;
    auto const anchor = attribute(element, "text-anchor");
    double const left = x - (anchor == "middle" ? width / 2 : anchor == "end" ? width : 0);
    return {left, y - 0.7 * size, left + width, y + 0.15 * size};
}

}  // namespace

SvgLayout::SvgLayout(std::string const& svg) {
    std::string_view rest = svg, of, title;
    SvgBox box{};
    for (auto at = rest.find('<'); at != rest.npos; at = rest.find('<')) {
        rest.remove_prefix(at);
        auto const element = rest.substr(0, rest.find('>'));
        rest.remove_prefix(std::min(element.size() + 1, rest.size()));
        auto const words = rest.substr(0, rest.find('<'));
        if (element.starts_with("<g ") && !attribute(element, "class").empty()) of = attribute(element, "class");
        else if (element == "<title") title = words;
        else if (element.starts_with("<path") && of.starts_with("edge"))
            links.push_back(along(points_of(attribute(element, "d"))));
        else if (element.starts_with("<path") && of.starts_with("cluster"))
            box = around(points_of(attribute(element, "d")));
        else if (!element.starts_with("<text") || words.find_first_not_of(' ') == words.npos) continue;
        else if (of.starts_with("node")) texts.push_back({box_of(element, words), -1});
        else if (of.starts_with("edge")) texts.push_back({box_of(element, words), static_cast<int>(links.size()) - 1});
        else if (of.starts_with("cluster"))
            clusters.insert({std::atoi(title.substr(title.rfind('_') + 1).data()), {box, box_of(element, words)}});
    }
}

bool SvgLayout::free(SvgBox const& b, int own_link) const {
    auto const inside = [&](SvgPoint p) { return b.contains(p); };
    for (std::size_t l = 0; l < links.size(); ++l)
        if (static_cast<int>(l) != own_link && std::any_of(links[l].begin(), links[l].end(), inside)) return false;
    return true;
}

int SvgLayout::crossed_texts() const {
    return static_cast<int>(
        std::count_if(texts.begin(), texts.end(), [&](SvgText const& t) { return !free(t.box, t.link); }));
}

}  // namespace unspool::core
