// What optimisers remember of each parameter from step to step.
#pragma once
#include <string_view>
#include <unspool/autograd/gradients.hpp>
#include <unspool/autograd/params.hpp>
#include <vector>

namespace unspool {

/// Up to two arrays for every parameter, of its shape, at first zero.
class Moments {
public:
    struct Slot {
        Param* param;
        Param* arrays[2];
        Index  steps = 0;  // that changed this parameter

        template <Real T> T* first() const { return static_cast<T*>(arrays[0]->mutable_data(dtype_of<T>)); }
        template <Real T> T* second() const { return static_cast<T*>(arrays[1]->mutable_data(dtype_of<T>)); }
    };

    Moments(Params const&, int arrays);
    Moments(Moments&&)            = default;
    Moments& operator=(Moments&&) = default;  // and no copy, which would share the arrays

    /// Calls `f(slot, elements of the parameter, elements of its gradient)` for each parameter that has one.  TypeError if
    /// the element types differ.
    template <class F> void each(std::string_view optimiser, Gradients const& gradients, F&& f) {
        if (slots_.empty()) return;
        require_dtype(optimiser, gradients);
        dispatch(arrays_.dtype(), [&](auto type) {
            using T = decltype(type);
            for (Slot& s : slots_) {
                if (!gradients.reached(*s.param)) continue;
                ++s.steps;
                f(s, static_cast<T*>(s.param->mutable_data(dtype_of<T>)), static_cast<T const*>(gradients[*s.param].data()));
            }
        });
    }

private:
    void require_dtype(std::string_view optimiser, Gradients const&) const;

    Params            arrays_;
    std::vector<Slot> slots_;
};

}  // namespace unspool
