// Names with indices, fractions, roots.
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/autograd/picture/latex.hpp>
#include <utility>

namespace unspool::core {

namespace {

/// As text within \mathrm and its like.
std::string escaped(std::string_view s) {
    std::string out;
    for (char c : s) switch (c) {
            case '_': out += "\\_"; break;
            case '%': out += "\\%"; break;
            case '&': out += "\\&"; break;
            case '#': out += "\\#"; break;
            case '$': out += "\\$"; break;
            case '{': out += "\\{"; break;
            case '}': out += "\\}"; break;
            case '\\': out += "\\backslash{}"; break;
            case '^': out += "\\hat{}"; break;
            case '~': out += "\\sim{}"; break;
            default: out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    return out;
}

/// "h0" is h with the index 0, "Wf" is W with the index f, and longer words are upright.
std::string name_in_latex(std::string const& name) {
    bool const plain =
        !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c); });
    bool const digits =
        plain && std::all_of(name.begin() + 1, name.end(), [](unsigned char c) { return std::isdigit(c); });
    if (plain && name.size() == 1) return name;
    if (plain && (name.size() == 2 || digits)) return fmt::format("{}_{{{}}}", name[0], name.substr(1));
    return "\\mathrm{" + escaped(name) + "}";
}

std::string in_brackets(std::string const& s) { return "\\left(" + s + "\\right)"; }

class Latex final : public Notation {
    std::string name(std::string const& s) const override { return name_in_latex(s); }
    std::string number(Equation::Term const& t) const override {
        std::size_t const e = t.text.find('e');
        if (!std::isfinite(t.value)) return "\\mathrm{" + t.text + "}";
        if (e == t.text.npos) return t.text;
        return fmt::format("{} \\cdot 10^{{{}}}", t.text.substr(0, e), std::atoi(t.text.c_str() + e + 1));
    }
    std::string function(std::string_view s) const override {
        static constexpr std::array<std::pair<std::string_view, char const*>, 8> known{{{"sigmoid", "\\sigma"},
                                                                                        {"tanh", "\\tanh"},
                                                                                        {"exp", "\\exp"},
                                                                                        {"log", "\\log"},
                                                                                        {"sin", "\\sin"},
                                                                                        {"cos", "\\cos"},
                                                                                        {"max", "\\max"},
                                                                                        {"min", "\\min"}}};
        auto const found = std::find_if(known.begin(), known.end(), [&](auto const& k) { return k.first == s; });
        return found == known.end() ? "\\operatorname{" + escaped(s) + "}" : found->second;
    }
    std::string sign(Operation const& op, std::span<Piece const> xs) const override {
        std::string_view const s = op.name;
        if (s == "*") return xs[0].is_number() || xs[1].is_number() ? " \\cdot " : " \\odot ";
        if (s == "<=") return " \\le ";
        if (s == ">=") return " \\ge ";
        return op.strength == Strength::matrix ? " \\, " : Notation::sign(op, xs);
    }
    std::string_view open() const override { return "\\left("; }
    std::string_view close() const override { return "\\right)"; }
    std::string part(Piece const& whole, std::string const& which) const override {
        return whole.name.empty() ? "\\mathrm{" + escaped(which) + "}" : name_in_latex(whole.name + which);
    }
    std::optional<std::string> special(Operation const& op, std::span<Piece const> xs) const override {
        std::string_view const s = op.name;
        if (op.form == Operation::infix && s == "/")
            return "\\frac{" + xs[0].printed.text + "}{" + xs[1].printed.text + "}";
        if (xs.size() != 1) return {};
        std::string const& x = xs[0].printed.text;
        if (op == transposition) return (xs[0].strength == Strength::atom ? x : in_brackets(x)) + "^{\\top}";
        if (op.form != Operation::call) return {};
        if (s == "sqrt") return "\\sqrt{" + x + "}";
        if (s == "abs") return "\\left|" + x + "\\right|";
        bool const apart = xs[0].strength != Strength::atom || xs[0].is(Operation::call);
        if (s == "square") return (apart ? in_brackets(x) : "{" + x + "}") + "^{2}";
        return {};
    }
};

constexpr Latex notation;

}  // namespace

std::string latex(Equation const& e) { return notation.print(e).text; }

}  // namespace unspool::core
