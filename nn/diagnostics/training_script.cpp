// Sections of a page of a training: curves, findings, heat maps, histograms.
#include <unspool/nn/diagnostics/training_script.hpp>

namespace unspool::core {

char const* const training_style =
    R"(body { max-width: 1500px; }
#state { color: var(--dim); display: flex; gap: 1.2em; flex-wrap: wrap; margin: 0 0 1em; }
#bar { position: sticky; top: 0; z-index: 1; background: var(--paper); display: flex; gap: 1em; align-items: center;
  padding: 6px 0; } #bar input { flex: 1; } #when { min-width: 6em; font-variant-numeric: tabular-nums; }
#findings { padding-left: 0; list-style: none; margin: .4em 0; }
#findings li { margin: .25em 0; overflow-wrap: anywhere; }
#findings b { color: var(--bad); } #findings b.healthy { color: var(--fine); }
.map { display: grid; grid-template-columns: minmax(3em, max-content) 1fr; gap: 2px 8px; align-items: center; }
.map .name { font-size: 12px; max-width: 14em; overflow-wrap: anywhere; }
@media (max-width: 500px) { .map .name { max-width: 9em; } }
select { max-width: 100%; }
canvas { width: 100%; display: block; image-rendering: pixelated; background: var(--none); }
.tokens { display: flex; font: 11px/1.2 monospace; }
.tokens span { flex: 1 1 0; min-width: 0; text-align: center; white-space: pre; }
.tokens.long span { writing-mode: vertical-rl; text-align: start; padding-top: 2px; }
.axis { display: flex; justify-content: space-between; color: var(--dim); font-size: 11px; }
.scale { display: flex; gap: 0 .5em; flex-wrap: wrap; align-items: center;
  color: var(--dim); font-size: 12px; margin-top: 4px; }
.scale span.ramp { width: 160px; height: 10px; border-radius: 2px; }
.small { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 10px; font-size: 12px; }
.small svg { width: 100%; height: 54px; display: block; } .small rect { fill: var(--curve0); }
.small div { overflow-wrap: anywhere; }
)";

char const* const training_body = R"(<div id="state"></div>
<div class="cards" id="epochs"></div>
<div id="inside" hidden>
<h2>Epoch by epoch</h2>
<div id="bar"><input id="slider" type="range" min="0" max="0" value="0" aria-label="epoch"><span id="when"></span></div>
<ul id="findings"></ul>
<div id="flow"></div>
<div id="weights"></div>
</div>
<div id="sequences"></div>
)";

