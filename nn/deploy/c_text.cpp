// How they are spelt.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/nn/deploy/c_text.hpp>

namespace unspool::core {

CNames::CNames() {
    for (char const* word :
         {"auto",     "break",  "case",     "char",   "const",   "continue", "default", "do",     "double",  "else",
          "enum",     "extern", "float",    "for",    "goto",    "if",       "inline",  "int",    "long",    "register",
          "restrict", "return", "short",    "signed", "sizeof",  "static",   "struct",  "switch", "typedef", "union",
          "unsigned", "void",   "volatile", "while",  "real",    "i",        "j",       "k",      "l",       "m",
          "n",        "s",      "w",        "work",   "sum",     "exp",      "expm1",   "log",    "log1p",   "sin",
          "cos",      "tan",    "asin",     "acos",   "atan",    "sinh",     "cosh",    "tanh",   "erf",     "erfc",
          "pow",      "sqrt",   "fabs",     "fma",    "hypot",   "floor",    "ceil",    "y0",     "y1",      "yn",
          "j0",       "j1",     "jn",       "gamma",  "signgam", "round",    "index",   "state",  "weights"})
        taken_.insert(word);
}
std::string CNames::take(std::string_view wish) {
    std::string out;
    for (char c : wish) out += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    if (out.empty() || std::isdigit(static_cast<unsigned char>(out[0])) || out[0] == '_') out = "t" + out;
    std::string const first = out;
    for (int k = 2; !taken_.insert(out).second; ++k) out = fmt::format("{}_{}", first, k);
    return out;
}

std::string c_number(double x, Dtype dtype) {
    if (std::isnan(x)) return "NAN";
    if (std::isinf(x)) return x > 0 ? "INFINITY" : "-INFINITY";
    std::string out = dtype == float32 ? fmt::format("{:.9g}", static_cast<double>(static_cast<float>(x)))
                                       : fmt::format("{:.17g}", x);
    if (out.find_first_of(".e") == std::string::npos) out += ".0";
    return out + (dtype == float32 ? "f" : "");
}

std::string c_list(std::vector<std::string> const& words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) out += (i % 8 == 0 ? "\n    " : " ") + words[i] + ",";
    if (!out.empty()) out.pop_back();
    return "{" + out + "}";
}
std::string c_list(std::span<double const> numbers, Dtype dtype) {
    std::vector<std::string> words;
    for (double x : numbers) words.push_back(c_number(x, dtype));
    return c_list(words);
}

std::string c_index(Index offset, Strides const& strides) {
    constexpr char axes[] = "ijklmn";
    std::string out;
    for (std::size_t a = 0; a < strides.rank(); ++a) {
        if (strides[a] == 0) continue;
        if (!out.empty()) out += " + ";
        out += strides[a] == 1 ? std::string(1, axes[a]) : fmt::format("{} * {}", strides[a], axes[a]);
    }
    if (out.empty()) return std::to_string(offset);
    return offset == 0 ? out : fmt::format("{} + {}", out, offset);
}

namespace {

bool is_word(std::string_view s) {
    return std::all_of(s.begin(), s.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}
void replace_all(std::string& in, char what, std::string const& by) {
    for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + by.size())) in.replace(at, 1, by);
}

}  // namespace

class CNotation final : public Notation {
public:
    CNotation(CFunctions& functions, std::string const& line) : functions_(functions), line_(line) {}

private:
    std::string number(Equation::Term const& t) const override { return c_number(t.value, functions_.dtype()); }
    std::optional<std::string> special(Operation const& op, std::span<Piece const> xs) const override {
        if (!op.c && (op.form == Operation::infix || op.form == Operation::prefix) && op.strength != Strength::matrix)
            return {};
        std::string out = functions_.called(op, xs.size(), line_) + "(";
        for (Piece const& x : xs) out += (&x == xs.data() ? "" : ", ") + x.printed.text;
        return out + ")";
    }

    CFunctions& functions_;
    std::string const& line_;
};

std::string CFunctions::expression(Equation const& e, std::string const& line) {
    return CNotation(*this, line).print(e).text;
}

std::string CFunctions::called(Operation const& op, std::size_t arity, std::string const& line) {
    if (!op.c) throw TypeError(fmt::format("{}\n    {} does not say how it is written in C: see c_of", line, op.name));
    std::string_view text = op.c;
    if (is_word(text)) return math(text);
    std::string name = op.name;
    if (auto const colon = text.find(": "); is_word(text.substr(0, colon)) && colon != std::string_view::npos)
        name = text.substr(0, colon), text.remove_prefix(colon + 2);
    std::string body(text);
    replace_all(body, '$', dtype_ == float32 ? "f" : "");
    constexpr char const* parameters[] = {"real x", "real a, real b", "real a, real b, real c"};
    bodies_[name] = fmt::format("static real {}({}) {{ {} }}\n", name, parameters[arity - 1], body);
    return name;
}

std::vector<std::string> CFunctions::definitions() const {
    std::vector<std::string> out;
    for (auto const& [name, body] : bodies_) out.push_back(body);
    return out;
}

}  // namespace unspool::core
