// Whatever an equation is, who reads what was printed of it computes the same.  In a field of integers, so that it is the same
// to the last digit also where a sum is written without its parentheses, a + (b - c) as a + b - c.
#include <autograd/formula/sums.hpp>
#include <boost/test/unit_test.hpp>
#include <cctype>
#include <rapidcheck.h>
#include <unspool/autograd/formula/notation.hpp>
#include <unspool/autograd/picture/latex.hpp>

using namespace unspool::core;
using namespace sums;
namespace op = unspool::op;

namespace {

constexpr std::int64_t prime = 1'000'003;

std::int64_t in_field(std::int64_t x) { return (x % prime + prime) % prime; }
std::int64_t inverse(std::int64_t x) {
    std::int64_t out = 1;
    for (std::int64_t n = prime - 2; n > 0; n /= 2, x = x * x % prime)
        if (n % 2) out = out * x % prime;
    return out;
}

/// Of an infix operation.
std::int64_t joined(std::string_view op, std::int64_t a, std::int64_t b) {
    if (op == "+") return in_field(a + b);
    if (op == "-") return in_field(a - b);
    if (op == "*" || op == "·") return in_field(a * b);
    if (op == "/") return in_field(a * inverse(b));
    return op == "<" ? a < b : a >= b;
}
/// Of anything else: different for different names and operands.
std::int64_t mixed(std::string_view name, std::vector<std::int64_t> const& xs) {
    std::int64_t out = 7;
    for (char c : name) out = in_field(out * 31 + c);
    for (std::int64_t x : xs) out = in_field(out * 1009 + x), out = in_field(out * out);
    return out;
}

std::int64_t value(Equation const& e) {
    std::vector<std::int64_t> stack;
    for (Equation::Term const& t : e.terms()) {
        std::vector<std::int64_t> const xs(stack.end() - t.operands, stack.end());
        stack.resize(stack.size() - xs.size());
        if (!t.op) stack.push_back(t.text[0] == '-' ? in_field(-mixed(t.text.substr(1), {})) : mixed(t.text, {}));
        else if (t.op->form == Operation::infix) stack.push_back(joined(t.op->name, xs[0], xs[1]));
        else if (t.op->form == Operation::prefix) stack.push_back(in_field(-xs[0]));
        else stack.push_back(mixed(t.op->form == Operation::suffix ? t.text : t.op->name, xs));
    }
    return stack.at(0);
}

/// Computes what is written, by the rules of precedence that readers know.
class Reader {
public:
    explicit Reader(std::string_view s) : s_(s) {}
    std::int64_t whole() {
        std::int64_t const out = infix(0);
        if (!s_.empty()) throw std::runtime_error("text after the equation: " + std::string(s_));
        return out;
    }

private:
    std::int64_t infix(std::size_t level) {
        static std::vector<std::vector<std::string_view>> const levels{
            {" < ", " >= "}, {" + ", " - "}, {" * ", " / "}, {"·"}};
        if (level == levels.size()) return signed_operand();
        std::int64_t out = infix(level + 1);
        for (bool again = true; again;) {
            again = false;
            for (std::string_view op : levels[level])
                if (!again && take(op)) {
                    if (op[0] == ' ') op = op.substr(1, op.size() - 2);
                    out = joined(op, out, infix(level + 1)), again = true;
                }
        }
        return out;
    }
    std::int64_t signed_operand() { return take("-") ? in_field(-signed_operand()) : with_parts(); }
    std::int64_t with_parts() {
        std::int64_t out = operand();
        for (;;)
            if (take("ᵀ")) out = mixed("ᵀ", {out});
            else if (s_.starts_with('[')) out = mixed(until(']'), {out});
            else return out;
    }
    std::int64_t operand() {
        if (take("[")) return mixed("[]", list("]"));
        if (take("(")) {
            std::int64_t const out = infix(0);
            return take(")") ? out : throw std::runtime_error("a parenthesis is missing");
        }
        std::size_t n = 0;
        while (n < s_.size() && (std::isalnum(static_cast<unsigned char>(s_[n])) || s_[n] == '.')) ++n;
        std::string_view const word = s_.substr(0, n);
        s_.remove_prefix(n);
        return take("(") ? mixed(word, list(")")) : mixed(word, {});
    }
    std::vector<std::int64_t> list(std::string_view end) {
        std::vector<std::int64_t> out;
        do out.push_back(infix(0));
        while (take(", "));
        return take(end) ? out : throw std::runtime_error("a list does not end");
    }
    std::string_view until(char end) {
        std::size_t const n       = s_.find(end) + 1;
        std::string_view const at = s_.substr(0, n);
        s_.remove_prefix(n);
        return at;
    }
    bool take(std::string_view what) {
        if (!s_.starts_with(what)) return false;
        s_.remove_prefix(what.size());
        return true;
    }
    std::string_view s_;
};

Equation any_equation(int depth) {
    static Operation const not_less = described(">=", 2);
    auto const x                    = [&] { return any_equation(depth - 1); };
    switch (*rc::gen::inRange(0, depth > 0 ? 13 : 2)) {
        case 0: return *rc::gen::element<std::string>("a", "b", "c", "d");
        case 1: return Equation::number(*rc::gen::element(0.5, 2.0, -3.0));
        case 2: return x() + x();
        case 3: return x() - x();
        case 4: return x() * x();
        case 5: return x() / x();
        case 6: return dot(x(), x());
        case 7: return -x();
        case 8: return *rc::gen::arbitrary<bool>() ? x() < x() : of(not_less, x(), x());
        case 9: return call<op::Tanh>(x());
        case 10: return Equation::of(operation_of<op::Maximum, 2>, std::array{x(), x()});
        case 11: return Equation::of(side_by_side, std::array{x(), x(), x()});
        default: return *rc::gen::arbitrary<bool>() ? Equation::part(x(), "[1]") : Equation::transposed(x());
    }
}

std::ptrdiff_t occurrences(std::string_view what, std::string_view s) {
    std::ptrdiff_t n = 0;
    for (std::size_t at = s.find(what); at != s.npos; at = s.find(what, at + 1)) ++n;
    return n;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(precedence)

BOOST_AUTO_TEST_CASE(what_is_printed_is_what_is_meant) {
    BOOST_TEST(rc::check([] {
        Equation const e = any_equation(*rc::gen::inRange(0, 6));
        RC_LOG() << text(e) << '\n';
        RC_ASSERT(Reader(text(e)).whole() == value(e));
    }));
}

BOOST_AUTO_TEST_CASE(the_reader_would_notice) {
    Equation const a = "a", b = "b", c = "c";
    BOOST_TEST(Reader("a - (b - c)").whole() == value(a - (b - c)));
    BOOST_TEST(Reader("a - b - c").whole() != value(a - (b - c)));
    BOOST_TEST(Reader("a + b * c").whole() != value((a + b) * c));
    BOOST_TEST(Reader("a / b * c").whole() != value(a / (b * c)));
    BOOST_TEST(Reader("-a - b").whole() != value(-(a - b)));
    BOOST_TEST(Reader("a + b[1]").whole() != value(Equation::part(a + b, "[1]")));
}

BOOST_AUTO_TEST_CASE(other_notations_have_the_same_parentheses) {
    BOOST_TEST(rc::check([] {
        Equation const e = any_equation(*rc::gen::inRange(0, 6));
        RC_ASSERT(occurrences("(", unicode(e)) == occurrences("(", text(e)));
        std::string const tex = latex(e);
        RC_ASSERT(occurrences("\\left(", tex) == occurrences("\\right)", tex));
        RC_ASSERT(occurrences("{", tex) == occurrences("}", tex));
    }));
}

BOOST_AUTO_TEST_CASE(breaks_are_at_spaces_from_left_to_right) {
    BOOST_TEST(rc::check([] {
        Printed const p  = print(any_equation(*rc::gen::inRange(0, 6)));
        std::size_t last = 0;
        for (auto const& b : p.breaks) {
            RC_ASSERT(b.at > last && p.text.at(b.at) == ' ');
            auto const depth = occurrences("(", p.text.substr(0, b.at)) - occurrences(")", p.text.substr(0, b.at)) +
                               occurrences("[", p.text.substr(0, b.at)) - occurrences("]", p.text.substr(0, b.at));
            RC_ASSERT(b.depth == depth);
            last = b.at;
        }
    }));
}

BOOST_AUTO_TEST_SUITE_END()
