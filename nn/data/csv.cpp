// Tables of comma-separated values.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <limits>
#include <locale.h>
#include <stdlib.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/data/csv.hpp>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/files/source.hpp>
#include <unspool/nn/modules/require.hpp>

namespace unspool::core {

void Csv::fail(std::string const& source, Index line, Index column, std::string const& what) {
    throw FileError(fmt::format("{}:{}:{}: {}", source, line, column, what));
}

/// Cuts a text into rows of cells, and knows where it is.
class Csv::Parser {
public:
    Parser(std::string_view text, char separator, std::string const& source)
        : text_(text), separator_(separator), source_(source) {
        if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    }

    bool at_end() const { return at_ == text_.size(); }
    bool only_newlines_follow() {
        if (solid_ <= at_) solid_ = std::min(text_.find_first_not_of("\r\n", at_), text_.size());
        return solid_ == text_.size();
    }
    bool comment_here(char sign) const { return sign != 0 && text_.substr(at_, 1) == std::string_view(&sign, 1); }
    void skip_line() {
        at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1;
        begin_line();
    }
    std::vector<Cell> row() {
        std::vector<Cell> out;
        do out.push_back(cell());
        while (take(separator_));
        if (!at_end()) end_row();
        return out;
    }

private:
    bool newline_here() const { return text_.substr(at_, 1) == "\n" || text_.substr(at_, 2) == "\r\n"; }
    bool take(char c) { return !at_end() && text_[at_] == c && (++at_, true); }
    void begin_line() { ++line_, line_begin_ = at_; }
    void end_row() {
        if (!newline_here()) fail_here("there is text after a quoted cell");
        at_ += text_[at_] == '\r' ? 2 : 1;
        begin_line();
    }
    Index column() const { return static_cast<Index>(at_ - line_begin_) + 1; }
    [[noreturn]] void fail_here(std::string const& what) const { fail(source_, line_, column(), what); }

    Cell cell() {
        Cell out{{}, line_, column()};
        if (take('"')) out.text = quoted(out);
        else
            while (!at_end() && text_[at_] != separator_ && !newline_here()) out.text += plain();
        return out;
    }
    char plain() {
        if (text_[at_] == '"') fail_here("a quote within a cell without quotes");
        if (text_[at_] == '\r') fail_here("a carriage return without a newline");
        return text_[at_++];
    }
    std::string quoted(Cell const& begin) {
        std::string out;
        for (;;) {
            if (at_end()) fail(source_, begin.line, begin.column, "the quote is never closed");
            char const c = text_[at_++];
            if (c == '"' && !take('"')) return out;
            if (c == '\n') begin_line();
            out += c;
        }
    }

