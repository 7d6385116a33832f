// The best epoch so far.
#include <cstring>
#include <limits>
#include <unspool/nn/fit/early_stopping.hpp>
#include <unspool/nn/modules/require.hpp>

namespace unspool::core {

namespace {

void copy(Param const& from, Param& to) {
    std::memcpy(to.mutable_data(to.dtype()), from.data(),
                static_cast<std::size_t>(from.count()) * size_of(from.dtype()));
}

// Pairs of parameters in the order of their making: `to` was made from `from`.
void copy(Params const& from, Params const& to) {
    auto const all = from.all(), into = to.all();
    for (std::size_t i = 0; i < into.size(); ++i) copy(*all[i], *into[i]);
}

}  // namespace

Best::Best(Params const& params, EarlyStopping const& options, Where where)
    : options_(options), params_(params), kept_(0, params.dtype()), value_(std::numeric_limits<double>::infinity()) {
    require_number(options.patience >= 0, "fit", "patience", static_cast<double>(options.patience), "at least 0",
                   where);
    require_not_negative("fit", "min_delta", options.min_delta, where);
    for (Param* p : params.all()) kept_.zeros(p->path(), p->shape());
}

bool Best::add(Index epoch, double value) {
    double const less = options_.most ? -value : value;
    if (!(less < value_ - (epoch_ < 0 ? 0 : options_.min_delta))) return ++bad_, false;
    copy(params_, kept_);
    value_ = less, epoch_ = epoch, bad_ = 0;
    return true;
}

void Best::restore() const {
    if (epoch_ >= 0 && options_.restore) copy(kept_, params_);
}

void Best::fields(Fields f) {
    f.add("parameters", kept_);
    f.add("value", value_);
    f.add("epoch", epoch_, -1);
    f.add("bad", bad_);
}

}  // namespace unspool::core