char const* const training_script = R"(
(function () {
  'use strict';
  const data = JSON.parse(document.getElementById('training').textContent), get = id => document.getElementById(id);
  let memory = {};
  try { memory = JSON.parse(sessionStorage.getItem(location.pathname)) || {}; } catch (e) { memory = {}; }
  const number = v => typeof v === 'string' ? Number(v.replace('inf', 'Infinity')) : v;

  // Colours: viridis for sizes, from blue by nothing to red for what has a sign; magenta for what is not finite.
  const viridis = [[68,1,84],[71,44,122],[59,81,139],[44,113,142],[33,144,141],
    [39,173,129],[92,200,99],[170,220,50],[253,231,37]];
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const signed = [[33,102,172], [103,169,207], dark ? [42,46,51] : [247,247,247], [239,138,98], [178,24,43]];
  function mix(stops, part) {
    const x = Math.max(0, Math.min(1, part)) * (stops.length - 1);
    const i = Math.min(Math.floor(x), stops.length - 2), f = x - i;
    return stops[i].map((a, k) => Math.round(a + f * (stops[i + 1][k] - a)));
  }
  const ramp = stops => 'linear-gradient(to right,' + stops.map(c => 'rgb(' + c.join(',') + ')').join(',') + ')';
  const key = '(grey: 0 or unknown; magenta: not finite)';
  function scale(low, high, stops, what, more) {
    return make('div', { class: 'scale' },
      [make('span', {}, [what]), make('span', {}, [low]),
        make('span', { class: 'ramp', style: 'background:' + ramp(stops) }), make('span', {}, [high]), more]);
  }
  // Sizes on a logarithmic scale; what is 0 has no colour.
  function log_colours(values) {
    const logs = values.filter(v => Number.isFinite(v) && v > 0).map(Math.log10);
    const high = logs.reduce((a, b) => Math.max(a, b), -Infinity);
    const least = logs.reduce((a, b) => Math.min(a, b), Infinity);
    const low = Math.max(high - 16, Math.min(least, high - 1));
    const part = v => (Math.log10(v) - low) / (high - low);
    return { colour: v => !Number.isFinite(v) ? [255, 64, 255] : v > 0 ? mix(viridis, part(v)) : null,
      low: short(Math.pow(10, low)), high: short(Math.pow(10, high)), some: logs.length > 0 };
  }
  // A canvas with a pixel a cell, stretched; `told(row, column)` says what is under the pointer.
  function cells(rows, columns, pixels, colour, told, tell) {
    const c = make('canvas', { width: columns, height: rows, style: 'height:' + pixels * rows + 'px' });
    const context = c.getContext('2d'), image = context.createImageData(columns, rows);
    for (let r = 0; r < rows; ++r)
      for (let k = 0; k < columns; ++k) {
        const rgb = colour(r, k);
        if (rgb) image.data.set([rgb[0], rgb[1], rgb[2], 255], 4 * (r * columns + k));
      }
    context.putImageData(image, 0, 0);
    c.addEventListener('pointermove', e => {
      const b = c.getBoundingClientRect(), within = (p, n) => Math.max(0, Math.min(n - 1, Math.floor(p * n)));
      const row = within((e.clientY - b.top) / b.height, rows);
      const column = within((e.clientX - b.left) / b.width, columns);
      tell.textContent = told(row, column);
    });
    return c;
  }
  const axis = (a, b) => make('div', { class: 'axis' }, [make('span', {}, [a]), make('span', {}, [b])]);
  const card = (title, children) => make('div', { class: 'card' },
    [make('div', { class: 'head' }, [make('b', {}, [title])])].concat(children));

  function state() {
    const e = data.epochs, u = data.updates, follow = make('input', { type: 'checkbox' });
    const words = [data.state, e.epochs + ' epochs', u.updates + ' updates'];
    if (e.stretch > 1) words.push('one epoch in ' + e.stretch + ' is drawn');
    if (u.stretch > 1) words.push('one update in ' + u.stretch + ' is drawn: that with the largest gradient');
    get('state').append(...words.map(w => make('span', {}, [w])));
    if (data.state !== 'running') return;
    follow.checked = memory.follow !== false;
    follow.addEventListener('change', () => { memory.follow = follow.checked; });
    get('state').append(make('label', {}, [follow, ' show what is new']));
    let busy = false;
    addEventListener('pointerdown', () => { busy = true; });
    addEventListener('pointerup', () => { busy = false; });
    const anew = () => { if (follow.checked && !busy && !document.hidden) location.reload(); };
    setInterval(anew, 1000 * Math.max(2, data.seconds));
  }
  function epoch_curves() {
    const e = data.epochs, place = get('epochs'), u = data.updates, pairs = new Map();
    const some = name => u[name].some(v => v !== null);
    for (const c of e.columns) {
      if (c.name === 'seconds' || (c.name === 'rate' && some('rate'))) continue;
      const what = c.name.replace(/^validation_/, '');
      if (!pairs.has(what)) pairs.set(what, []);
      pairs.get(what).push({ name: c.name, x: e.number, y: c.values });
    }
    for (const [what, series] of pairs) curves(place, what, 'epoch', series, memory);
    const of = (name, called) => ({ name: called, x: u.number, y: u[name] });
    if (some('loss')) curves(place, 'loss by update', 'update', [of('loss', 'loss')], memory);
    if (some('norm')) curves(place, 'gradient norm by update', 'update', [of('norm', 'as it was')]
      .concat(some('clipped') ? [of('clipped', 'clipped')] : []), memory);
    if (some('rate')) curves(place, 'learning rate by update', 'update', [of('rate', 'rate')], memory);
  }
)"
                                    R"(
  const of_all = f => data.frames.flatMap(f);
  const flow_colours = log_colours(of_all(f => f.flow.flatMap(l => l.norms.map(number))));
  const ratio_colours = log_colours(of_all(f => f.ratios.map(number)));
  function findings(frame) {
    get('findings').replaceChildren(...frame.findings.map(f => make('li', {},
      [f.of + ' is ', make('b', { class: f.what }, [f.what]), f.why ? ': ' + f.why : ''])));
  }
  function flow(frame) {
    get('flow').replaceChildren();
    if (frame.flow.length === 0) return;
    const told = make('div', { class: 'told' }), map = make('div', { class: 'map' });
    let last = 0;
    for (const l of frame.flow) {
      last = Math.max(last, (l.norms.length - 1) * l.every);
      map.append(make('span', { class: 'name' }, [l.name]), make('div', {}, [cells(1, l.norms.length, 24,
        (r, k) => flow_colours.colour(number(l.norms[k])),
        (r, k) => l.name + ', t = ' + k * l.every + ': ' + short(number(l.norms[k])), told)]));
    }
    map.append(make('span'), axis('t = 0', 't = ' + last));
    get('flow').append(card('Gradients by time step, \u2016\u2202L/\u2202h\u209c\u2016', [map,
      scale(flow_colours.low, flow_colours.high, viridis, 'norm', key), told]));
  }
  function histogram(h, name, ratio) {
    const most = Math.max(1, ...h.counts), n = h.counts.length, all = h.counts.reduce((a, b) => a + b, 0);
    const bars = h.counts.map((c, k) => make('rect',
      { x: k * 10 + 0.5, width: 9, y: 50 - 48 * c / most, height: 48 * c / most }));
    const moved = ratio === undefined ? '' : '\u2016\u0394w\u2016/\u2016w\u2016 ' + short(number(ratio));
    return make('div', { title: all + ' numbers' }, [make('div', {}, [name]),
      make('svg', { viewBox: '0 0 ' + 10 * n + ' 50', preserveAspectRatio: 'none' }, bars),
      axis(short(h.low), short(h.high)),
      make('span', { class: 'note' }, [moved + (h.bad ? ', ' + h.bad + ' not finite' : '')])]);
  }
  function ratios() {
    const frames = data.frames, names = data.parameters, told = make('div', { class: 'told' });
    const map = make('div', { class: 'map' }), value = (r, k) => number(frames[k].ratios[r]);
    const colour = v => v === undefined || Number.isNaN(v) ? null : ratio_colours.colour(v);
    names.forEach((name, r) => {
      const told_of = (_, k) => name + ', epoch ' + frames[k].epoch + ': ' + short(value(r, k));
      const row = cells(1, frames.length, 16, (_, k) => colour(value(r, k)), told_of, told);
      map.append(make('span', { class: 'name' }, [name]), make('div', {}, [row]));
    });
    map.append(make('span'), axis('epoch ' + frames[0].epoch, 'epoch ' + frames[frames.length - 1].epoch));
    return card('Updates against weights, \u2016\u0394w\u2016/\u2016w\u2016, of the first update of an epoch',
      [map, scale(ratio_colours.low, ratio_colours.high, viridis, 'ratio', key), told]);
  }
  function weights(frame) {
    const all = frame.weights.map((h, k) => histogram(h, data.parameters[k], frame.ratios[k]));
    const more = data.left_out ? [make('p', { class: 'note' }, [data.left_out + ' more are not shown'])] : [];
    get('weights').replaceChildren(make('h2', {}, ['Weights']), make('div', { class: 'small' }, all), ...more);
  }
  function show(k) {
    const frame = data.frames[k];
    get('when').textContent = 'epoch ' + frame.epoch;
    findings(frame);
    flow(frame);
    weights(frame);
    if (ratio_colours.some) get('weights').append(make('p'), ratios());
  }
  function frames() {
    if (data.frames.length === 0) return;
    const slider = get('slider'), last = data.frames.length - 1;
    get('inside').hidden = false;
    slider.max = last;
    slider.value = memory.frame === undefined ? last : Math.min(memory.frame, last);
    slider.addEventListener('input', () => {
      memory.frame = Number(slider.value) === last ? undefined : Number(slider.value);
      show(Number(slider.value));
    });
    show(Number(slider.value));
  }
  function state_map(m, tokens) {
    const told = make('div', { class: 'told' }), steps = m.rows[0].length / 2, gate = m.low >= 0;
    const code = (r, k) => parseInt(m.rows[r].substr(2 * k, 2), 16), stops = gate ? viridis : signed;
    const value = (r, k) => code(r, k) === 255 ? NaN : m.low + code(r, k) / 254 * (m.high - m.low);
    const pixels = Math.max(2, Math.min(12, 120 / m.rows.length)), at = k => tokens[k] ? ' (' + tokens[k] + ')' : '';
    const picture = cells(m.rows.length, steps, pixels,
      (r, k) => code(r, k) === 255 ? [255, 64, 255] : mix(stops, code(r, k) / 254),
      (r, k) => 'unit ' + r * m.every + ', t = ' + k + at(k) + ': ' + Number(value(r, k).toPrecision(3)), told);
    const long = tokens.some(t => Array.from(t).length > 1);
    const words = tokens.map(t => make('span', {}, [t]));
    const below = tokens.length ? make('div', { class: 'tokens' + (long ? ' long' : '') }, words)
      : axis('t = 0', 't = ' + (steps - 1));
    const wide = make('div', { style: 'min-width:' + (tokens.length ? steps * 12 : 0) + 'px' }, [picture, below]);
    return card(m.name,
      [make('div', { class: 'scroll' }, [wide]), scale(short(m.low), short(m.high), stops, '', ''), told]);
  }
  function sequences() {
    if (data.sequences.length === 0) return;
    const choice = make('select', { 'aria-label': 'sequence' }), place = make('div', { class: 'cards' });
    data.sequences.forEach((s, k) => choice.append(make('option', { value: k },
      ['sequence ' + k + (s.tokens.length ? ': ' + s.tokens.slice(0, 12).join(' ') : '')])));
    const draw = () => {
      const s = data.sequences[Number(choice.value)];
      place.replaceChildren(...s.maps.map(m => state_map(m, s.tokens)));
    };
    choice.value = Math.min(memory.sequence || 0, data.sequences.length - 1);
    choice.addEventListener('change', () => { memory.sequence = Number(choice.value); draw(); });
    const last = data.frames[data.frames.length - 1].epoch;
    get('sequences').append(make('h2', {}, ['States and gates after epoch ' + last]), make('p', {}, [choice]), place);
    draw();
  }
  state();
  epoch_curves();
  frames();
  sequences();
  addEventListener('pagehide', () => {
    try { sessionStorage.setItem(location.pathname, JSON.stringify(memory)); } catch (e) { return; }
  });
}());
)";

}  // namespace unspool::core
