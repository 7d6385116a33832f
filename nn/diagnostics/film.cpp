// Puts the norms of all frames into a script.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/picture/colour_map.hpp>
#include <unspool/autograd/picture/diagram.hpp>
#include <unspool/autograd/picture/dot.hpp>
#include <unspool/autograd/picture/render.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/autograd/text/html.hpp>
#include <unspool/autograd/text/json_text.hpp>
#include <unspool/nn/diagnostics/film.hpp>

namespace unspool::core {

namespace {

using Norms = std::map<std::string, std::vector<std::string>>;

/// As the script reads it.
std::string number(Flow const& f) {
    bool const nothing = f.kind == Flow::zero || f.kind == Flow::unreached;
    return nothing ? "0" : f.kind == Flow::not_finite ? "nan" : fmt::format("{:.2g}", typical(f));
}

/// Of each box, in the order of its lines.
Norms norms_of(Diagram const& d) {
    Norms out;
    for (std::size_t b = 0; b < d.boxes.size(); ++b) {
        if (d.boxes[b].flow) out[id_of_box(b)].push_back(number(*d.boxes[b].flow));
        for (Parameter const& p : d.boxes[b].strip)
            if (p.flow) out[id_of_box(b)].push_back(number(*p.flow));
    }
    return out;
}

/// Of each link, by its ends.
Norms links_of(Diagram const& d) {
    Norms out;
    for (Link const& l : d.links)
        if (l.flow) out[fmt::format("{}->{}", ends_of(l).first, ends_of(l).second)] = {number(*l.flow)};
    return out;
}

std::string text_of(Norms const& norms) {
    std::vector<std::string> all;
    for (auto const& [id, texts] : norms) {
        std::vector<std::string> quoted;
        for (auto const& t : texts) quoted.push_back(json_text(t));
        all.push_back(fmt::format("{}:[{}]", json_text(id), fmt::join(quoted, ",")));
    }
    return fmt::format("{{{}}}", fmt::join(all, ","));
}

/// `{"caption":"update 10","norms":{"n3":["1.2e-05"]},"links":{"n1->n3":["1e-05"]}}`.  Not by nlohmann's objects, which cannot be destroyed without memory.
std::string frame_text(std::string const& caption, Norms const& norms, Norms const& links) {
    return fmt::format("{{\"caption\":{},\"norms\":{},\"links\":{}}}", json_text(caption), text_of(norms),
                       text_of(links));
}

constexpr char const* style = R"(.picture { overflow: auto; border: 1px solid #ddd; }
.controls { display: flex; gap: 1em; align-items: center; margin: .8em 0; }
#slider { flex: 1; } #caption { min-width: 16em; font-variant-numeric: tabular-nums; }
#bar { height: 14px; width: 260px; display: inline-block; vertical-align: middle; border: 1px solid #999; }
.legend span.box { display: inline-block; width: 14px; height: 14px; vertical-align: middle; margin: 0 .3em 0 1.2em; }
)";

constexpr char const* script = R"((function () {
  'use strict';
  var film = JSON.parse(document.getElementById('film').textContent);
  var stops = [[68,1,84],[71,44,122],[59,81,139],[44,113,142],[33,144,141],[39,173,129],[92,200,99],[170,220,50],[253,231,37]];
  function rgb(part) {
    var x = Math.max(0, Math.min(1, part)) * (stops.length - 1), i = Math.min(Math.floor(x), stops.length - 2), f = x - i;
    return stops[i].map(function (a, k) { return Math.round(a + f * (stops[i + 1][k] - a)); });
  }
  function css(c) { return 'rgb(' + c.join(',') + ')'; }
  var low = Infinity, high = -Infinity;
  film.frames.forEach(function (frame) {
    [frame.norms, frame.links].forEach(function (all) {
      Object.keys(all).forEach(function (id) {
        all[id].forEach(function (text) {
          var n = Number(text);
          if (isFinite(n) && n > 0) { low = Math.min(low, Math.log10(n)); high = Math.max(high, Math.log10(n)); }
        });
      });
    });
  });
  if (!(low <= high)) { low = -1; high = 0; }
  if (high - low < 1) low = high - 1;
  function look(text) {
    var n = Number(text);
    if (!isFinite(n)) return { fill: '#ff40ff', ink: '#000', dash: '', line: '#ff40ff', width: 4 };
    if (n === 0) return { fill: '#ffffff', ink: '#000', dash: '4,2', line: '#999999', width: 1 };
    var part = (Math.log10(n) - low) / (high - low), c = rgb(part);
    return { fill: css(c), line: css(c), width: 1 + 3 * part, ink: 0.3 * c[0] + 0.59 * c[1] + 0.11 * c[2] > 130 ? '#000' : '#fff', dash: '' };
  }
  var boxes = {};
  document.querySelectorAll('.picture g.node').forEach(function (g) {
    var all = Array.prototype.slice.call(g.querySelectorAll('polygon, path')).filter(function (p) {
      return p.getAttribute('fill') && p.getAttribute('fill') !== 'none';
    });
    var texts = Array.prototype.slice.call(g.querySelectorAll('text'));
    var told = texts.filter(function (t) { return t.textContent.indexOf('\u2016\u2207\u2016') >= 0; });
    if (told.length) boxes[g.querySelector('title').textContent] =
      { shapes: all.slice(all.length - told.length), told: told, texts: texts };
  });
  var links = {}, behind = {};  // a label on the way of a link, "l3", divides it
  var edges = Array.prototype.map.call(document.querySelectorAll('.picture g.edge'), function (g) {
    return { ends: g.querySelector('title').textContent.split('->'), g: g };
  });
  edges.forEach(function (e) { if (e.ends[0][0] === 'l') behind[e.ends[0]] = e; });
  edges.forEach(function (e) {
    var rest = behind[e.ends[1]];
    if (e.ends[0][0] !== 'l') links[e.ends[0] + '->' + (rest ? rest.ends[1] : e.ends[1])] = rest ? [e.g, rest.g] : [e.g];
  });
  function paint(g, as) {
    g.querySelectorAll('path, polygon').forEach(function (p) {
      p.setAttribute('stroke', as.line);
      if (p.tagName === 'polygon') { p.setAttribute('fill', as.line); return; }
      p.setAttribute('stroke-width', as.width.toFixed(2));
      p.setAttribute('stroke-dasharray', as.dash);
    });
  }
  function within(text, shape) {
    var b = shape.getBBox(), x = Number(text.getAttribute('x')), y = Number(text.getAttribute('y'));
    return x >= b.x && x <= b.x + b.width && y >= b.y && y <= b.y + b.height;
  }
  function show(k) {
    var frame = film.frames[k];
    document.getElementById('caption').textContent = frame.caption;
    Object.keys(frame.links).forEach(function (ends) {
      (links[ends] || []).forEach(function (g) { paint(g, look(frame.links[ends][0])); });
    });
    Object.keys(boxes).forEach(function (id) {
      var box = boxes[id], norms = frame.norms[id] || [];
      box.told.forEach(function (t, i) {
        var text = norms[i] === undefined ? '0' : norms[i], as = look(text);
        t.textContent = t.textContent.replace(/(\u2016\u2207\u2016 )[-+.0-9a-z]+/, '$1' + text);
        if (box.shapes[i]) {
          box.shapes[i].setAttribute('fill', as.fill);
          box.shapes[i].setAttribute('stroke-dasharray', as.dash);
        }
        box.texts.forEach(function (other) {
          if (box.told.length === 1 || within(other, box.shapes[i])) other.setAttribute('fill', as.ink);
        });
      });
    });
  }
  var slider = document.getElementById('slider'), play = document.getElementById('play'), timer = null;
  slider.max = String(film.frames.length - 1);
  slider.addEventListener('input', function () { show(Number(slider.value)); });
  play.addEventListener('click', function () {
    if (timer) { clearInterval(timer); timer = null; play.textContent = 'play'; return; }
    play.textContent = 'stop';
    timer = setInterval(function () {
      slider.value = String((Number(slider.value) + 1) % film.frames.length);
      show(Number(slider.value));
    }, 400);
  });
  document.getElementById('bar').style.background =
    'linear-gradient(to right,' + stops.map(css).join(',') + ')';
  document.getElementById('low').textContent = Math.pow(10, low).toExponential(1);
  document.getElementById('high').textContent = Math.pow(10, high).toExponential(1);
  var begin = /^#(\d+)$/.exec(location.hash);
  if (begin) slider.value = String(Math.min(Number(begin[1]), film.frames.length - 1));
  show(Number(slider.value));
}());
)";

}  // namespace

