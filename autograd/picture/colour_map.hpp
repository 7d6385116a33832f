// Colours for norms of gradients, from the least of a picture to the greatest, as even steps of log₁₀.
#pragma once
#include <string>
#include <unspool/autograd/picture/diagram.hpp>

namespace unspool::core {

/// Van der Walt and Smith's viridis (2015): even to the eye, also for the colour-blind, and from dark to light in grey print.
class ColourMap {
public:
    explicit ColourMap(Diagram const&);

    std::string colour(Flow const&) const;
    bool dark(Flow const&) const;         ///< so that text on it should be white
    double width(Flow const&) const;      ///< of a line
    static std::string at(double place);  ///< from 0 to 1

    bool empty() const { return high_ < low_; }
    double low() const { return low_; }  ///< as log₁₀
    double high() const { return high_; }

private:
    void note(std::optional<Flow> const&);
    double place(Flow const&) const;

    double low_ = 1e9, high_ = -1e9;
};

/// The norm that stands for a flow: its median, where there are several steps.
double typical(Flow const&);
/// "‖∇‖ 0.012", "∇ = 0" …
std::string text(Flow const&, double clip);
/// Of all steps: "0.001 · 0.01 · 0.2", and "▁▃▅█"; empty if there is one step only.
std::string range(Flow const&);
std::string sparkline(Flow const&);

}  // namespace unspool::core
