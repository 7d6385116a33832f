// What optimisers remember of each parameter from step to step.
#pragma once
#include <array>
#include <string_view>
#include <unordered_map>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/files/fields.hpp>
#include <unspool/nn/optim/param_set.hpp>
#include <vector>

namespace unspool::core {

/// What makes some parameters differ from the others: factors of the learning rate and of every weight decay.
struct Factors {
    double rate  = 1;
    double decay = 1;
};

using MomentNames = std::vector<std::string_view>;

/// Up to three arrays for every parameter, of its shape, at first all zeros or another number.
class Moments {
public:
    struct Slot {
        Param* param;
        std::array<Param*, 3> arrays{};
        Index steps = 0;  // that changed this parameter
        Factors factors{};

        template <Real T> T* array(std::size_t k) const {
            return static_cast<T*>(arrays[k]->mutable_data(dtype_of<T>));
        }
    };

    /// `names`: of the arrays of each parameter.  NameError if two parameters have one path, TypeError if their element types
    /// differ.
    Moments(ParamSet, MomentNames const& names, Where, double start = 0);
    Moments(Moments&&)            = default;
    Moments& operator=(Moments&&) = default;  // and no copy, which would share the arrays

    /// Calls `f(slot, elements of the parameter, elements of its gradient)` for each parameter that has one.  TypeError if
    /// the element types differ; NameError, before anything, if a gradient is of another model's parameter, or there is no parameter.
    template <class F> void each(std::string_view optimiser, Gradients const& gradients, Where where, F&& f) {
        follow();
        require_known(optimiser, gradients, where);
        dispatch(arrays_.dtype(), [&](auto type) {
            using T = decltype(type);
            for (Slot& s : slots_) {
                if (!gradients.reached(*s.param, where)) continue;
                ++s.steps;
                f(s, static_cast<T*>(s.param->mutable_data(dtype_of<T>, where)),
                  static_cast<T const*>(gradients[*s.param].data()));
            }
        });
    }

    Slot* find(Param const&);  ///< null if there is none
    void fields(Fields);

private:
    void follow();
    Param& array(Param const& of, std::string_view name);
    void require_known(std::string_view optimiser, Gradients const&, Where) const;

    ParamSet params_;
    MomentNames names_;
    Where where_;   // of the optimiser
    double start_;  // what the arrays are at first
    Params arrays_;
    std::vector<Slot> slots_;
    std::unordered_map<Param const*, std::size_t> places_;  // among them
};

}  // namespace unspool::core
