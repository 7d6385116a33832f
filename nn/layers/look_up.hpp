// Rows of a table by numbers that are on the tape.
#pragma once
#include <tuple>
#include <unspool/autograd/call/call.hpp>

namespace unspool::core {

/// Of numbers [b] and a table [v,d], which row each is.
struct LookUp {
    static constexpr auto name           = "look_up";
    static constexpr Signature signature = "[b] [v,d] -> [b,d]";

    /// Fractions are cut off; what is below 0, or NaN, is the first row, and what is too large the last.
    template <Real T> static Index row(T number, Index rows) {
        return number > 0 ? number < static_cast<T>(rows) ? static_cast<Index>(number) : rows - 1 : 0;
    }
    template <Real T> void f(Array<T> y, Array<T const> numbers, Array<T const> table) const {
        each<T>(y, numbers, table, [](T& to, T const& from) { to = from; });
    }
    /// A number of a row is no quantity: nothing comes back to it.
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const> numbers, Array<T const>) const {
        return std::tuple{[](Array<T>) {},
                          [=](Array<T> dtable) { each<T>(g, numbers, dtable, [](T from, T& to) { to += from; }); }};
    }

private:
    template <Real T, class A, class B, class Put>
    static void each(A const& out, Array<T const> const& numbers, B const& table, Put put) {
        for (Index i = 0; i < out.shape[0]; ++i) {
            Index const from = row(numbers.data[i * numbers.strides[0]], table.shape[0]);
            for (Index j = 0; j < out.shape[1]; ++j)
                put(out.data[i * out.strides[0] + j * out.strides[1]],
                    table.data[from * table.strides[0] + j * table.strides[1]]);
        }
    }
};

}  // namespace unspool::core
