// Reads the letters, and finds the operation that they are.
#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/autograd/text/elided.hpp>
#include <unspool/ops/arrays/operands.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <unspool/ops/linalg/einsum.hpp>
#include <unspool/ops/linalg/linalg.hpp>

namespace unspool::core {

namespace {

using Letters = std::string;

bool has(Letters const& all, char c) { return all.find(c) != Letters::npos; }
/// Those of `all` that `wanted` is true of, each once.
template <class F> Letters letters_if(Letters const& all, F wanted) {
    Letters out;
    for (char c : all)
        if (!has(out, c) && wanted(c)) out += c;
    return out;
}
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// ---- what the letters say -------------------------------------------------------------------------------------------

/// "bij,bjk->bik", read.  ValueError if it is not such a text, ShapeError if the operands have other axes.
class Subscripts {
public:
    Subscripts(std::string_view written, std::span<Var const> xs, Where where)
        : written_(written), xs_(xs), where_(where) {
        Letters all = written_;
        std::erase(all, ' ');
        std::size_t const arrow = all.find("->");
        if (arrow == Letters::npos) refuse<ValueError>("there is no ->");
        result_ = all.substr(arrow + 2);
        split(all.substr(0, arrow));
        require_letters();
        for (std::size_t k = 0; k < xs.size(); ++k) require_sizes(k);
    }

    Letters const& operand(std::size_t k) const { return operands_[k]; }
    Letters const& result() const { return result_; }
    Index size(Letters const& letters) const {
        return std::accumulate(letters.begin(), letters.end(), Index{1},
                               [&](Index n, char c) { return n * size_[static_cast<unsigned char>(c)]; });
    }
    Shape shape(Letters const& letters) const {
        Shape out;
        for (char c : letters) out.push_back(size(Letters(1, c)));
        return out;
    }

private:
    template <class E> [[noreturn]] void refuse(std::string const& what) const {
        std::vector<Shown> const shown = shown_of(xs_);
        throw E(
            describe(where_, Einsum::name, fmt::format("\"{}\": {}", elided(written_, longest_text), what), "", shown));
    }
    void split(Letters const& operands) {
        operands_.emplace_back();
        for (char c : operands)
            if (c == ',') operands_.emplace_back();
            else operands_.back() += c;
        if (operands_.size() != xs_.size())
            refuse<ValueError>(fmt::format("the letters are of {} operands, and there {} {}", operands_.size(),
                                           xs_.size() == 1 ? "is" : "are", xs_.size()));
    }
    void require_letters() const {
        Letters all = result_, known;
        for (Letters const& o : operands_) all += o, known += o;
        for (char c : all)
            if (!is_letter(c)) refuse<ValueError>("not all axes are letters");
        for (char c : result_)
            if (!has(known, c)) refuse<ValueError>(fmt::format("{} is in no operand", c));
            else if (std::count(result_.begin(), result_.end(), c) > 1)
                refuse<ValueError>(fmt::format("{} is twice in the result", c));
    }
    void require_sizes(std::size_t k) {
        Shape const& s = xs_[k].shape();
        if (s.rank() != operands_[k].size())
            refuse<ShapeError>(fmt::format("\"{}\" are {} axes, and {} has {}", operands_[k], operands_[k].size(),
                                           label(xs_[k]), s.rank()));
        for (std::size_t i = 0; i < s.rank(); ++i) {
            auto const c = static_cast<unsigned char>(operands_[k][i]);
            if (!seen_in_[c]) size_[c] = s[i], seen_in_[c] = &xs_[k];
            if (size_[c] != s[i])
                refuse<ShapeError>(fmt::format("{} is {} in {} but {} in {}", operands_[k][i], size_[c],
                                               label(*seen_in_[c]), s[i], label(xs_[k])));
        }
    }

    std::string written_;
    std::span<Var const> xs_;
    Where where_;
    std::vector<Letters> operands_;
    Letters result_;
    Index size_[128]         = {};
    Var const* seen_in_[128] = {};
};

// ---- an array whose axes have letters -------------------------------------------------------------------------------

class Lettered {
public:
    Lettered(Var x, Letters letters, Where where) : x_(x), letters_(std::move(letters)), where_(where) {}

    Letters const& letters() const { return letters_; }

    /// With each letter once: the diagonal of those that were there twice.
    Lettered diagonal() const {
        for (std::size_t p = 0; p < letters_.size(); ++p)
            if (std::size_t const q = letters_.find(letters_[p], p + 1); q != Letters::npos)
                return diagonal_of(p, q).diagonal();
        return *this;
    }
    /// Summed over all but these.
    Lettered summed_to(Letters const& kept) const {
        Axes axes;
        axes.all = false;
        for (std::size_t i = 0; i < letters_.size(); ++i)
            if (!has(kept, letters_[i])) axes.list.push_back(static_cast<Index>(i));
        if (axes.list.empty()) return *this;
        return {sum(x_, axes, Reduced::drop, where_), letters_if(letters_, [&](char c) { return has(kept, c); }),
                where_};
    }
    /// Its axes in this order; of letters that it has not, of size 1.
    Var as(Letters const& order) const {
        Letters const own = letters_if(order, [&](char c) { return has(letters_, c); });
        Dims axes;
        for (char c : own) axes.push_back(static_cast<Index>(letters_.find(c)));
        Var out = own == letters_ ? x_ : transpose(x_, axes, where_);
        for (std::size_t i = 0; i < order.size(); ++i)
            if (!has(own, order[i])) out = unsqueeze(out, static_cast<Index>(i), where_);
        return out;
    }
    /// Matrices of these rows and columns, one for each index of the batch.
    Var matrices(Subscripts const& s, Letters const& batch, Letters const& rows, Letters const& columns) const {
        Var out = as(batch + rows + columns);
        if (rows.size() == 1 && columns.size() == 1) return out;
        if (rows.empty() && columns.size() == 1) return unsqueeze(out, -2, where_);
        if (columns.empty() && rows.size() == 1) return unsqueeze(out, -1, where_);
        Shape shape = s.shape(batch);
        shape.push_back(s.size(rows)), shape.push_back(s.size(columns));
        return reshape(out, shape, where_);
    }

private:
    /// Of two axes, n² numbers, of which every (n + 1)-th is on it.
    Lettered diagonal_of(std::size_t p, std::size_t q) const {
        Letters letters;
        Dims axes;
        Shape shape;
        for (std::size_t i = 0; i < letters_.size(); ++i)
            if (i != p && i != q)
                letters += letters_[i], axes.push_back(static_cast<Index>(i)), shape.push_back(x_.shape()[i]);
        Index const n = x_.shape()[p];
        axes.push_back(static_cast<Index>(p)), axes.push_back(static_cast<Index>(q)), shape.push_back(n * n);
        Var const flat = reshape(transpose(x_, axes, where_), shape, where_);
        return {n == 0 ? flat : slice(flat, -1, 0, n * n, n + 1, where_), letters + letters_[p], where_};
    }

