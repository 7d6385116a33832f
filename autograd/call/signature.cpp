// Matches shapes against signatures.
#include <fmt/format.h>
#include <unspool/autograd/call/signature.hpp>
#include <unspool/autograd/tape/label.hpp>

namespace unspool::core {

namespace {

/// One bracket: its letters, and whether `...` stands before them.
struct Group {
    std::string_view letters;  // with commas between
    bool leading;

    std::size_t rank() const { return (letters.size() + 1) / 2; }
    char letter(std::size_t i) const { return letters[2 * i]; }
};

Group next_group(std::string_view& text) {
    std::size_t const open = text.find('['), close = text.find(']');
    std::string_view in = text.substr(open + 1, close - open - 1);
    text.remove_prefix(close + 1);
    bool const leading = in.starts_with("...");
    if (leading) in.remove_prefix(std::min(in.size(), std::size_t{4}));
    return {in, leading};
}

class Matcher {
public:
    explicit Matcher(std::span<Window const* const> operands) : operands_(operands) {}

    /// "" if operand `k` fits the group.
    std::string match(Tape const& tape, std::size_t k, Group const& g) {
        Shape const& s = operands_[k]->shape;
        if (g.leading ? s.rank() < g.rank() : s.rank() != g.rank()) return wrong_rank(tape, k, g);
        std::size_t const extra = s.rank() - g.rank();
        if (g.leading && !match_leading(s, extra))
            return fmt::format("the leading axes of {} differ from those before it", name(tape, k));
        for (std::size_t i = 0; i < g.rank(); ++i)
            if (!match_letter(g.letter(i), s[extra + i], k)) return wrong_size(tape, k, g.letter(i), s[extra + i]);
        return "";
    }
    Shape result(Group const& g, Where where) const {
        Shape out = g.leading ? leading_ : Shape{};
        for (std::size_t i = 0; i < g.rank(); ++i)
            out.push_back(g.letter(i) == '1' ? 1 : size_[index(g.letter(i))], where);
        return out;
    }

private:
    static std::size_t index(char c) { return static_cast<std::size_t>(c - 'a'); }
    std::string name(Tape const& tape, std::size_t k) const { return label(tape, *operands_[k]); }

    bool match_leading(Shape const& s, std::size_t n) {
        Shape const found(std::span<Index const>(s.begin(), n));
        if (!has_leading_) leading_ = found, has_leading_ = true;
        return leading_ == found;
    }
    bool match_letter(char c, Index n, std::size_t k) {
        if (c == '1') return n == 1;
        std::size_t const i = index(c);
        if (!known_[i]) size_[i] = n, known_[i] = true, seen_in_[i] = k;
        return size_[i] == n;
    }
    std::string wrong_rank(Tape const& tape, std::size_t k, Group const& g) const {
        return fmt::format("{} must have {}{} {}", name(tape, k), g.leading ? "at least " : "", g.rank(),
                           g.rank() == 1 ? "axis" : "axes");
    }
    std::string wrong_size(Tape const& tape, std::size_t k, char c, Index n) const {
        if (c == '1') return fmt::format("{} must have size 1 where it has {}", name(tape, k), n);
        std::size_t const i = index(c);
        return fmt::format("{} is {} in {} but {} in {}", c, size_[i], name(tape, seen_in_[i]), n, name(tape, k));
    }

    std::span<Window const* const> operands_;
    Index size_[26];
    bool known_[26] = {};
    std::size_t seen_in_[26];
    Shape leading_;
    bool has_leading_ = false;
};

}  // namespace

Shape Signature::infer(Tape const& tape, std::string_view op, std::span<Window const* const> operands,
                       Where where) const {
    std::string_view rest = text_;
    Matcher matcher(operands);
    Group group{};
    for (std::size_t k = 0; k < operands.size() && !free_operands_; ++k) {
        if (k == 0 || !variadic_) group = next_group(rest);
        std::string const wrong = matcher.match(tape, k, group);
        if (!wrong.empty()) throw ShapeError(describe(where, op, wrong, text_, shown_of(tape, operands, k)));
    }
    return open_result_ ? Shape{} : matcher.result(next_group(rest), where);
}

std::vector<Shape> Signature::examples(Shape const& leading) const {
    std::string_view rest = text_;
    Index size[26] = {}, next = 2;
    std::vector<Shape> out;
    for (int k = 0; k < operands_; ++k) {
        Group const g = next_group(rest);
        Shape s       = g.leading ? leading : Shape{};
        for (std::size_t i = 0; i < g.rank(); ++i) {
            Index& n = size[g.letter(i) == '1' ? 0 : g.letter(i) - 'a'];
            if (g.letter(i) != '1' && n == 0) n = next++;
            s.push_back(g.letter(i) == '1' ? 1 : n);
        }
        out.push_back(s);
    }
    return out;
}

}  // namespace unspool::core
