// The vocabulary of random programs.  Whatever the library learns to do belongs here as well: a function that chooses its operands
// among the values that there are, does it, and puts the result beside them.
#pragma once
#include <programs/session.hpp>
#include <vector>

namespace programs {

using Form = void (*)(Session&, Choices&);

std::vector<Form> const& forms();  ///< all; those that stand there twice are twice as likely

std::vector<Form> leaf_forms();
std::vector<Form> statement_forms();
std::vector<Form> view_forms();
std::vector<Form> layout_forms();
std::vector<Form> product_forms();
std::vector<Form> list_forms();
std::vector<Form> scan_forms();

}  // namespace programs