Film::Film(FilmOptions o, Where where) : options_(std::move(o)) {
    if (options_.every < 1)
        throw ValueError(fmt::format("{}: Film: every is {}, but must be at least 1", text(where), options_.every));
}

void Film::frame(Var const& loss, Gradients const& gradients, std::string const& caption) {
    Graph graph(loss);
    if (options_.picture) options_.picture(graph);
    Diagram diagram       = graph.colour(gradients).tooltips(false).diagram();
    diagram.for_all_flows = "‖∇‖ 0.0e+00";  // the script puts in those of a frame
    if (layout_ && !same_layout(*layout_, diagram))
        throw ValueError(fmt::format(
            "Film: the picture of \"{}\" has other boxes than that of \"{}\": frames must be of steps alike", caption,
            frames_.front().caption));
    frames_.push_back({caption, norms_of(diagram), links_of(diagram)});
    if (!layout_) layout_ = std::make_shared<Diagram const>(std::move(diagram));
}

std::string Film::html(Where where) const {
    if (frames() == 0) throw ValueError(text(where) + ": Film: there is no frame to show");
    std::vector<std::string> film;
    for (Frame const& f : frames_) film.push_back(frame_text(f.caption, f.norms, f.links));
    std::string const body =
        "<h1>" + html_text(options_.title) +
        "</h1>\n<div class=\"controls\"><button id=\"play\" type=\"button\">play</button><input id=\"slider\" "
        "type=\"range\" min=\"0\" "
        "max=\"0\" "
        "value=\"0\" aria-label=\"frame\"><span id=\"caption\"></span></div>\n<div class=\"picture\">" +
        svg_element(dot_text(*layout_, false), 60) +
        "</div>\n<p class=\"legend\">norm of the gradient: <span id=\"low\"></span> <span id=\"bar\"></span> <span "
        "id=\"high\"></span>"
        "<span class=\"box\" style=\"border:1px dashed #333\"></span>0<span class=\"box\" "
        "style=\"background:#ff40ff\"></span>not "
        "finite</p>\n" +
        script_data("film", fmt::format("{{\"frames\":[{}]}}", fmt::join(film, ","))) + "<script>\n" + script +
        "</script>\n";
    return html_page(options_.title, style, body);
}

void Film::save(std::string const& path, Where where) const {
    auto const page = html(where);
    write_whole(path, page);
}

}  // namespace unspool::core