    Var x_;
    Letters letters_;
    Where where_;
};

/// Of two operands whose letters are all in the other or in the result: the cheapest operation that they are.
Var product_by_letters(Subscripts const& s, Lettered const& a, Lettered const& b, Where where) {
    auto const in_result     = [&](char c) { return has(s.result(), c); };
    auto const in            = [](Lettered const& x) { return [&](char c) { return has(x.letters(), c); }; };
    Letters const contracted = letters_if(a.letters(), [&](char c) { return !in_result(c); }),
                  batch      = letters_if(s.result(), [&](char c) { return in(a)(c) && in(b)(c); }),
                  rows       = letters_if(s.result(), [&](char c) { return !in(b)(c); }),
                  columns    = letters_if(s.result(), [&](char c) { return !in(a)(c); });
    if (contracted.empty()) return Var(a.as(s.result()) * b.as(s.result()), where);
    if (rows.empty() && columns.empty()) {
        Letters const all = s.result() + contracted;
        Axes last;
        last.all = false;
        for (std::size_t i = s.result().size(); i < all.size(); ++i) last.list.push_back(static_cast<Index>(i));
        return sum(a.as(all) * b.as(all), last, Reduced::drop, where);
    }
    Var const y = matmul(a.matrices(s, batch, rows, contracted), b.matrices(s, batch, contracted, columns), where);
    Letters const made = batch + rows + columns;
    bool const whole   = rows.size() == 1 && columns.size() == 1;
    return Lettered(whole ? y : reshape(y, s.shape(made), where), made, where).as(s.result());
}

}  // namespace

Var einsum(std::string_view letters, Argument x, Where where) {
    return with_operands(std::array{x}, Einsum::name, where, [&](Var a) {
        Subscripts const s(letters, {&a, 1}, where);
        return Lettered(a, s.operand(0), where).diagonal().summed_to(s.result()).as(s.result());
    });
}

Var einsum(std::string_view letters, Argument x, Argument y, Where where) {
    return with_operands(std::array{x, y}, Einsum::name, where, [&](Var a, Var b) {
        std::array const both{a, b};
        Subscripts const s(letters, both, where);
        auto const prepared = [&](std::size_t k) {
            return Lettered(both[k], s.operand(k), where.inside()).diagonal().summed_to(s.operand(1 - k) + s.result());
        };
        return product_by_letters(s, prepared(0), prepared(1), where);
    });
}

std::vector<Example> Einsum::examples() {
    using Inputs = std::span<Var const>;
    return {
        {"a matrix product", {{3, 3}, {3, 3}}, [](Tape&, Inputs x) { return einsum("ij,jk->ik", x[0], x[1]); }},
        {"a batch of them", {{2, 3, 4}, {2, 4, 5}}, [](Tape&, Inputs x) { return einsum("bij,bjk->bik", x[0], x[1]); }},
        {"letters in any order",
         {{4, 2, 3, 2}, {2, 5, 3, 4}},
         [](Tape&, Inputs x) { return einsum("akcb, bdca -> dk", x[0], x[1]); }},
        {"a query and keys", {{5, 2, 4}, {2, 4}}, [](Tape&, Inputs x) { return einsum("tbd,bd->bt", x[0], x[1]); }},
        {"an outer product", {{2, 3}, {4}}, [](Tape&, Inputs x) { return einsum("ij,k->kij", x[0], x[1]); }},
        {"a product of elements", {{2, 3}, {3, 2}}, [](Tape&, Inputs x) { return einsum("ij,ji->ji", x[0], x[1]); }},
        {"dot products", {{4, 3}, {3, 4}}, [](Tape&, Inputs x) { return einsum("bi,ib->b", x[0], x[1]); }},
        {"what is in one operand only",
         {{2, 3}, {3, 4}},
         [](Tape&, Inputs x) { return einsum("ij,jk->k", x[0], x[1]); }},
        {"a diagonal", {{3, 2, 3}, {3, 2}}, [](Tape&, Inputs x) { return einsum("iji,ij->j", x[0], x[1]); }},
        {"a trace", {{4, 4}}, [](Tape&, Inputs x) { return einsum("ii->", x[0]); }},
        {"a sum", {{2, 3, 4}}, [](Tape&, Inputs x) { return einsum("ijk->ki", x[0]); }}};
}

}  // namespace unspool::core