    std::string_view text_;
    char separator_;
    std::string const& source_;
    std::size_t at_ = 0, line_begin_ = 0;
    std::size_t solid_ = 0;  // where the next thing but newlines is; found once, for there may be many empty lines
    Index line_        = 1;
};

namespace {

void require_options(CsvOptions const& o, Where where) {
    if (o.separator == '"' || o.separator == '\n' || o.separator == '\r')
        throw ValueError(fmt::format("{}: Csv: the separator is {}, which has a meaning of its own", text(where),
                                     shown({&o.separator, 1})));
    if (o.decimal == o.separator)
        throw ValueError(fmt::format("{}: Csv: the separator and the decimal point are both {}", text(where),
                                     shown({&o.decimal, 1})));
    require_at_least(0, "Csv", "skip", o.skip, where);
}

/// A separator that would cut this text.
char other_separator(std::string_view text, char separator) {
    for (char c : {';', '\t', '|', ','})
        if (c != separator && text.find(c) != text.npos) return c;
    return 0;
}
std::string asked(char separator) { return fmt::format("is the separator {}?", shown({&separator, 1})); }

/// from_chars says of 1e-400, as of 1e400, only that it is out of range.
double out_of_range(std::string const& digits) {
    static locale_t const classic = newlocale(LC_ALL_MASK, "C", nullptr);
    return strtod_l(digits.c_str(), nullptr, classic);
}

std::string_view trimmed(std::string_view s) {
    auto const begin = s.find_first_not_of(" \t"), end = s.find_last_not_of(" \t");
    return begin == s.npos ? std::string_view() : s.substr(begin, end - begin + 1);
}

}  // namespace

Csv Csv::read(std::string const& path, CsvOptions const& options, Where where) {
    return parse(read_whole(path), options, std::filesystem::path(path).filename().string(), where);
}

Csv Csv::parse(std::string_view text, CsvOptions const& options, std::string source, Where where) {
    require_options(options, where);
    Csv out;
    out.source_ = std::move(source), out.options_ = options;
    Parser parser(text, options.separator, out.source_);
    for (Index i = 0; i < options.skip && !parser.at_end(); ++i) parser.skip_line();
    while (!parser.only_newlines_follow()) {
        if (parser.comment_here(options.comment)) parser.skip_line();
        else if (out.named_ == 0 && options.header) out.name_columns(parser.row());
        else out.add(parser.row());
    }
    if (out.names_.empty()) fail(out.source_, 1, 1, "there is no table");
    out.drop_empty_columns();
    return out;
}

void Csv::add_column(std::string name) {
    places_.emplace(name, names_.size());
    names_.push_back(std::move(name));
}

void Csv::name_columns(std::vector<Cell> const& header) {
    for (Cell const& c : header) {
        if (places_.contains(c.text))
            fail(source_, c.line, c.column, fmt::format("there are two columns {}", shown(c.text)));
        add_column(c.text.empty() ? std::to_string(names_.size() + 1) : c.text);
        unnamed_ = c.text.empty() ? unnamed_ + 1 : 0;
    }
    named_ = names_.size();
}

void Csv::add(std::vector<Cell> row) {
    bool const first = cells_.empty();
    while ((options_.ragged || (first && !options_.header)) && names_.size() < row.size())
        add_column(std::to_string(names_.size() + 1)), unnamed_ += options_.header ? 1 : 0;
    if (row.size() > names_.size() || (row.size() < names_.size() && !options_.ragged))
        fail(source_, row.front().line, row.front().column,
             fmt::format("the row has {} cells, but {} has {}: {}", row.size(),
                         options_.header ? "the header" : "the first", names_.size(), guess(row)));
    cells_.push_back(std::move(row));
}

/// Why a row may not fit.
std::string Csv::guess(std::vector<Cell> const& row) const {
    std::string const &begin = row.front().text, &name = names_.front();
    if (begin.starts_with('#') || begin.starts_with('%'))
        return fmt::format("is it a comment (comment = '{}')?", begin[0]);
    if (name.starts_with('#') || name.starts_with('%'))
        return fmt::format("is line 1 a comment (comment = '{}')?", name[0]);
    for (auto const* text : {&name, &begin})
        if (char const c = other_separator(*text, options_.separator)) return asked(c);
    if (row.size() > names_.size() && row.back().text.empty()) return "does it end in a separator (ragged = true)?";
    if (cells_.empty() && names_.size() == 1) return "are there lines before the table (skip)?";
    if (row.size() > names_.size())
        return "are there columns without names (ragged = true), or decimal commas within them?";
    return "may cells be missing at its end (ragged = true)?";
}

void Csv::drop_empty_columns() {
    auto const empty = [](std::vector<Cell> const& row, std::size_t c) {
        return c >= row.size() || row[c].text.empty();
    };
    for (; unnamed_ > 0; --unnamed_) {
        std::size_t const last = names_.size() - 1;
        if (!std::all_of(cells_.begin(), cells_.end(), [&](auto const& row) { return empty(row, last); })) return;
        places_.erase(names_.back());
        names_.pop_back();
    }
}

bool Csv::contains(std::string_view column) const { return places_.contains(std::string(column)); }

std::size_t Csv::find(std::string_view column, Where where) const {
    auto const found = places_.find(std::string(column));
    if (found != places_.end()) return found->second;
    auto const n = static_cast<Index>(names_.size());
    Index number = 0;
    if (std::from_chars(column.data(), column.data() + column.size(), number) ==
        std::from_chars_result{column.data() + column.size(), std::errc{}})
        if (number != 0 && std::abs(number) <= n) return static_cast<std::size_t>(number > 0 ? number - 1 : n + number);
    char const c = n == 1 ? other_separator(names_.front(), options_.separator) : '\0';
    throw NameError(located(where, fmt::format("{} has no column {}; there are {}{}", source_, shown(column),
                                               shown_list(names_), c ? ": " + asked(c) : "")));
}

Csv::Cell const& Csv::cell(std::vector<Cell> const& row, std::size_t column) {
    static Cell const none{};
    return column < row.size() ? row[column] : none;
}

std::vector<std::string> Csv::texts(std::string_view column, Where where) const {
    std::vector<std::string> out;
    std::size_t const c = find(column, where);
    for (auto const& row : cells_) out.push_back(cell(row, c).text);
    return out;
}

double Csv::number(Cell const& c) const {
    auto const s = trimmed(c.text);
    if (std::find(options_.missing.begin(), options_.missing.end(), s) != options_.missing.end()) return missing(c);
    double x = 0;
    std::string digits(s.starts_with('+') && !s.starts_with("+-") ? s.substr(1) : s);
    bool const other_point = options_.decimal != '.' && digits.find('.') != digits.npos;
    std::replace(digits.begin(), digits.end(), options_.decimal, '.');
    char const* const last  = digits.data() + digits.size();
    auto const [end, error] = std::from_chars(digits.data(), last, x);
    if (error == std::errc::result_out_of_range) x = out_of_range(digits);
    if (error == std::errc::invalid_argument || end != last || other_point || !std::isfinite(x))
        fail(
            source_, c.line, c.column,
            fmt::format("{} is not a finite number{}", shown(c.text),
                        options_.decimal == '.' && s.find(',') != s.npos ? " (decimal = ',' for decimal commas)" : ""));
    auto const& values = options_.missing_values;
    return std::find(values.begin(), values.end(), x) != values.end() ? missing(c) : x;
}

double Csv::missing(Cell const& c) const {
    if (options_.complete) fail(source_, c.line, c.column, "a number is missing");
    return std::numeric_limits<double>::quiet_NaN();
}

std::vector<double> Csv::numbers(std::string_view column, Where where) const {
    std::vector<double> out;
    std::size_t const c = find(column, where);
    for (auto const& row : cells_) out.push_back(number(cell(row, c)));
    return out;
}

xt::xtensor<double, 2> Csv::array(std::vector<std::string> const& columns, Where where) const {
    xt::xtensor<double, 2> out({cells_.size(), columns.size()}, 0);
    for (std::size_t c = 0; c < columns.size(); ++c) {
        auto const x = numbers(columns[c], where);
        for (std::size_t r = 0; r < x.size(); ++r) out(r, c) = x[r];
    }
    return out;
}

std::string csv_field(std::string const& s) {
    if (s.find_first_of(",\"\r\n") == s.npos && !s.starts_with("\xEF\xBB\xBF")) return s;
    std::string out = "\"";
    for (char c : s) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + '"';
}

}  // namespace unspool::core
