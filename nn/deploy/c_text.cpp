// How they are spelt.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <sstream>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/nn/deploy/c_text.hpp>

namespace unspool::core {

namespace {

/// Whatever the locale says.
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_in_word(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; }
bool is_word(std::string_view s) { return std::all_of(s.begin(), s.end(), is_in_word); }

void replace_all(std::string& in, std::string_view what, std::string_view by) {
    for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + by.size() - (by.size() > 1 ? 1 : 0)))
        in.replace(at, what.size(), by);
}

}  // namespace

std::string in_capitals(std::string s) {
    for (char& c : s)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return s;
}

CNames::CNames(std::string_view own) {
    if (!own.empty()) own_ = fmt::format("{}_", own), own_macro_ = in_capitals(own_);
    // words of C and of C++, whose programs include the header, and names of the file itself
    std::istringstream words(R"(
        alignas alignof and asm auto bool break case catch char class complex const constexpr continue default
        delete do double else enum explicit export extern false float for friend goto if imaginary inline int linux
        long main mutable namespace new noexcept not nullptr operator or private protected public register requires
        restrict return short signed sizeof static struct switch template this throw true try typedef typename
        typeof union unix unsigned using virtual void volatile while xor real i j k l m n s w work sum state weights
        index add_product add_product_int8 add_matmul softmax log_softmax layer_norm rms_norm largest_of smallest_of
        product_of norm_of log_sum_exp look_up)");
    std::istringstream math(R"(
        acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh drem erf erfc exp exp10 exp2 expm1 fabs
        fdim finite floor fma fmax fmin fmod fpclassify frexp gamma hypot ilogb isfinite isgreater isgreaterequal
        isinf isless islessequal islessgreater isnan isnormal isunordered j0 j1 jn ldexp lgamma llrint llround log
        log10 log1p log2 logb lrint lround modf nan nearbyint nextafter nexttoward pow remainder remquo rint round
        rsqrt scalb scalbln scalbn signbit signgam significand sin sincos sinh sqrt tan tanh tgamma trunc y0 y1 yn
        NAN INFINITY HUGE_VAL FP_NAN FP_INFINITE FP_ZERO FP_SUBNORMAL FP_NORMAL FP_ILOGB0 FP_ILOGBNAN FP_FAST_FMA
        MATH_ERRNO MATH_ERREXCEPT M_E M_LOG2E M_LOG10E M_LN2 M_LN10 M_PI M_PI_2 M_PI_4 M_1_PI M_2_PI M_2_SQRTPI M_SQRT2
        M_SQRT1_2)");
    for (std::string word; words >> word;) taken_.insert(word);
    for (std::string f; math >> f;) taken_.insert({f, f + "f", f + "l"});
}
std::string CNames::take(std::string_view wish) {
    std::string out;
    for (char c : wish) out += is_in_word(c) ? c : '_';
    bool const is_own = !own_.empty() && (out.starts_with(own_) || out.starts_with(own_macro_));
    if (out.empty() || !is_letter(out[0]) || is_own) out = "t" + out;
    std::string const first = out;
    for (int k = 2; !taken_.insert(out).second; ++k) out = fmt::format("{}_{}", first, k);
    return out;
}

bool is_c_name(std::string_view s) { return !s.empty() && is_letter(s[0]) && is_word(s); }

std::string c_comment(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < ' ' || c == '\\') c = ' ';  // lines end, or go on
    replace_all(text, "*/", "* /"), replace_all(text, "/*", "/ *"), replace_all(text, "??", "? ?");
    return text;
}

std::string c_number(double x, Dtype dtype) {
    if (dtype == float32) x = static_cast<double>(static_cast<float>(x));  // beyond it, an infinity
    if (std::isnan(x)) return "NAN";
    if (std::isinf(x)) return x > 0 ? "INFINITY" : "-INFINITY";
    std::string out = dtype == float32 ? fmt::format("{:.9g}", x) : fmt::format("{:.17g}", x);
    if (out.find_first_of(".e") == std::string::npos) out += ".0";
    return out + (dtype == float32 ? "f" : "");
}

std::string c_list(std::vector<std::string> const& words) {
    if (words.empty()) return "{0}";  // C has no empty arrays
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) out += (i % 8 == 0 ? "\n    " : " ") + words[i] + ",";
    out.pop_back();
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

void CFunctions::reserve(Operation const& op, CNames& words) {
    if (!op.c || is_word(op.c) || names_.contains(key(op))) return;
    std::string_view const text = op.c, before = text.substr(0, text.find(": "));
    names_[key(op)] = words.take(is_c_name(before) ? before : op.name);
}

std::string CFunctions::called(Operation const& op, std::size_t arity, std::string const& line) {
    if (!op.c) throw TypeError(fmt::format("{}\n    {} does not say how it is written in C: see c_of", line, op.name));
    if (is_word(op.c)) return math(op.c);
    std::string_view text = op.c;
    if (auto const colon = text.find(": "); is_c_name(text.substr(0, colon))) text.remove_prefix(colon + 2);
    std::string body(text);
    replace_all(body, "$", dtype_ == float32 ? "f" : "");
    constexpr char const* parameters[] = {"real x", "real a, real b", "real a, real b, real c"};
    std::string const& name            = names_.at(key(op));
    bodies_[name] = fmt::format("static real {}({}) {{ {} }}\n", name, parameters[arity - 1], body);
    return name;
}

std::vector<std::string> CFunctions::definitions() const {
    std::vector<std::string> out;
    for (auto const& [name, body] : bodies_) out.push_back(body);
    return out;
}

}  // namespace unspool::core
