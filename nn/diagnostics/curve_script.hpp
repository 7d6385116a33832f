// The script that draws curves, in cards.
#pragma once

namespace unspool::core {

/// JavaScript: `curves(place, title, across, series, memory)` draws series, [{name, x: […], y: […]}], in an element of a page: with a
/// switch for a logarithmic axis, zoomed by dragging and by the wheel, and with the values under the pointer.  `memory` keeps the
/// choices.  Null is a gap; so is what is not finite ("nan", "inf", "-inf"), with a mark above.  It brings `make` and `short`.
extern char const* const curve_script;
extern char const* const curve_style;  ///< CSS of those, and of the cards that they stand in: `<div class="cards">`

}  // namespace unspool::core
