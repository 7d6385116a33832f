// Layers, cells, the scan, and optimisers.
#pragma once
#include <unspool/nn/cells/gru.hpp>
#include <unspool/nn/cells/lstm.hpp>
#include <unspool/nn/cells/rnn.hpp>
#include <unspool/nn/embedding.hpp>
#include <unspool/nn/gradcheck.hpp>
#include <unspool/nn/linear.hpp>
#include <unspool/nn/optim/adam.hpp>
#include <unspool/nn/optim/clip.hpp>
#include <unspool/nn/optim/sgd.hpp>
#include <unspool/nn/scan.hpp>
#include <unspool/nn/shards.hpp>
#include <unspool/ops/ops.hpp>
