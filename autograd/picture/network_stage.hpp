// What a page shows of a graph: one of its views, moved, zoomed, with modules folded and paths marked.
#pragma once

namespace unspool::core {

/// The views stand in it where it says <!--views-->.
extern char const* const network_elements;
/// The beginning of a script, of which network_panel_script is the end.
extern char const* const network_stage_script;

}  // namespace unspool::core
