// Layers, cells, the scan, and optimisers.
#pragma once
#include <unspool/nn/adam.hpp>
#include <unspool/nn/clip.hpp>
#include <unspool/nn/embedding.hpp>
#include <unspool/nn/gradcheck.hpp>
#include <unspool/nn/gru.hpp>
#include <unspool/nn/linear.hpp>
#include <unspool/nn/lstm.hpp>
#include <unspool/nn/rnn.hpp>
#include <unspool/nn/scan.hpp>
#include <unspool/nn/sgd.hpp>
#include <unspool/nn/shards.hpp>
#include <unspool/ops/ops.hpp>
