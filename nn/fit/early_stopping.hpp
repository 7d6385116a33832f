// The best epoch so far, and when to give up waiting for a better one.
#pragma once
#include <optional>
#include <string>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/files/fields.hpp>

namespace unspool::core {

/// When to give up waiting for a better epoch.
struct EarlyStopping {
    Index patience   = 5;      ///< epochs in a row that are no better than the best
    double min_delta = 0;      ///< by which an epoch must be better
    std::string of   = {};     ///< a name in the history: "validation_loss" where there is one, else "loss"
    bool most        = false;  ///< the more of it the better, as of an accuracy
    bool restore     = true;   ///< at the end, the parameters are those of the best epoch
};

/// Keeps the parameters of the best epoch.
class Best {
public:
    /// ValueError where an option is outside its range.
    Best(Params const&, EarlyStopping const&, Where);

    /// An epoch's number.  Says whether it was the best; NaN never is.
    bool add(Index epoch, double value);
    bool out_of_patience() const { return bad_ > options_.patience; }
    Index epoch() const { return epoch_; }  ///< of the best one, from 0; -1 before
    void restore() const;                   ///< to the parameters; nothing if there was none

    void fields(Fields);

private:
    EarlyStopping options_;
    Params params_, kept_;
    double value_;
    Index epoch_ = -1, bad_ = 0;
};

}  // namespace unspool::core

namespace unspool {

using core::EarlyStopping;

}  // namespace unspool
