// The looks of a page of a training, and the script that draws it.
#pragma once

namespace unspool::core {

extern char const* const training_style;   // CSS, light and dark
extern char const* const training_body;    // HTML, in which the script draws
extern char const* const training_script;  // JavaScript behind curve_script; reads the JSON of the element "training"

}  // namespace unspool::core
