// Pages that need nothing but themselves.
#pragma once
#include <string>
#include <string_view>

namespace unspool::core {

/// A text that shows as it is, within an element or a quoted attribute, whatever it holds: what is not UTF-8 shows as U+FFFD, and
/// control characters as spaces.
std::string html_text(std::string_view);

/// A page of HTML, UTF-8, with a title (a text) and a body and style as they are.  It can load nothing from elsewhere: its content
/// security policy says so.  It has colours by name, for light and for dark: var(--paper), --card, --ink, --dim, --grid, --bad, --fine,
/// --none, --curve0 … --curve5.  Drawings for white paper stand in elements of the class "picture".
std::string html_page(std::string_view title, std::string_view style, std::string_view body);

/// A table of these rows, `<tr>…</tr>`, which may be wider than a phone.
std::string html_table(std::string const& rows);

/// JSON that the scripts of a page find by an id, which no "</script>" within can end.
std::string script_data(std::string_view id, std::string_view json);

/// A function of a page's scripts, make(name, attributes, children), that makes an element of HTML or SVG.
extern char const* const make_script;

}  // namespace unspool::core
