// Parameters in safetensors files, ours and PyTorch's.
#pragma once
#include <functional>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/files/header.hpp>
#include <unspool/nn/files/weight_layout.hpp>

namespace unspool::core {

class Safetensors;

/// Changes a name.
using Rename = std::function<std::string(std::string_view)>;

/// How parameters are written.
struct SaveOptions {
    WeightLayout dialect = WeightLayout::pytorch;  ///< whose order of gates, and whose layout, the file has
    bool reset_after     = true;                   ///< for Keras: what kind of GRU it is
    Rename rename        = {};                     ///< what a tensor is to be called in the file
    std::string prefix   = {};                     ///< before all of these names
    Metadata metadata    = {};                     ///< texts by their names, which the file keeps
};

/// Which names of a file are read, and what may be missing.
struct LoadOptions {
    std::string prefix   = {};                     ///< what names in the file begin with; others are passed over
    Rename rename        = {};                     ///< what a tensor of the file, without the prefix, is called here
    WeightLayout dialect = WeightLayout::pytorch;  ///< whose order of gates, and whose layout, the file has
    bool missing         = false;                  ///< parameters that are not in the file may stay as they are
    bool surplus         = false;                  ///< tensors that are no parameters may be in the file
};

/// What was not loaded, where options allow it.
struct Unmatched {
    /// Parameters that the file has not, and tensors of the file that are no parameters.
    std::vector<std::string> missing, surplus;
};

/// Writes the parameters below a path, by their names below it: those of a `state_dict` in PyTorch.  A file is there whole,
/// or after an error as it was.  The parameters are written from where they are; only another dialect makes copies.
/// FileError; ShapeError where the dialect has no place for a recurrent layer; NameError where there is no parameter.
void save(Params const&, std::string const&, SaveOptions const& = {}, Where = Where::here());

/// Reads the parameters below a path, by their names below it.  Elements may be F64, F32, F16 or BF16, and are rounded where
/// the parameters are narrower.  FileError, which lists all that does not fit (other shapes, missing names, surplus ones, other
/// element types), and no parameter is changed then, nor if the file breaks off.  To make sure of that, tensors are read into
/// memory beside the parameters: it takes their size once more.  NameError where there is none.
Unmatched load(Params const&, std::string const&, LoadOptions const& = {}, Where = Where::here());
/// The same from an open file.
Unmatched load(Params const&, Safetensors const&, LoadOptions const& = {}, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::LoadOptions, core::Rename, core::SaveOptions, core::Unmatched, core::load, core::save;

}  // namespace unspool
