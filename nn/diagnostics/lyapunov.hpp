// How fast neighbouring states of a recurrence part or meet, direction by direction: the Lyapunov exponents of any
// cell.
#pragma once
#include <iosfwd>
#include <string>
#include <unspool/nn/recurrence/stepped_cell.hpp>
#include <vector>
#include <xtensor/xarray.hpp>

namespace unspool::core {

/// How exponents are found.
struct LyapunovOptions {
    Index exponents = 0;  ///< the so many largest; 0: all that there are
    Index warmup    = 0;  ///< steps at the beginning that do not count, in which state and directions settle
    double dt       = 1;  ///< the time that a step takes: exponents and entropy rate are by unit of it
    std::vector<xt::xarray<double>> state =
        {};                  ///< to start from, an array [B,…] for each part; none: what zeros() gives
    std::uint64_t seed = 1;  ///< of the directions at the beginning
};

/// The exponents of a cell under a sequence of inputs, from the largest, in nats a step.
struct LyapunovSpectrum {
    std::vector<double> exponents;  ///< from the largest on; −∞ where a direction is lost altogether
    std::vector<double>
        errors;  ///< of each, its standard error, by the means of 16 stretches of each sequence; NaN of −∞
    double dimension = 0;  ///< of Kaplan and Yorke (1979): how many directions a volume can have that does not shrink
    double entropy_rate = 0;  ///< the sum of what is positive (Pesin 1977), in nats
    bool complete  = false;   ///< do so many exponents suffice for both?  Otherwise each is the least that it can be
    Index features = 0;       ///< of the state: so many exponents there are

    std::string csv() const;              ///< a line an exponent: i,exponent,error
    void save(std::string const&) const;  ///< the same as a file.  FileError
};
std::string text(LyapunovSpectrum const&);                         ///< a table
std::ostream& operator<<(std::ostream&, LyapunovSpectrum const&);  ///< as text() says it

/// The compiled part.
LyapunovSpectrum lyapunov(SteppedCell const&, std::vector<xt::xarray<double>> const& inputs, LyapunovOptions const&,
                          Where);

/// Along sequences, one [T,B,…] for each input that the cell takes, in double.
///
/// Directions at the state are carried forward by Jacobian–vector products, all of them in one step of B · `exponents`
/// sequences, and made orthonormal after each step; the logarithm of what each has left beside those before it is what
/// counts (Benettin, Galgani, Giorgilli and Strelcyn 1980).  No Jacobian is formed: the cost is that of the step and
/// its first two derivatives, and S · exponents² for the directions, of S features.  The cell must not mix the
/// sequences of a batch; exponents are means over them. A direction of which less is left than rounding makes, beside
/// the others, is lost: −∞, as where a unit is saturated.
///
/// ShapeError for sequences or a state that do not fit; ValueError for more exponents than features, for fewer than 16
/// steps behind the warm-up, and where a state or its derivative is not finite, by the step; TypeError for a state with
/// members that are no Vars, and for an operation that cannot be differentiated twice.
template <CellWithZeros C> LyapunovSpectrum lyapunov(C const& cell, std::vector<xt::xarray<double>> const& inputs,
                                                     LyapunovOptions const& options = {}, Where where = Where::here()) {
    return lyapunov(stepped_cell(cell), inputs, options, where);
}
/// Along one sequence [T,B,in].
template <CellWithZeros C> LyapunovSpectrum lyapunov(C const& cell, xt::xarray<double> const& xs,
                                                     LyapunovOptions const& options = {}, Where where = Where::here()) {
    return lyapunov(stepped_cell(cell), {xs}, options, where);
}
/// Of the network left to itself: so many steps, in which its input is 0.
template <CellWithZeros C> LyapunovSpectrum lyapunov(C const& cell, Index steps, LyapunovOptions const& options = {},
                                                     Where where = Where::here()) {
    Index const batch                = options.state.empty() || options.state[0].dimension() == 0
                                           ? 1
                                           : static_cast<Index>(options.state[0].shape()[0]),
                in                   = features(erased_step(cell, batch, where), batch, "lyapunov", "xs", where);
    xt::xarray<double> const nothing = xt::zeros<double>({std::max<Index>(steps, 0), batch, in});
    return lyapunov(cell, nothing, options, where);
}

/// How the plot of a spectrum looks.
struct LyapunovPlotOptions {
    std::string title  = {};       ///< above the plot; "": none
    std::string across = "epoch";  ///< what the horizontal axis counts, where it does not number the exponents
    /// In pixels, 200 at least.
    Index width = 800, height = 450;  ///< in pixels, 200 at least
    double seconds = 30;              ///< that rsvg-convert may take, for .png and .pdf
};

/// Exponents by their number, as plot() of a GradientFlow makes files.  −∞ is a shaded gap.  ValueError where none is
/// finite.
void plot(LyapunovSpectrum const&, std::string const&, LyapunovPlotOptions const& = {}, Where = Where::here());
/// Of several, say one an epoch, each exponent as a curve:
///
///     fit(…, {.on_epoch = [&](TrainingProgress&) { spectra.push_back(lyapunov(cell, xs)); }});
void plot(std::vector<LyapunovSpectrum> const&, std::string const&, LyapunovPlotOptions const& = {},
          Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::LyapunovOptions, core::LyapunovPlotOptions, core::LyapunovSpectrum, core::lyapunov, core::plot;

}  // namespace unspool
