// Prints docs/ops.md, the table of all operations, from what they say of themselves; or, with --lines, a program made of
// their examples, which a test compiles and runs.
#include <cstring>
#include <fmt/format.h>
#include <iostream>
#include <unspool/ops/all_ops.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

constexpr auto head = R"(# Operations

All of them, as the library's own list has them. `x`, `a`, `b` are operands: a `Var`, a term, and, beside one of these, a
parameter, a number or an xtensor array. `g` is the adjoint of the result `y`. Elementwise operations broadcast, and whatever they
are put together to is one node. Each operation takes any shape that makes sense, in float32 and in float64, empty arrays and scalars
included, and refuses others with an error that names the operands. Axes may be negative: they count from the last.

The derivative at a kink, where there is none, is that of PyTorch unless the table says otherwise.
)";

constexpr auto foot = R"(
## Your own

An elementwise function that is missing is a struct with `name`, `f` and `df`, of any type with arithmetic, and one line more, `apply<Op>(x)`: it is fused with what
stands around it, and twice as fast as the next. If its derivative is not its own, as that of a spike, it says `static constexpr bool surrogate = true;`, and
`gradcheck` checks all around it. [autograd/statement/term.hpp](../autograd/statement/term.hpp) tells more.

Any other operation is a struct with two rules in xtensor's language, and is recorded, named, drawn and checked as those above:
[examples/04_custom_op.cpp](../examples/04_custom_op.cpp).
)";

/// A cell of a table: a bar would end it.
std::string cell(std::string_view text) {
    std::string out;
    for (char c : text) out += c == '|' ? "\\|" : std::string(1, c);
    return out;
}

std::string remarks(About const& a) {
    std::string out = a.domain;
    if (*a.kinks) out += fmt::format("{}kinks: {}", out.empty() ? "" : "; ", a.kinks);
    return out;
}

template <class Op> void print_row() {
    About const& a = Op::about;
    fmt::print("| `{}` | {} | {} | {} | `{}` |\n", cell(Op::name), cell(a.formula), cell(a.derivative),
               cell(remarks(a)), cell(a.example));
}

void print_table() {
    fmt::print("{}", head);
    each_section([]<class Ops>(Section<Ops> const& section) {
        fmt::print("\n## {}\n\n| operation | y | derivative | domain and kinks | example |\n|---|---|---|---|---|\n",
                   section.title);
        each_op(Ops{}, []<class Op>() { print_row<Op>(); });
    });
    fmt::print("{}", foot);
}

/// Each line in a scope of its own, with operands that suit any of them.
void print_lines() {
    fmt::print("#include <ops_table/lines.hpp>\n\nint main() {{\n");
    each_section([]<class Ops>(Section<Ops> const&) {
        each_op(Ops{}, []<class Op>() {
            fmt::print("    {{\n        Lines lines;\n        [[maybe_unused]] auto& [tape, random, x, a, b, W, c] = "
                       "lines;\n        {}\n    }}\n",
                       Op::about.example);
        });
    });
    fmt::print("}}\n");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::strcmp(argv[1], "--lines") == 0) print_lines();
    else print_table();
}
