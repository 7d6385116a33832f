// The rate and the factors of optimisers.
#include <fmt/format.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/nn/modules/require.hpp>
#include <unspool/nn/optim/first_order.hpp>

namespace unspool::core {

FirstOrder::FirstOrder(std::string_view name, ParamSet params, double rate, MomentNames const& names, Where where,
                       double start)
    : name_(name), rate_(rate), moments_(std::move(params), names, where, start) {
    require_not_negative(name, "rate", rate, where);
}

void FirstOrder::rate(double r, Where where) {
    require_not_negative(name_, "rate", r, where);
    rate_ = r;
}

Moments::Slot& FirstOrder::slot(Param const& p, Where where) {
    if (Moments::Slot* s = moments_.find(p)) return *s;
    throw NameError(fmt::format("{}: {}: {} is not among its parameters", text(where), name_, p.path()));
}

void FirstOrder::scale(Param const& p, Factors factors, Where where) {
    Param* const one = slot(p, where).param;
    scale(std::span(&one, 1), factors, where);
}

void FirstOrder::scale(std::span<Param* const> of, Factors factors, Where where) {
    require_not_negative(name_, "a factor of the rate", factors.rate, where);
    require_not_negative(name_, "a factor of the decay", factors.decay, where);
    for (Param* p : of)  // before any is changed
        if (p->trained()) static_cast<void>(slot(*p, where));
    for (Param* p : of)
        if (p->trained()) slot(*p, where).factors = factors;
}

void FirstOrder::fields(Fields f) {
    f.add("rate", rate_);
    moments_.fields(f);
}

}  // namespace unspool::core
