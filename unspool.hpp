// Unspool in one include: the tape, the operations and the networks.
#pragma once

// First those that say what is wrong with a program: a compiler says by which headers it came to them.
// clang-format off
#include <unspool/autograd/tape/var.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/autograd/statement/term.hpp>
#include <unspool/ops/elementwise/arithmetic.hpp>
#include <unspool/nn/modules/linear.hpp>
#include <unspool/nn/recurrence/scan.hpp>
#include <unspool/nn/recurrence/gradcheck.hpp>
#include <unspool/nn/layers/layer.hpp>
#include <unspool/nn/layers/stacked.hpp>
// clang-format on

#include <unspool/autograd/autograd.hpp>
#include <unspool/nn/nn.hpp>
#include <unspool/ops/ops.hpp>
