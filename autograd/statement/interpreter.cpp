// The order in which adjoints are added up is that of the compiled loops: leaves from left to right.
#include <algorithm>
#include <unspool/autograd/statement/interpreter.hpp>

namespace unspool::core {

template <Real T> Interpreter<T>::Interpreter(std::span<Token const> tokens, std::span<Kernels const* const> kernels) {
    for (Kernels const* k : kernels) steps_.push_back({k});
    find_operands(tokens);
    order_way_back();
    memory_.resize(2 * steps_.size() * static_cast<std::size_t>(block));
    at_.resize(steps_.size());
}

template <Real T> void Interpreter<T>::find_operands(std::span<Token const> tokens) {
    std::vector<int> stack;
    int leaves = 0, numbers = 0;
    for (int k = 0; k <= root(); ++k) {
        Token const& t = tokens[static_cast<std::size_t>(k)];
        if (t.kind == Token::leaf) step(k).leaf = leaves++;
        if (t.kind == Token::number) step(k).number = numbers++;
        step(k).arity = t.op ? t.op->arity : 0;
        std::copy(stack.end() - step(k).arity, stack.end(), step(k).operands);
        stack.resize(stack.size() - static_cast<std::size_t>(step(k).arity));
        stack.push_back(k);
    }
}

template <Real T> void Interpreter<T>::order_way_back() {
    std::vector<int> open{root()};
    while (!open.empty()) {
        int const k = open.back();
        open.pop_back();
        if (step(k).number < 0) way_back_.push_back(k);
        bool first = true;
        for (int j = 0; j < step(k).arity; ++j) {
            Step& x   = step(step(k).operands[j]);
            x.guarded = step(k).guarded || step(k).kernels->selects;
            x.at_once = first && x.leaf >= 0;
            first     = first && !x.kernels;
        }
        for (int j = step(k).arity; j-- > 0;) open.push_back(step(k).operands[j]);
    }
}

template <Real T> void Interpreter<T>::fill_numbers(double const* numbers) {
    for (int k = 0; k <= root(); ++k)
        if (int const i = step(k).number; i >= 0) {
            std::fill_n(value(k), block, static_cast<T>(numbers[i]));
            at_[static_cast<std::size_t>(k)] = value(k);
        }
}

namespace {

/// How far a stream is from its beginning.
template <Real T> Index offset(Streams<T> const& s, int leaf, Index row, Index begin, Index n) {
    return row * (s.step[leaf] * n + s.skip[leaf]) + s.step[leaf] * begin;
}

}  // namespace

/// Leaves, where they are, or repeated.
template <Real T> void Interpreter<T>::read(Streams<T> const& s, Row const& r, Index n) {
    for (int k = 0; k <= root(); ++k) {
        int const leaf = step(k).leaf;
        if (leaf < 0) continue;
        T const* const x = s.x[leaf] + offset(s, leaf, r.number, r.begin, n);
        if (s.step[leaf] == 0)
            for (Index i = 0; i < r.length; i += simd_width<T>) std::copy_n(x, simd_width<T>, value(k) + i);
        at_[static_cast<std::size_t>(k)] = s.step[leaf] == 0 ? value(k) : x;
    }
}

/// The values of all operations before `last`; and of that one, if there is a place for it.
template <Real T> void Interpreter<T>::compute(int last, T* y, Index m) {
    for (int k = 0; k <= last; ++k) {
        Step const& s = step(k);
        if (!s.kernels || (k == last && !y)) continue;
        T const* in[3]{};
        for (int j = 0; j < s.arity; ++j) in[j] = at_[static_cast<std::size_t>(s.operands[j])];
        T* const to = k == last ? y : value(k);
        s.kernels->template of<T>().compute(to, in, m);
        at_[static_cast<std::size_t>(k)] = to;
    }
}

template <Real T> void Interpreter<T>::forward(Streams<T> const& s, Index rows, Index n) {
    fill_numbers(s.numbers);
    for (Index row = 0; row < rows; ++row)
        for (Index i = 0; i < n; i += block) {
            Row const r{row, i, std::min(block, n - i)};
            T* const y = s.y + row * n + i;
            read(s, r, n);
            if (step(root()).kernels) compute(root(), y, r.length);
            else std::copy_n(at_.back(), r.length, y);
        }
}

template <Real T> bool Interpreter<T>::writes_at_once(Step const& x, Streams<T> const& s) const {
    return x.at_once && s.step[x.leaf] == 1;
}

template <Real T> void Interpreter<T>::pull(int k, Streams<T> const& s, Row const& r, Index n) {
    Step const& op = step(k);
    Sink<T> dx[3]{};
    T const* in[3]{};
    for (int j = 0; j < op.arity; ++j) {
        int const x      = op.operands[j];
        int const leaf   = step(x).leaf;
        in[j]            = at_[static_cast<std::size_t>(x)];
        bool const noone = step(x).number >= 0 || (leaf >= 0 && s.fill[leaf] == WriteMode::none);
        if (noone) dx[j] = {nullptr, WriteMode::none};
        else if (leaf >= 0 && writes_at_once(step(x), s))
            dx[j] = {s.dx[leaf] + offset(s, leaf, r.number, r.begin, n), s.fill[leaf]};
        else dx[j] = {adjoint(x), WriteMode::assign};
    }
    T const* const g = k == root() ? s.g + r.number * n + r.begin : adjoint(k);
    op.kernels->template of<T>().pull(dx, g, at_[static_cast<std::size_t>(k)], in, op.guarded, r.length);
}

template <Real T> void Interpreter<T>::take(int k, Streams<T> const& s, T const* from, Row const& r, Index n) {
    using V        = xsimd::batch<T>;
    int const leaf = step(k).leaf;
    if (s.fill[leaf] == WriteMode::none) return;
    T* const to = s.dx[leaf] + offset(s, leaf, r.number, r.begin, n);
    for (Index i = 0; i < r.length; i += simd_width<T>) {
        T* const at = to + s.step[leaf] * i;
        V v         = V::load_unaligned(from + i);
        if (s.fill[leaf] == WriteMode::add) v += V::load_unaligned(at);
        v.store_unaligned(at);
    }
}

template <Real T> void Interpreter<T>::reverse(Streams<T> const& s, Index rows, Index n) {
    fill_numbers(s.numbers);
    for (Index row = 0; row < rows; ++row)
        for (Index i = 0; i < n; i += block) {
            Row const r{row, i, std::min(block, n - i)};
            read(s, r, n);
            compute(root(), nullptr, r.length);
            if (step(root()).kernels) at_.back() = s.y + row * n + i;
            for (int const k : way_back_) {
                if (step(k).kernels) pull(k, s, r, n);
                else if (k == root()) take(k, s, s.g + row * n + i, r, n);
                else if (!writes_at_once(step(k), s)) take(k, s, adjoint(k), r, n);
            }
        }
}

template class Interpreter<float>;
template class Interpreter<double>;

}  // namespace unspool::core
