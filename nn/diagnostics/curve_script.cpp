// Curves in SVG.
#include <unspool/nn/diagnostics/curve_script.hpp>

namespace unspool::core {

char const* const curve_style =
    R"(.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25em), 1fr)); gap: 12px; }
.card { background: var(--card); border-radius: 6px; padding: 8px 10px; min-width: 0; }
.head { display: flex; gap: .8em; align-items: center; min-height: 26px; } .head .grow { flex: 1; }
.head label, .told, .note { color: var(--dim); font-size: 13px; } button { font-size: 12px; }
.told { display: flex; flex-wrap: wrap; gap: 0 1em; min-height: 1.4em; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere; }
.told i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: .4em; }
svg.curves { width: 100%; height: 230px; display: block; cursor: crosshair; touch-action: pan-y; user-select: none; }
svg.curves text { font-size: 11px; fill: var(--dim); } svg.curves text.bad { fill: var(--bad); font-size: 15px; font-weight: bold; }
svg.curves path { fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; }
.grid { stroke: var(--grid); }
.rule { stroke: var(--dim); stroke-dasharray: 3,3; } .chosen { fill: var(--curve0); opacity: .2; }
)";

char const* const curve_script = R"(
function short(v) {
  if (v === null || v === undefined) return 'none';
  if (!Number.isFinite(v)) return String(v);
  return v !== 0 && (Math.abs(v) < 1e-3 || Math.abs(v) >= 1e5) ? v.toExponential(2) : String(Number(v.toPrecision(4)));
}
function ticks(low, high, log, most) {
  const out = [];
  if (log && high - low >= 1) {
    const step = Math.max(1, Math.ceil((high - low) / most));
    for (let k = Math.ceil(low - 1e-9); k <= high + 1e-9; k += step) out.push({ at: k, text: '1e' + k });
    return out;
  }
  if (log) return ticks(Math.pow(10, low), Math.pow(10, high), false, most).filter(t => t.at > 0)
    .map(t => ({ at: Math.log10(t.at), text: t.text }));
  const raw = (high - low) / most, unit = Math.pow(10, Math.floor(Math.log10(raw)));
  const step = unit * [1, 2, 5, 10].find(f => f * unit >= raw * 0.999);
  if (!(Math.max(Math.abs(low), Math.abs(high)) / step < 2 ** 52)) return out;
  const text = v => v !== 0 && (Math.abs(v) < 1e-3 || Math.abs(v) >= 1e5) ? v.toExponential() : String(v);
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; ++k)
    out.push({ at: k * step, text: text(Number((k * step).toPrecision(12))) });
  return out;
}
function curves(place, title, across, series, memory) {
  const key = 'curves: ' + title, mine = memory[key] = memory[key] || { log: false, view: null };
  const left = 58, right = 8, top = 14, bottom = 24, height = 230;
  const log = make('input', { type: 'checkbox' }), whole = make('button', { type: 'button' }, ['whole']);
  const picture = make('svg', { class: 'curves', role: 'img', 'aria-label': title });
  const told = make('div', { class: 'told' });
  place.append(make('div', { class: 'card' }, [
    make('div', { class: 'head' }, [make('b', {}, [title]), make('span', { class: 'grow' }), whole,
      make('label', {}, [log, ' log'])]), picture, told]));
  const xs = Array.from(new Set(series.flatMap(s => s.x))).sort((a, b) => a - b);
  const ends = [xs[0], xs.length > 1 ? xs[xs.length - 1] : xs[0] + 1];
  const number = s => s.y.map(v => typeof v === 'string' ? Number(v.replace('inf', 'Infinity')) : v);
  series = series.map((s, k) => ({ name: s.name, x: s.x, y: number(s), colour: 'var(--curve' + k % 6 + ')' }));
  let width = 0, range = [0, 1], view = ends;
  const height_of = v => mine.log ? Math.log10(v) : v;
  const drawn = v => v !== null && Number.isFinite(height_of(v));
  const px = x => left + (x - view[0]) / (view[1] - view[0]) * (width - left - right);
  const py = v => height - bottom - (height_of(v) - range[0]) / (range[1] - range[0]) * (height - top - bottom);
  const back = p => view[0] + (p - left) / (width - left - right) * (view[1] - view[0]);

  function find_range() {
    const inside = x => x >= view[0] && x <= view[1];
    const seen = series.flatMap(s => s.y.filter((v, i) => drawn(v) && inside(s.x[i])).map(height_of));
    let low = seen.reduce((a, b) => Math.min(a, b), Infinity), high = seen.reduce((a, b) => Math.max(a, b), -Infinity);
    if (!(low <= high)) { low = 0; high = 1; }
    const size = Math.max(Math.abs(low), Math.abs(high), mine.log ? 1 : 0);
    const pad = high - low > size * 1e-12 ? (high - low) * 0.05 : size * 0.05 || 0.5;
    range = [low - pad, high + pad];
  }
  function axes() {
    for (const t of ticks(range[0], range[1], mine.log, 5)) {
      const y = height - bottom - (t.at - range[0]) / (range[1] - range[0]) * (height - top - bottom);
      picture.append(make('line', { x1: left, x2: width - right, y1: y, y2: y, class: 'grid' }),
        make('text', { x: left - 6, y: y + 4, 'text-anchor': 'end' }, [t.text]));
    }
    const marks = ticks(view[0], view[1], false, Math.max(2, Math.floor(width / 70)));
    for (const t of marks.filter(t => Number.isInteger(t.at)))
      picture.append(make('text', { x: px(t.at), y: height - 7, 'text-anchor': 'middle' }, [t.text]));
  }
  function curve(s) {
    let d = '', pen = false;
    s.x.forEach((x, i) => {
      if (x < view[0] || x > view[1]) { pen = false; return; }
      if (drawn(s.y[i])) d += (pen ? 'L' : 'M') + px(x).toFixed(1) + ' ' + py(s.y[i]).toFixed(1);
      if (drawn(s.y[i]) && !pen && !(i + 1 < s.x.length && drawn(s.y[i + 1]))) d += 'h.1';  // a point alone
      if (s.y[i] !== null && !Number.isFinite(s.y[i]))
        picture.append(make('text', { x: px(x), y: 11, class: 'bad', 'text-anchor': 'middle' }, ['\u00d7']));
      pen = drawn(s.y[i]);
    });
    picture.append(make('path', { d: d || 'M0 0', style: 'stroke:' + s.colour }));
  }
  function tell(x) {
    told.replaceChildren(make('span', {}, [across + ' ' + x]));
    for (const s of series) {
      const i = s.x.indexOf(x);
      if (i < 0 || s.y[i] === null) continue;
      told.append(make('span', {}, [make('i', { style: 'background:' + s.colour }), s.name + ' ' + short(s.y[i])]));
    }
  }
  function draw() {
    width = Math.max(200, picture.clientWidth);
    view = mine.view || ends;
    picture.setAttribute('viewBox', '0 0 ' + width + ' ' + height);
    picture.replaceChildren();
    log.checked = mine.log;
    whole.hidden = !mine.view;
    find_range();
    axes();
    series.forEach(curve);
    tell(xs.filter(x => x <= view[1]).pop());
  }
  function look_at(a, b) {
    const low = Math.max(ends[0], Math.min(a, b)), high = Math.min(ends[1], Math.max(a, b));
    if (high - low < (ends[1] - ends[0]) * 1e-4) return;
    mine.view = low <= ends[0] && high >= ends[1] ? null : [low, high];
    draw();
  }
  const at = e => Math.min(width - right, Math.max(left, e.clientX - picture.getBoundingClientRect().left));
  let from = null, box = null, rule = null;
  picture.addEventListener('pointerdown', e => { from = at(e); picture.setPointerCapture(e.pointerId); });
  picture.addEventListener('pointermove', e => {
    if (rule) rule.remove();
    if (box) box.remove();
    const p = at(e), inside = xs.filter(x => x >= view[0] && x <= view[1]);
    if (inside.length === 0) return;
    const near = inside.reduce((a, b) => Math.abs(px(b) - p) < Math.abs(px(a) - p) ? b : a);
    tell(near);
    picture.append(rule = make('line', { x1: px(near), x2: px(near), y1: top, y2: height - bottom, class: 'rule' }));
    if (from !== null) picture.append(box = make('rect',
      { x: Math.min(from, p), y: top, width: Math.abs(p - from), height: height - top - bottom, class: 'chosen' }));
  });
  picture.addEventListener('pointerup', e => {
    const a = from, b = at(e);
    from = null;
    if (a !== null && Math.abs(b - a) > 5) look_at(back(a), back(b)); else if (box) box.remove();
  });
  picture.addEventListener('pointercancel', () => { from = null; draw(); });
  picture.addEventListener('pointerleave', () => { if (from === null) draw(); });
  picture.addEventListener('wheel', e => {
    e.preventDefault();
    const x = back(at(e)), f = Math.exp(Math.sign(e.deltaY) * 0.25);
    look_at(x - (x - view[0]) * f, x + (view[1] - x) * f);
  }, { passive: false });
  const all = () => { mine.view = null; draw(); };
  picture.addEventListener('dblclick', all);
  whole.addEventListener('click', all);
  log.addEventListener('change', () => { mine.log = log.checked; draw(); });
  new ResizeObserver(draw).observe(picture);
  draw();
}
)";

}  // namespace unspool::core
