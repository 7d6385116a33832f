// Advance widths.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <unspool/autograd/picture/text_width.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <vector>

namespace unspool::core {

namespace {

/// Of " " to "~", in thousandths of the size: the Adobe Font Metrics of Helvetica and Helvetica-Bold.
constexpr std::array<std::uint16_t, 95> regular = {
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333,  278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667,  611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278,  556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500,  500, 334, 260, 334, 584};
constexpr std::array<std::uint16_t, 95> heavy = {
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667,
    611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556,
    278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584};

/// Of what has no place in the tables: as wide as the widest that is usual for its kind.
int width_of(char32_t c, bool bold) {
    if (c >= U' ' && c <= U'~') return (bold ? heavy : regular)[c - U' '];
    if (c == U'\u00a0' || c == U'·') return 278;
    if (c >= U'\u0300' && c <= U'\u036f') return 0;    // combining accents
    if (c >= U'\u2070' && c <= U'\u209c') return 400;  // small, above and below the line
    if (c == U'¹' || c == U'²' || c == U'³') return 350;
    if (c >= U'\u2580' && c <= U'\u259f') return 770;  // blocks
    if (c == U'…' || c == U'⋯' || c == U'→') return 1000;
    if (c >= U'\u2e80') return 1050;  // as wide as high
    return c >= U'\u2190' ? 800 : 640;
}

}  // namespace

double text_width(std::string_view s, double points, bool bold) {
    int sum = 0;
    while (!s.empty()) {
        auto const first = utf8::first(s);
        sum += width_of(first.length > 0 ? first.code : U'\uFFFD', bold);
        s.remove_prefix(first.length > 0 ? first.length : 1);
    }
    return points * sum / 1000;
}

namespace {

constexpr double line_spacing = 1.2;

class Reader {
public:
    explicit Reader(double points) : sizes_{points} {}

    Extent read(std::string_view s) {
        while (!s.empty()) {
            std::size_t const n =
                s[0] == '<' || s[0] == '&' ? length(s, s[0] == '<' ? '>' : ';') : utf8::first(s).length;
            auto const token = s.substr(0, std::max<std::size_t>(n, 1));
            if (token.starts_with('<')) tag(token);
            else if (!token.starts_with('&')) text(token);
            else
                text(token == "&lt;" || token == "&gt;" ? "<"
                     : token == "&amp;"                 ? "&"
                     : token == "&quot;"                ? "\""
                                                        : "[");
            s.remove_prefix(token.size() + s.starts_with("\\\\"));  // a backslash is written as two
        }
        if (width_ > 0) end_line();
        return all_;
    }

private:
    static std::size_t length(std::string_view s, char end) { return std::min(s.find(end), s.size() - 1) + 1; }

    void tag(std::string_view t) {
        constexpr std::string_view size = "point-size=\"";
        auto const at                   = t.find(size);
        if (t.starts_with("<font"))
            sizes_.push_back(at == t.npos ? sizes_.back() : std::atof(std::string(t.substr(at + size.size())).c_str()));
        else if (t == "</font>" && sizes_.size() > 1) sizes_.pop_back();
        else if (t.starts_with("<br")) end_line();
        else if (t == "<b>" || t == "</b>") bold_ = t == "<b>";
    }
    void text(std::string_view s) {
        width_ += text_width(s, sizes_.back(), bold_);
        height_ = std::max(height_, sizes_.back() * line_spacing);
    }
    void end_line() {
        all_.width = std::max(all_.width, width_);
        all_.height += height_ > 0 ? height_ : sizes_.back() * line_spacing;
        width_ = height_ = 0;
    }

    std::vector<double> sizes_;
    bool bold_    = false;
    double width_ = 0, height_ = 0;  // of the line so far
    Extent all_;
};

}  // namespace

Extent extent_of(std::string_view marked_up, double points) { return Reader(points).read(marked_up); }

}  // namespace unspool::core
