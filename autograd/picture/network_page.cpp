// Puts views, and what there is to say of their boxes, into HTML.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/picture/colour_map.hpp>
#include <unspool/autograd/picture/dot.hpp>
#include <unspool/autograd/picture/legend.hpp>
#include <unspool/autograd/picture/network_page.hpp>
#include <unspool/autograd/picture/network_panel.hpp>
#include <unspool/autograd/picture/network_rules.hpp>
#include <unspool/autograd/picture/network_stage.hpp>
#include <unspool/autograd/picture/network_views.hpp>
#include <unspool/autograd/text/html.hpp>
#include <unspool/autograd/text/json_text.hpp>

namespace unspool::core {

namespace {

/// Colours of gradients, from the least to the greatest; empty without gradients.
std::string scale_of(Diagram const& d) {
    ColourMap const map(d);
    if (!d.coloured || map.empty()) return "null";
    std::vector<std::string> stops;
    for (int k = 0; k <= 8; ++k) stops.push_back(ColourMap::at(k / 8.));
    return fmt::format("{{\"low\":{:.3g},\"high\":{:.3g},\"stops\":{}}}", std::pow(10, map.low()),
                       std::pow(10, map.high()), json_texts(stops));
}

std::string json_of(NetworkViews const& views) {
    std::vector<std::string> all;
    for (NetworkView const& v : views.all) all.push_back(v.json);
    return fmt::format("{{\"views\":[{}],\"scale\":{},\"left_out\":{}}}", fmt::join(all, ","), scale_of(views.first),
                       json_texts(views.left_out));
}

/// A light colour's hue on a dark page.
std::string darkened(std::string const& colour) {
    std::string out = "#";
    for (std::size_t i = 1; i < 7; i += 2)
        out += fmt::format("{:02x}", std::max(10, std::stoi(colour.substr(i, 2), nullptr, 16) - 191));
    return colour == "#ffffff" ? "#202327" : out;
}

std::string fills(bool dark) {
    auto const shown = [dark](std::string const& colour) { return dark ? darkened(colour) : colour; };
    std::string out;
    for (int k = Box::input; k <= Box::reference; ++k) {
        auto const kind = static_cast<Box::Kind>(k);
        out += fmt::format(".network .kinds .{0} > path, .network .kinds .{0} > polygon, .network i.{0} "
                           "{{ fill: {1}; background: {1}; stroke: {2}; }}\n",
                           name_of(kind), shown(colours(kind).fill), colours(kind).line);
    }
    for (int n = 0; n < colours_of_parameters; ++n) {
        std::string const fill = colour_of_parameter(n);
        out += fmt::format(".network .kinds .node > polygon[fill=\"{}\"] {{ fill: {}; }}\n", fill, shown(fill));
    }
    return out + ".network .kinds .node > polygon[fill=\"none\"] { fill: none; }\n";
}

}  // namespace

std::string network_style() {
    return network_rules + fills(false) + "@media (prefers-color-scheme: dark) {\n" + fills(true) + "}\n";
}

NetworkPage network_page(std::vector<Var> const& results, GraphOptions const& options, std::size_t most_bytes) {
    NetworkViews views = network_views(results, options, most_bytes);
    if (!views.complaint.empty()) return {"", std::move(views.complaint), std::move(views.dot)};
    std::string body = network_elements;
    std::string drawn;
    for (NetworkView const& v : views.all) drawn += "<div class=\"view\" hidden>" + v.svg + "</div>\n";
    body.insert(body.find("<!--views-->"), drawn);
    body += script_data("network", json_of(views)) + "<script>" + network_stage_script + network_panel_script +
            "</script>\n";
    return {std::move(body), "", ""};
}

}  // namespace unspool::core
