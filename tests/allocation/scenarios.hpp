// What is done with one allocation after the other failing.
#pragma once
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <unspool.hpp>
#include <vector>

/// What is done.  Once an attempt has thrown, another one gives what the first would have given.
struct Program {
    virtual ~Program()           = default;
    virtual void run()           = 0;
    virtual std::string result() = 0;  ///< bit for bit
};

struct Scenario {
    char const* name;
    std::function<std::unique_ptr<Program>(std::filesystem::path const&)>
        prepare;  // files may be written in this folder
};
template <class P> Scenario scenario(char const* name) {
    return {name, [](std::filesystem::path const& folder) -> std::unique_ptr<Program> {
                if constexpr (std::constructible_from<P, std::filesystem::path const&>)
                    return std::make_unique<P>(folder);
                else return std::make_unique<P>();
            }};
}

std::vector<Scenario> scenarios_of_training();
std::vector<Scenario> scenarios_of_networks();
std::vector<Scenario> scenarios_of_files();
std::vector<Scenario> scenarios_of_checks();
std::vector<Scenario> scenarios_of_pictures();

// Results as bytes.

inline std::string bytes_of(void const* data, std::size_t n) { return {static_cast<char const*>(data), n}; }
template <class T>
requires std::is_arithmetic_v<T> std::string bits(T x) { return bytes_of(&x, sizeof x); }
inline std::string bits(std::vector<double> const& x) { return bytes_of(x.data(), x.size() * sizeof(double)); }
inline std::string bits(unspool::Param const& p) {
    return bytes_of(p.data(), static_cast<std::size_t>(p.count()) * unspool::core::size_of(p.dtype()));
}
inline std::string bits(unspool::Params const& all) {
    std::string out;
    for (unspool::Param const* p : all.all()) out += bits(*p);
    return out;
}
inline std::string bits(unspool::core::Values const& v) {
    return bytes_of(v.data(),
                    static_cast<std::size_t>(unspool::core::count(v.shape())) * unspool::core::size_of(v.dtype()));
}
inline std::string bits(unspool::Var const& x) {
    std::string out;
    unspool::core::dispatch(x.dtype(), [&](auto t) {
        for (auto v : x.value<decltype(t)>()) out += bits(v);
    });
    return out;
}
