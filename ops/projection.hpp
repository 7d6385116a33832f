// Sums of projections as they are recorded: in one array, and for a whole sequence at once where a scan visits it.
#pragma once
#include <array>
#include <unspool/ops/linalg.hpp>

namespace unspool {

/// The rule of a sum of projections.  Its node's operands are a pair x, W for each product, and then the biases, as the
/// program wrote them, whatever part of the work its host has done.
class SumOfProjections final : public Rule {
public:
    explicit constexpr SumOfProjections(std::string_view name) : name_(name) {}

    static constexpr std::size_t most = 8;  // projections in one sum, and biases
    struct Attributes {
        std::size_t                   products = 0;
        std::array<std::size_t, most> owner{};        // of each bias: the product it was written beside
        std::size_t                   hosted = most;  // the product that the host holds already, with all biases, if any
    };
    void             pull_back(Node const&, Adjoints&) const override;
    std::string      formula(Node const&, std::span<std::string const> operands) const override;
    std::string_view name() const override { return name_; }

private:
    std::string_view name_;
};

}  // namespace unspool
