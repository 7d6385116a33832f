// Layers, cells, scans and optimisers.
#pragma once
#include <unspool/ops/ops.hpp>
