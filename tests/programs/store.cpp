// Numbers by their seeds.
#include <programs/store.hpp>
#include <xtensor/xmath.hpp>

namespace programs {

xt::xarray<double> numbers(Shape const& shape, std::uint64_t seed) {
    auto out = xt::xarray<double>::from_shape(std::vector<std::size_t>(shape.begin(), shape.end()));
    Random random(seed);
    for (double& x : out) x = static_cast<double>(random.below(513)) / 256 - 1;
    return out;
}

xt::xarray<double> const& Store::input(std::size_t k, Shape const& shape) {
    if (k == inputs_.size()) inputs_.push_back(numbers(shape, 1 + k)), given_.push_back(inputs_.back());
    return inputs_[k];
}

Param& Store::parameter(std::string const& name, Shape const& shape) {
    if (params.contains(name)) return params[name];
    Param& p = params.zeros(name, shape);
    start(p);
    return p;
}

void Store::start(Param& p) {
    starts_[&p] = 0.5 * numbers(p.shape(), 100 + starts_.size());
    p.assign(starts_[&p]);
}

Var Store::frozen(std::size_t k, Var const& value) {
    if (!freezes_) return value;
    if (k < frozen_.size()) return value.tape().constant(frozen_[k]);
    dispatch(value.dtype(), [&](auto t) { frozen_.push_back(xt::cast<double>(value.value<decltype(t)>())); });
    return value;
}

xt::xarray<double> Store::direction(std::size_t k, Shape const& shape) const { return numbers(shape, 1000 + k); }

void Store::move(double step) {
    for (std::size_t k = 0; k < inputs_.size(); ++k)
        inputs_[k] = given_[k] + step * direction(k, Shape::of(given_[k].shape()));
    std::size_t k = inputs_.size();
    for (Param* p : params.all()) p->assign(starts_.at(p) + step * direction(k++, p->shape()));
}

double Store::along(std::size_t k, xt::xarray<double> const& gradient) const {
    return xt::sum(gradient * direction(k, Shape::of(gradient.shape())))();
}

}  // namespace programs
