// Rules of style.
#include <unspool/autograd/picture/network_rules.hpp>

namespace unspool::core {

char const* const network_rules = R"(.network { margin: 1em 0; }
.network .bar { display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: center; margin-bottom: 8px; }
.network .bar .grow { flex: 1; } .network .bar label, .network .found { color: var(--dim); font-size: 13px; }
.network button { font: inherit; font-size: 13px; min-height: 28px; min-width: 28px; color: var(--ink);
  background: var(--card); border: 1px solid var(--grid); border-radius: 5px; cursor: pointer; }
.network button[aria-pressed="true"] { border-color: var(--curve0); box-shadow: inset 0 0 0 1px var(--curve0); }
.network .levels, .network .zoom { display: flex; flex-wrap: wrap; gap: 4px; }
.network .wanted { font: inherit; font-size: 14px; flex: 2 1 8em; max-width: 15em; min-width: 6em; min-height: 26px; color: var(--ink);
  background: var(--paper); border: 1px solid var(--grid); border-radius: 5px; padding: 0 .5em; }
.network .columns { display: grid; grid-template-columns: minmax(0, 1fr) 300px; gap: 12px; }
@media (max-width: 1000px) { .network .columns { grid-template-columns: minmax(0, 1fr); }
  .network .columns .stage { height: 58vh; } }
.network .stage { position: relative; height: min(76vh, 900px); min-height: 300px; overflow: hidden; cursor: grab;
  border: 1px solid var(--grid); border-radius: 6px; background: var(--paper); touch-action: none; user-select: none; }
.network .stage:focus-visible, .network .stage :focus-visible { outline: 2px solid var(--curve0); outline-offset: 1px; }
.network .view { position: absolute; inset: 0; } .network .view[hidden] { display: none; }
.network svg { display: block; font-family: Helvetica, Arial, sans-serif; }
.network .graph > polygon { fill: none; stroke: none; }
.network .cluster > path { fill: none; stroke: var(--dim); stroke-opacity: .55; }
.network .cluster.step > path { fill: var(--curve0); fill-opacity: .04; stroke: var(--curve0); }
.network .cluster > text { fill: var(--dim); cursor: pointer; } .network .cluster > text:hover { fill: var(--ink); }
.network .node, .network .folded { cursor: pointer; }
.network .kinds .node text, .network .folded text { fill: var(--ink); } .network .folded text { font-size: 11px; }
.network .view .elision > path, .network .view .elision > polygon { fill: none; stroke: none; }
.network .elision text, .network .graph > .edge text { fill: var(--dim); }
.network .marked text { fill: #222222; } .network .kinds .marked text { fill: #222222; }
.network .folded rect { fill: var(--card); stroke: var(--ink); stroke-width: 1.4; }
.network .folded text.small { font-size: 8px; fill: var(--dim); }
.network .link > path, .network .link > polygon { stroke: var(--dim); }
.network .link > polygon { fill: var(--dim); }
.network .recurrent > path, .network .recurrent > polygon { stroke: var(--curve0); }
.network .recurrent > polygon { fill: var(--curve0); }
.network .edge > path { fill: none; } .network .lines path { stroke-width: 1.2; }
.network .traced .node, .network .traced .folded, .network .traced .edge { opacity: .22; }
.network .traced .leads, .network .traced .feeds { opacity: 1; }
.network .traced .edge.feeds > path { stroke: var(--curve2); stroke-width: 1.8; }
.network .traced .edge.feeds > polygon { stroke: var(--curve2); fill: var(--curve2); }
.network .traced .edge.leads > path { stroke: var(--curve1); stroke-width: 2.2; }
.network .traced .edge.leads > polygon { stroke: var(--curve1); fill: var(--curve1); }
.network .chosen > path, .network .chosen > polygon, .network .chosen > rect { stroke: var(--curve1); stroke-width: 3; }
.network .match > path, .network .match > polygon, .network .match > rect { stroke: var(--curve3); stroke-width: 3.5; }
.network .panel { background: var(--card); border-radius: 6px; padding: 8px 12px; font-size: 13px; min-height: 9em;
  max-height: min(76vh, 900px); overflow: auto; box-sizing: border-box; overflow-wrap: anywhere; }
.network .panel h3 { margin: 0 0 .3em; font-size: 15px; } .network .panel code { font-size: 13px; }
.network .panel dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 10px; margin: .6em 0; }
.network .panel dt { color: var(--dim); } .network .panel dd { margin: 0; white-space: pre-line; }
.network .panel .way { display: inline-block; padding: 0; min-height: 0; border: 0; background: none;
  color: var(--curve1); text-decoration: underline; }
.network .panel .modules { display: flex; flex-wrap: wrap; gap: 4px; margin: .4em 0; }
.network .key { display: flex; flex-wrap: wrap; gap: 2px 14px; margin-top: 6px; color: var(--dim); font-size: 12px; }
.network .key i { display: inline-block; width: 11px; height: 11px; border: 1px solid var(--dim); border-radius: 2px;
  margin-right: 5px; vertical-align: -1px; } .network .key i.ramp { width: 120px; }
)";

}  // namespace unspool::core
