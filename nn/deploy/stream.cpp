// What goes in and out of a program.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/nn/deploy/stream.hpp>

namespace unspool::nn {

using namespace core;

namespace {

std::shared_ptr<StepPlan const> of_type(Dtype dtype, StepPlan plan, Where where) {
    if (plan.dtype != dtype)
        throw TypeError(
            fmt::format("{}: a stream of {} of a plan in {}", text(where), core::text(dtype), core::text(plan.dtype)));
    return std::make_shared<StepPlan const>(std::move(plan));
}

template <class T>
void require_size(std::string_view name, std::span<T const> numbers, Shape const& shape, Where where) {
    if (std::ssize(numbers) != count(shape))
        throw ShapeError(fmt::format("{}: stream: {} takes {}, and not {} elements", text(where), name, text(shape),
                                     numbers.size()));
}

}  // namespace

template <Real T> Stream<T>::Stream(StepPlan plan, Where where)
    : made_(where)
    , plan_(of_type(dtype_of<T>, std::move(plan), where))
    , fixed_(std::make_shared<FixedNumbers<T>>())
    , program_(*plan_, *fixed_) {
    reset();
}

template <Real T> PlanOptions Stream<T>::in_own_type(PlanOptions o, Where where) {
    if (o.dtype.value_or(dtype_of<T>) != dtype_of<T>)
        throw TypeError(fmt::format("{0}: a stream of {1} of options that say {2}: write nn::Stream<{3}>", text(where),
                                    core::text(dtype_of<T>), core::text(*o.dtype),
                                    *o.dtype == float32 ? "float" : "double"));
    o.dtype = dtype_of<T>;
    return o;
}

template <Real T> Stream<T>::Stream(Stream const& other)
    : made_(other.made_), plan_(other.plan_), fixed_(other.fixed_), program_(*plan_, *fixed_) {
    for (auto const& s : plan_->state) {
        auto const& a = plan_->arrays[s.array];
        std::copy_n(other.program_.at(a.place), count(a.shape), program_.at(a.place));
    }
}

template <Real T> std::span<T const> Stream<T>::step(std::span<std::span<T const> const> inputs) {
    if (inputs.size() != plan_->inputs.size())
        throw ShapeError(fmt::format("{}: stream: {} inputs, of a cell that takes {}", text(made_), inputs.size(),
                                     plan_->inputs.size()));
    for (std::size_t k = 0; k < inputs.size(); ++k) {
        auto const& a = plan_->arrays[plan_->inputs[k]];
        require_size(a.name, inputs[k], a.shape, made_);
    }
    for (std::size_t k = 0; k < inputs.size(); ++k)
        std::copy(inputs[k].begin(), inputs[k].end(), program_.at(plan_->arrays[plan_->inputs[k]].place));
    program_.run();
    return result(plan_->results[0].name, made_);
}

template <Real T> void Stream<T>::reset() {
    for (auto const& s : plan_->state)
        std::transform(s.initial.begin(), s.initial.end(), program_.at(plan_->arrays[s.array].place),
                       [](double x) { return static_cast<T>(x); });
}

template <Real T> std::vector<std::string> Stream<T>::state_names() const {
    std::vector<std::string> out;
    for (auto const& s : plan_->state) out.push_back(plan_->arrays[s.array].name);
    return out;
}
template <Real T> std::span<T> Stream<T>::part(std::string_view name, Where where) const {
    for (auto const& s : plan_->state)
        if (auto const& a = plan_->arrays[s.array]; a.name == name)
            return {program_.at(a.place), static_cast<std::size_t>(count(a.shape))};
    throw NameError(fmt::format("{}: stream: no part of the state is called {}", text(where), name));
}
template <Real T> std::span<T const> Stream<T>::state(std::string_view name, Where where) const {
    return part(name, where);
}
template <Real T> void Stream<T>::set_state(std::string_view name, std::span<T const> numbers, Where where) {
    std::span<T> const to = part(name, where);
    require_size(name, numbers, {std::ssize(to)}, where);
    std::copy(numbers.begin(), numbers.end(), to.begin());
}
template <Real T> std::span<T const> Stream<T>::result(std::string_view name, Where where) const {
    for (std::size_t k = 0; k < plan_->results.size(); ++k)
        if (plan_->results[k].name == name)
            return {program_.result(k), static_cast<std::size_t>(count(plan_->results[k].window.shape))};
    throw NameError(fmt::format("{}: stream: no result is called {}", text(where), name));
}

template class Stream<float>;
template class Stream<double>;

}  // namespace unspool::nn
