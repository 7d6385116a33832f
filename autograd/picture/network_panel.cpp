// The second half of the script: what there is to say, the bar, search, pointer and keys.
#include <unspool/autograd/picture/network_panel.hpp>

namespace unspool::core {

char const* const network_panel_script = R"(
  // ---- what there is to say
  const words = { input: 'input', constant: 'constant', parameters: 'parameters', statement: 'equation',
    call: 'array operation', module: 'module', reference: 'from elsewhere', elision: 'left out' };
  const called = (v, shown) => {
    if (shown[0] === 'c') return v.clusters[shown.slice(1)].title;
    const b = v.boxes[shown.slice(1)];
    return b.name || (b.parameters || []).map(p => p.path).join(', ') || (b.lines || []).join(' ') || words[b.kind];
  };
  const button = (text, act) => {
    const e = make('button', { type: 'button' }, [text]);
    e.addEventListener('click', act);
    return e;
  };
  function facts(rows) {
    const all = rows.filter(r => r[1] !== undefined && r[1] !== '');
    return make('dl', {}, all.flatMap(([name, what]) =>
      [make('dt', {}, [name]), make('dd', {}, Array.isArray(what) ? what : [what])]));
  }
  // The shortest one to a result, as buttons.
  function way(v, shown) {
    const leads = paths(shown).leads, ends = Array.from(leads.keys()).filter(b => v.boxes[b].result);
    if (ends.length === 0) return undefined;
    const boxes = [];
    for (let b = ends[0]; b >= 0; b = leads.get(b)) if (v.shown[b] !== shown && is_box(v)(b)) boxes.unshift(v.shown[b]);
    const steps = boxes.filter((s, i) => s !== boxes[i - 1]);
    if (steps.length === 0) return 'it is a result';
    const few = steps.length > 12 ? steps.slice(0, 6).concat([null], steps.slice(-5)) : steps;
    return few.flatMap(s => s === null ? [' \u2192 \u2026'] : [' \u2192 ', (() => {
      const e = button(called(v, s), () => { choose(s); centre(s); });
      e.className = 'way';
      return e;
    })()]);
  }
  const is_box = v => i => v.boxes[i].kind !== 'junction';  // and not a place where lines meet
  const count = (v, boxes) => Array.from(boxes).filter(is_box(v)).length;
  const counted = n => n + (n === 1 ? ' box' : ' boxes');
  function traces(v, shown) {
    const p = paths(shown), own = count(v, within(v, shown));
    return [['to the result', way(v, shown)], ['leads to', counted(count(v, p.leads.keys()) - own)],
      ['fed by', counted(count(v, p.feeds.keys()) - own)]];
  }
  function of_box(v, shown) {
    const b = v.boxes[shown.slice(1)], tip = (b.tip || '').split('\n');
    const line = / |^values/.test(tip[0]) ? '' : tip.shift();
    const list = (b.parameters || []).map(p => p.path + ' ' + p.shape + (p.flow ? '  ' + p.flow : '')).join('\n');
    const size = b.shape && b.shape + (b.bytes ? ', ' + b.bytes + ' bytes kept' : '');
    return [make('h3', {}, [called(v, shown)]), b.equation ? make('code', {}, ['= ' + b.equation]) : '',
      facts([['kind', words[b.kind] + (b.result ? ', a result' : '')], ['shape', size], ['line', line],
        ['module', b.module], ['holds', (b.lines || []).join('\n')], ['parameters', list], ['numbers', tip.join('\n')],
        ['first', b.elements], ['gradient', b.flow], ['over time', b.over_time]]
        .concat(traces(v, shown))), ...doors(v, b)];
  }
  function of_fold(v, shown) {
    const c = v.clusters[shown.slice(1)];
    return [make('h3', {}, [c.title]), facts([['module', c.module], ['holds', counted(count(v, within(v, shown)))]]
      .concat(traces(v, shown))), button('unfold', () => unfold(shown))];
  }
  // Buttons that fold what a box is in, or open what it stands for.
  function doors(v, b) {
    const out = [];
    if (opened(v, b)) out.push(button('open ' + b.name, () => open(v, b)), ' ');
    for (let c = cluster_of(b); c >= 0; c = v.clusters[c].parent) {
      const k = key(v.clusters[c]);
      out.push(button('fold ' + cut(v.clusters[c].title), () => set_folded(k, true)), ' ');
    }
    return out;
  }
  function unfold(shown) {
    const c = views[now].clusters[shown.slice(1)];
    for (const f of Array.from(folded)) if (f === key(c) || (is_module(c) && inside(c.module, f))) folded.delete(f);
    set_folded(key(c), false);
  }
  // The view in which a module is open that is one box here, if there is one.
  function opened(v, b) {
    if (b.kind !== 'module' || !b.module) return undefined;
    const within_it = w => w.boxes.some(x => x.kind !== 'module' && inside(x.module || '', b.module)) ||
      w.boxes.some(x => x.kind === 'module' && inside(x.module, b.module) && x.module !== b.module);
    return views.filter(w => w.rolled === v.rolled && w.rank > v.rank && within_it(w))
      .sort((a, c) => a.rank - c.rank)[0];
  }
  function open(v, b) {  // the others stay closed
    const closed = v.boxes.filter(x => x.kind === 'module' && x.module && !inside(x.module, b.module) &&
      !inside(b.module, x.module)).map(x => x.module);
    folded.clear();
    closed.forEach(m => folded.add(m));
    const w = opened(v, b);
    show(views.indexOf(w));
    const i = w.boxes.findIndex(x => inside(x.module || '', b.module));
    if (i >= 0) centre(w.shown[i]);
  }
  const panel = find('.panel');
  function tell(shown) {
    const v = views[now];
    panel.replaceChildren(...(shown ? shown[0] === 'b' ? of_box(v, shown) : of_fold(v, shown) : of_view(v)));
  }
  function of_view(v) {
    const modules = Array.from(new Set(v.clusters.filter(c => is_module(c) && c.module).map(c => c.module))).sort();
    const toggles = modules.map(m => {
      const e = button((folded.has(m) ? '\u25b8 ' : '\u25be ') + cut(m), () => set_folded(m, !folded.has(m)));
      e.setAttribute('aria-pressed', String(folded.has(m)));
      return e;
    });
    const lists = v.notes.concat(now === 0 ? data.left_out : []).map(n => make('p', {}, [n]));
    return [make('p', {}, ['Point at a box for its equation and numbers, click it for its paths to the result. ' +
      'Turn the wheel to zoom, drag to move, click a title to fold it.'])]
      .concat(toggles.length ? [make('div', {}, ['Modules:']), make('div', { class: 'modules' }, toggles)] : [], lists);
  }
)"
                                         R"(
  // ---- the bar above, and the key below
  const rolled = find('.rolled'), coloured = find('.coloured'), wanted = find('.wanted'), found = find('.found');
  const of_kind = r => views.filter(v => v.rolled === r).sort((a, b) => a.rank - b.rank);
  function bar() {
    const v = views[now];
    find('.roll').hidden = of_kind(0).length === 0 || of_kind(1).length === 0;
    rolled.checked = v.rolled === 1;
    find('.levels').replaceChildren(...of_kind(v.rolled).map(w => {
      const e = button(w.level, () => show(views.indexOf(w)));
      e.setAttribute('aria-pressed', String(w === v));
      return e;
    }));
    find('.colour').hidden = !data.scale;
    const grey = data.scale && coloured.checked;
    v.svg.classList.toggle('kinds', !grey);
    const has = k => v.boxes.some(b => b.kind === k || (k === 'parameters' && b.parameters));
    const kinds = Object.keys(words).filter(k => k !== 'elision' && has(k));
    const key = kinds.map(k => make('span', {}, [make('i', { class: k }), words[k]]));
    const scale = () => [make('span', {}, ['\u2016\u2207\u2016 ' + data.scale.low + ' ', make('i', { class: 'ramp',
      style: 'background: linear-gradient(to right,' + data.scale.stops.join(',') + ')' }), String(data.scale.high)])];
    find('.key').replaceChildren(...(grey ? scale() : key));
    search(false);
  }
  rolled.addEventListener('change', () => {
    const rank = views[now].rank, all = of_kind(rolled.checked ? 1 : 0);
    const best = all.reduce((a, b) => Math.abs(b.rank - rank) < Math.abs(a.rank - rank) ? b : a);
    show(views.indexOf(best));
  });
  coloured.addEventListener('change', bar);

  // ---- search
  let hits = [], hit = 0;
  for (const v of views) for (const b of v.boxes)
    b.text = [b.name, b.equation, b.operations, b.module, b.module && b.name && b.module + '.' + b.name, words[b.kind],
      b.tip && b.tip.split('\n')[0], b.shape].concat(b.lines || [], (b.parameters || []).map(p => p.path))
      .filter(Boolean).join('\n').toLowerCase();
  function search(go) {
    const v = views[now], words_of = wanted.value.toLowerCase().split(/\s+/).filter(Boolean);
    const has = b => words_of.length > 0 && words_of.every(s => b.text.includes(s));
    const matching = w => w.boxes.map((b, i) => i).filter(i => has(w.boxes[i]));
    hits = Array.from(new Set(matching(v).map(i => v.shown[i])));
    matches.clear();
    hits.forEach(h => matches.add(h));
    mark();
    if (go) { hit = 0; next(0); }
    const elsewhere = hits.length || !words_of.length ? '' : views.filter(w => w !== v && matching(w).length)
      .map(w => w.level + (w.rolled ? ', rolled' : '')).join('; ');
    found.textContent = !words_of.length ? '' : hits.length ? (hit + 1) + ' of ' + hits.length
      : elsewhere ? 'none here, but in ' + elsewhere : 'none';
  }
  function next(by) {
    if (hits.length === 0) return;
    hit = (hit + by + hits.length) % hits.length;
    centre(hits[hit]);
    tell(hits[hit]);
    found.textContent = (hit + 1) + ' of ' + hits.length;
  }
  wanted.addEventListener('input', () => search(true));
  wanted.addEventListener('keydown', e => {
    if (e.key === 'Enter') { e.preventDefault(); next(e.shiftKey ? -1 : 1); }
    if (e.key === 'Escape') { wanted.value = ''; search(false); }
  });

  // ---- pointer and keys
  const thing = e => {
    const g = e.target.closest ? e.target.closest('.node, .folded, .cluster > text') : null;
    if (!g || !stage.contains(g)) return {};
    if (g.dataset.shown) return { shown: g.dataset.shown };
    const id = /^v\d+([bc])(\d+)$/.exec(g.id || g.parentNode.id);
    if (id[1] === 'b') return is_box(views[now])(id[2]) ? { shown: id[1] + id[2] } : {};
    return { title: views[now].clusters[id[2]] };
  };
  const inside_stage = e => {
    const r = stage.getBoundingClientRect();
    return [e.clientX - r.left, e.clientY - r.top];
  };
  const down = new Map();
  let dragged = false, pointed;
  function point(shown) {
    if (shown === pointed) return;
    pointed = shown;
    tell(shown || chosen);
  }
  stage.addEventListener('pointerdown', e => {
    if (down.size === 0) dragged = false;
    down.set(e.pointerId, inside_stage(e));
  });
  stage.addEventListener('pointermove', e => {
    const p = inside_stage(e), old = down.get(e.pointerId);
    if (!old) { point(thing(e).shown); return; }
    if (!dragged && Math.hypot(p[0] - old[0], p[1] - old[1]) < 4) return;
    if (!dragged) { dragged = true; stage.setPointerCapture(e.pointerId); }
    const others = Array.from(down).filter(d => d[0] !== e.pointerId).map(d => d[1]);
    down.set(e.pointerId, p);
    if (others.length === 0) {
      eye = { x: eye.x - (p[0] - old[0]) / eye.k, y: eye.y - (p[1] - old[1]) / eye.k, k: eye.k };
      untouched = false;
      look();
      return;
    }
    const o = others[0], distance = q => Math.max(1, Math.hypot(q[0] - o[0], q[1] - o[1]));
    zoom(distance(p) / distance(old), o[0], o[1]);
  });
  for (const end of ['pointerup', 'pointercancel']) addEventListener(end, e => down.delete(e.pointerId));
  stage.addEventListener('pointerleave', () => point(undefined));
  stage.addEventListener('wheel', e => {
    e.preventDefault();
    const pixels = e.deltaY * (e.deltaMode === 1 ? 16 : e.deltaMode === 2 ? 400 : 1);
    zoom(Math.exp(-Math.max(-300, Math.min(300, pixels)) / 400), ...inside_stage(e));
  }, { passive: false });
  function act(t) {
    if (t.title) set_folded(key(t.title), true);
    else choose(t.shown === chosen ? null : t.shown || null);
  }
  function enter(t) {
    if (t.title) return;
    if (!t.shown) { fit(); return; }
    const v = views[now], b = v.boxes[t.shown.slice(1)];
    if (t.shown[0] === 'c') unfold(t.shown); else if (opened(v, b)) open(v, b);
  }
  stage.addEventListener('click', e => { if (!dragged) act(thing(e)); });
  stage.addEventListener('dblclick', e => { if (!dragged) enter(thing(e)); });
  stage.addEventListener('focusin', e => { const t = thing(e); if (t.shown) tell(t.shown); });
  stage.addEventListener('keydown', e => {
    const [w, h] = drawn_size(), step = 60 / eye.k, t = thing(e);
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (moves[e.key]) { eye = { x: eye.x + moves[e.key][0], y: eye.y + moves[e.key][1], k: eye.k }; look(); }
    else if (e.key === '+' || e.key === '=' || e.key === '-') zoom(e.key === '-' ? 0.8 : 1.25, w / 2, h / 2);
    else if (e.key === 'f' || e.key === '0') fit();
    else if (e.key === 'Escape') choose(null);
    else if ((e.key === 'Enter' || e.key === ' ') && (t.shown || t.title)) {
      if (e.shiftKey || (t.shown && t.shown[0] === 'c' && t.shown === chosen)) enter(t); else act(t);
    } else return;
    e.preventDefault();
  });
  find('.fit').addEventListener('click', fit);
  find('.in').addEventListener('click', () => zoom(1.4, drawn_size()[0] / 2, drawn_size()[1] / 2));
  find('.out').addEventListener('click', () => zoom(1 / 1.4, drawn_size()[0] / 2, drawn_size()[1] / 2));
  let size = drawn_size();
  addEventListener('resize', () => {  // what was in the middle stays there
    const [w, h] = drawn_size();
    eye = { x: eye.x + (size[0] - w) / 2 / eye.k, y: eye.y + (size[1] - h) / 2 / eye.k, k: eye.k };
    size = [w, h];
    if (untouched) begin(); else look();
  });

  hooks.chosen = () => tell(chosen);
  hooks.seen = bar;
  coloured.checked = Boolean(data.scale);
  const kept = memory;
  show(now);
  if (kept.eye && kept.size && kept.size[0] === drawn_size()[0]) { eye = kept.eye; look(); }
  if (kept.chosen && (kept.chosen[0] === 'b' ? views[now].shown : views[now].symbols)[
    kept.chosen[0] === 'b' ? kept.chosen.slice(1) : kept.chosen]) choose(kept.chosen);
}());
)";

}  // namespace unspool::core
