// A result, or why there is none.
#pragma once
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <unspool/autograd/text/utf8.hpp>

namespace unspool::core {

template <class T> struct Possible {
    std::optional<T> value;
    std::string why;  ///< in one line, what the error said; "" where there is a value

    explicit operator bool() const { return value.has_value(); }
    T const& operator*() const { return *value; }
    T const* operator->() const { return &*value; }
};

/// What f gives.  Errors become words, those that a cell or its operations throw as well; but not want of memory.
template <class F> auto possible(F f) -> Possible<std::remove_cvref_t<std::invoke_result_t<F&>>> {
    constexpr std::size_t most = 300;
    try {
        return {f(), {}};
    } catch (std::bad_alloc const&) { throw; } catch (std::exception const& e) {
        return {{}, utf8::one_line(e.what(), most)};
    }
}

}  // namespace unspool::core
