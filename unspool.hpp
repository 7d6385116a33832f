// Unspool in one include: the tape, the operations and the networks.
#pragma once

#include <unspool/autograd/autograd.hpp>
#include <unspool/nn/nn.hpp>
#include <unspool/ops/ops.hpp>
