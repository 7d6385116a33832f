// The parameters that an optimiser, an average or a pruning works on.
#pragma once
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <vector>

namespace unspool::core {

/// Those of a model, or of a part of it, which are followed as they grow; or a list, which stays as it is.
class ParamSet {
public:
    ParamSet(Params const& all) : all_(all) {}
    ParamSet(std::initializer_list<Param*> list) : list_(list) {}
    ParamSet(std::vector<Param*> list) : list_(std::move(list)) {}

    std::vector<Param*> all() const { return all_ ? all_->all() : list_; }
    Dtype dtype() const { return all_ ? all_->dtype() : list_.empty() ? float32 : list_[0]->dtype(); }
    /// All of a model, not a part that was chosen.
    bool whole() const { return all_ && all_->path().empty(); }
    /// Calls `f(all())` if there are more than when it succeeded last; the first time, there are.
    template <class F> void follow(F&& f) {
        std::size_t const now = made();
        if (seen_ == now) return;
        f(all());
        seen_ = now;
    }

private:
    std::size_t made() const { return all_ ? all_->made() : list_.size(); }

    std::optional<Params> all_;
    std::vector<Param*> list_;
    std::optional<std::size_t> seen_;
};

/// Of parameters that were chosen, the others are someone else's, or stay as they are; but gradients of another model alone are a mistake:
/// NameError.
void require_some(std::string_view who, Gradients const&, std::span<Param* const> chosen, Where);

}  // namespace unspool::core
