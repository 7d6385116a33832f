// The elements, and the first half of the script.
#include <unspool/autograd/picture/network_stage.hpp>

namespace unspool::core {

char const* const network_elements = R"(<section class="network">
<div class="bar"><span class="levels" role="group" aria-label="level"></span>
<label class="roll"><input type="checkbox" class="rolled"> rolled</label>
<label class="colour"><input type="checkbox" class="coloured"> gradients</label>
<input type="search" class="wanted" placeholder="search" aria-label="search by name, equation, operation or module">
<span class="found" role="status"></span><span class="grow"></span>
<span class="zoom"><button type="button" class="out" aria-label="zoom out">−</button>
<button type="button" class="in" aria-label="zoom in">+</button>
<button type="button" class="fit">fit</button></span></div>
<div class="columns"><div class="stage" tabindex="0" aria-label="the graph; arrows move it, + and - zoom, f fits it">
<!--views--></div>
<div class="panel" aria-live="polite"></div></div>
<div class="key"></div>
</section>
)";

char const* const network_stage_script = R"(
(function () {
  'use strict';
  const data = JSON.parse(document.getElementById('network').textContent), views = data.views;
  const root = document.querySelector('.network'), find = s => root.querySelector(s);
  const stage = find('.stage'), holders = Array.from(stage.querySelectorAll('.view'));
  const place = location.pathname + ' network';
  let memory = {};
  try { memory = JSON.parse(sessionStorage.getItem(place)) || {}; } catch (e) { memory = {}; }
  let now = views[memory.view] ? memory.view : 0;  // the number of the view
  let chosen = null;                               // 'b3', a box of it, or 'c1', a cluster that is folded
  let eye = { x: 0, y: 0, k: 1 };                  // the corner, in units of the picture; pixels a unit
  let untouched = true;                            // one looks as at the beginning
  const folded = new Set(memory.folded || []);     // modules, by path, and steps
  const hooks = { chosen: () => {}, seen: () => {} };

  // ---- what is inside of what
  for (const v of views) for (const c of v.clusters) c.module = c.module || '';
  const is_module = c => !c.step || c.title.includes(' \u00b7 ');  // also one with nothing but a step in it
  const key = c => !is_module(c) ? c.module + ' \u00b7 ' + c.title : c.module;
  const inside = (module, outer) => module === outer || module.startsWith(outer + '.');
  const is_folded = c => folded.has(key(c)) || (is_module(c) && Array.from(folded).some(f => inside(c.module, f)));
  function outermost(v, c) {
    let out = -1;
    for (; c >= 0; c = v.clusters[c].parent) if (is_folded(v.clusters[c])) out = c;
    return out;
  }
  const cluster_of = b => b.cluster === undefined ? -1 : b.cluster;
  const within = (v, shown) => v.boxes.map((b, i) => i).filter(i => v.shown[i] === shown);

  // ---- where everything is
  const moved = (r, v) => ({ x: r.x + v.offset[0], y: r.y + v.offset[1], width: r.width, height: r.height });
  function prepare() {
    const v = views[now], n = 'v' + now, get = id => document.getElementById(n + id);
    if (v.svg) return v;
    v.svg = holders[now].querySelector('svg');
    v.graph = v.svg.querySelector('.graph');
    const all = v.svg.viewBox.baseVal;
    v.whole = { x: all.x, y: all.y, width: all.width, height: all.height };
    v.svg.setAttribute('width', '100%');
    v.svg.setAttribute('height', '100%');
    v.offset = /translate\(([-\d.]+)[ ,]([-\d.]+)\)/.exec(v.graph.getAttribute('transform')).slice(1).map(Number);
    v.drawn = { b: v.boxes.map((b, i) => get('b' + i)), c: v.clusters.map((c, i) => get('c' + i)),
      l: v.links.map((l, i) => get('l' + i)) };
    v.at = v.drawn.b.map(e => moved(e.getBBox(), v));
    v.around = v.drawn.c.map(e => moved(e.querySelector('path, polygon').getBBox(), v));
    v.after = v.boxes.map(() => []);
    v.before = v.boxes.map(() => []);
    for (const [from, to] of v.links) { v.after[from].push(to); v.before[to].push(from); }
    v.lines = make('g', { class: 'lines' });
    v.folds = make('g', {});
    v.graph.insertBefore(v.lines, v.graph.querySelector('.node, .edge'));
    v.graph.append(v.folds);
    for (const g of [v.lines, v.folds]) g.setAttribute('transform', 'translate(' + v.offset.map(x => -x) + ')');
    const button = (e, label) => { e.setAttribute('tabindex', 0); e.setAttribute('role', 'button');
      e.setAttribute('aria-label', label); };
    v.boxes.forEach((b, i) => {
      if (b.kind !== 'junction') button(v.drawn.b[i], [b.kind, b.name, b.equation].filter(Boolean).join(' '));
    });
    v.clusters.forEach((c, i) => {
      const title = v.drawn.c[i].querySelector('text');
      if (title) { button(title, 'fold ' + c.title); title.textContent = '\u25be ' + title.textContent; }
    });
    return v;
  }

  // ---- folding
  const hide = (e, yes) => e.setAttribute('display', yes ? 'none' : 'inline');
  const cut = s => s.length > 40 ? s.slice(0, 38) + '\u2026' : s;
  function fold_symbol(v, c) {
    const title = make('text', { 'text-anchor': 'middle' }, ['\u25b8 ' + cut(v.clusters[c].title)]);
    const n = within(v, 'c' + c).filter(i => v.boxes[i].kind !== 'junction').length;
    const small = make('text', { 'text-anchor': 'middle', class: 'small' }, [n + (n === 1 ? ' box' : ' boxes')]);
    const g = make('g', { class: 'folded', tabindex: 0, role: 'button', 'data-shown': 'c' + c,
      'aria-label': 'folded: ' + v.clusters[c].title }), box = make('rect', { rx: 6, height: 38 });
    g.append(box, title, small);
    v.folds.append(g);
    const a = v.around[c], width = Math.max(64, title.getComputedTextLength() + 22);
    const x = a.x + a.width / 2, y = a.y + a.height / 2;
    box.setAttribute('width', width); box.setAttribute('x', x - width / 2); box.setAttribute('y', y - 19);
    title.setAttribute('x', x); title.setAttribute('y', y - 2);
    small.setAttribute('x', x); small.setAttribute('y', y + 11);
    v.symbols['c' + c] = { drawn: g, at: { x: x - width / 2, y: y - 19, width: width, height: 38 } };
  }
  const at = (v, shown) => shown[0] === 'b' ? v.at[shown.slice(1)] : v.symbols[shown].at;
  const middle = r => [r.x + r.width / 2, r.y + r.height / 2];
  // Where the line from the middle of a box to a point leaves it.
  function border(r, p) {
    const [x, y] = middle(r), dx = p[0] - x, dy = p[1] - y;
    const part = Math.min(1, r.width / 2 / (Math.abs(dx) || 1e-9), r.height / 2 / (Math.abs(dy) || 1e-9));
    return [x + part * dx, y + part * dy];
  }
  function line(v, l) {
    const a = at(v, l.from), b = at(v, l.to), p = border(a, middle(b)), q = border(b, middle(a));
    const turn = Math.atan2(q[1] - p[1], q[0] - p[0]);
    const corner = (side, back) => [q[0] - back * Math.cos(turn) + side * Math.sin(turn),
      q[1] - back * Math.sin(turn) - side * Math.cos(turn)];
    l.drawn = make('g', { class: l.recurrent ? 'edge recurrent' : 'edge link' },
      [make('path', { d: 'M' + p + 'L' + q }),
        make('polygon', { points: [q, corner(2.6, 6), corner(-2.6, 6)].join(' ') })]);
    v.lines.append(l.drawn);
  }
  function refold() {
    const v = prepare(), between = new Map();
    v.shown = v.boxes.map((b, i) => { const c = outermost(v, cluster_of(b)); return c < 0 ? 'b' + i : 'c' + c; });
    v.symbols = {};
    v.lines.replaceChildren();
    v.folds.replaceChildren();
    v.boxes.forEach((b, i) => hide(v.drawn.b[i], v.shown[i] !== 'b' + i));
    v.clusters.forEach((c, i) => {
      hide(v.drawn.c[i], outermost(v, i) >= 0);
      if (outermost(v, i) === i) fold_symbol(v, i);
    });
    v.links.forEach(([a, b, recurrent], i) => {
      const from = v.shown[a], to = v.shown[b], own = from[0] === 'b' && to[0] === 'b';
      hide(v.drawn.l[i], !own);
      if (own || from === to) return;
      if (!between.has(from + to)) between.set(from + to, { from: from, to: to, links: [] });
      between.get(from + to).links.push(i);
      between.get(from + to).recurrent = recurrent;
    });
    v.bent = Array.from(between.values());
    v.bent.forEach(l => line(v, l));
    if (chosen && (chosen[0] === 'b' ? v.shown[chosen.slice(1)] !== chosen : !v.symbols[chosen]))
      chosen = chosen[0] === 'b' ? v.shown[chosen.slice(1)] : null;
    save();
    mark();
  }
)"
                                         R"(
  // ---- paths
  function reach(start, next) {
    const from = new Map(start.map(b => [b, -1])), open = start.slice();  // by which box it was reached
    for (let i = 0; i < open.length; ++i)
      for (const b of next[open[i]]) if (!from.has(b)) { from.set(b, open[i]); open.push(b); }
    return from;
  }
  function paths(shown) {
    const v = views[now], start = shown ? within(v, shown) : [];
    return { leads: reach(start, v.after), feeds: reach(start, v.before) };
  }
  const matches = new Set();  // of the search, as they are shown
  function mark() {
    const v = views[now], p = paths(chosen), whole = (set, l) => set.has(v.links[l][0]) && set.has(v.links[l][1]);
    const look = (e, leads, feeds) => { e.classList.toggle('leads', leads); e.classList.toggle('feeds', feeds); };
    v.svg.classList.toggle('traced', chosen !== null);
    const box = (e, shown, all) => {
      look(e, all.some(b => p.leads.has(b)), all.some(b => p.feeds.has(b)));
      e.classList.toggle('chosen', shown === chosen);
      e.classList.toggle('match', matches.has(shown));
    };
    v.drawn.b.forEach((e, i) => box(e, 'b' + i, [i]));
    for (const [shown, s] of Object.entries(v.symbols)) box(s.drawn, shown, within(v, shown));
    v.drawn.l.forEach((e, i) => look(e, whole(p.leads, i), whole(p.feeds, i)));
    v.bent.forEach(l => look(l.drawn, l.links.some(i => whole(p.leads, i)), l.links.some(i => whole(p.feeds, i))));
  }
  function choose(shown) { chosen = shown; mark(); hooks.chosen(); save(); }

  // ---- where one looks
  const drawn_size = () => [stage.clientWidth || 1, stage.clientHeight || 1];
  function look() {
    const [w, h] = drawn_size();
    views[now].svg.setAttribute('viewBox', [eye.x, eye.y, w / eye.k, h / eye.k].map(x => x.toFixed(2)).join(' '));
    save();
  }
  function zoom(factor, x, y) {
    const k = Math.max(0.02, Math.min(12, eye.k * factor));
    eye = { x: eye.x + x / eye.k - x / k, y: eye.y + y / eye.k - y / k, k: k };
    untouched = false;
    look();
  }
  function show_rectangle(r, k, x, y) {  // the middle of it, or the place x, y between its ends
    const [w, h] = drawn_size(), a = x === undefined ? 0.5 : x, b = y === undefined ? 0.5 : y;
    const part = (from, length, seen, p) => length <= seen ? from + (length - seen) / 2 : from + p * (length - seen);
    eye = { x: part(r.x, r.width, w / k, a), y: part(r.y, r.height, h / k, b), k: k };
    untouched = false;
    look();
  }
  // All of it, or, where some is folded, what is left.
  function all_shown() {
    const v = views[now], room = 24;
    if (Object.keys(v.symbols).length === 0) return v.whole;
    const all = Array.from(new Set(v.shown)).map(s => at(v, s)).concat(v.around.filter((r, i) => outermost(v, i) < 0));
    const low = a => Math.min(...all.map(r => r[a])) - room;
    const long = (a, n) => Math.max(...all.map(r => r[a] + r[n])) + room - low(a);
    return { x: low('x'), y: low('y'), width: long('x', 'width'), height: long('y', 'height') };
  }
  const scale_of = r => Math.min(1.8, drawn_size()[0] / r.width, drawn_size()[1] / r.height);
  const fit = () => show_rectangle(all_shown(), scale_of(all_shown()));
  // What could not be read then begins where it begins.
  function begin() {
    if (scale_of(all_shown()) >= 0.7) fit(); else show_rectangle(all_shown(), 0.9, 0, 0);
    untouched = true;
  }
  function centre(shown) { show_rectangle(at(views[now], shown), Math.max(eye.k, 0.9)); }
  function save() {
    const kept = { view: now, folded: Array.from(folded), eye: eye, chosen: chosen, size: drawn_size() };
    try { sessionStorage.setItem(place, JSON.stringify(kept)); } catch (e) { return; }
  }
  function show(k) {
    now = k;
    chosen = null;
    holders.forEach((h, i) => { h.hidden = i !== k; });
    refold();
    begin();
    hooks.seen();
    hooks.chosen();
  }
  function set_folded(name, yes) {
    if (yes) folded.add(name); else folded.delete(name);
    refold();
    hooks.seen();
    hooks.chosen();
  }
)";

}  // namespace unspool::core
