// The functions whose speed is compared, of whatever has them by its own name: numbers, arrays, Vars.
#pragma once
#include <cmath>

namespace bench {

struct Exp {
    static constexpr auto name = "exp";
    static double at(double t) { return 175 * t - 87; }  // t evenly spaced in [0, 1]: all but overflow and underflow
    auto operator()(auto const& x) const {
        using std::exp;
        return exp(x);
    }
};

struct Log {
    static constexpr auto name = "log";
    static double at(double t) { return std::exp(Exp::at(t)); }
    auto operator()(auto const& x) const {
        using std::log;
        return log(x);
    }
};

struct Tanh {
    static constexpr auto name = "tanh";
    static double at(double t) { return 20 * t - 10; }
    auto operator()(auto const& x) const {
        using std::tanh;
        return tanh(x);
    }
};

struct Sigmoid {
    static constexpr auto name = "sigmoid";
    static double at(double t) { return 80 * t - 40; }
    auto operator()(auto const& x) const {
        using std::exp;
        if constexpr (requires { sigmoid(x); }) return sigmoid(x);
        else return 1.0f / (1.0f + exp(-x));
    }
};

// Of which xsimd is less exact than the library promises to be.
struct Expm1 {
    static constexpr auto name = "expm1";
    static double at(double t) { return 20 * t - 10; }
    auto operator()(auto const& x) const {
        using std::expm1;
        return expm1(x);
    }
};

struct Erf {
    static constexpr auto name = "erf";
    static double at(double t) { return 8 * t - 4; }
    auto operator()(auto const& x) const {
        using std::erf;
        return erf(x);
    }
};

struct Tan {
    static constexpr auto name = "tan";
    static double at(double t) { return 3 * t - 1.5; }
    auto operator()(auto const& x) const {
        using std::tan;
        return tan(x);
    }
};

}  // namespace bench
