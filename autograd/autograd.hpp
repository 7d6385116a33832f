// All of the engine that users see.
#pragma once
#include <unspool/autograd/bad_value.hpp>
#include <unspool/autograd/build_info.hpp>
#include <unspool/autograd/error.hpp>
#include <unspool/autograd/gradcheck.hpp>
#include <unspool/autograd/gradients.hpp>
#include <unspool/autograd/graph.hpp>
#include <unspool/autograd/params.hpp>
#include <unspool/autograd/statement.hpp>
#include <unspool/autograd/tape.hpp>
#include <unspool/autograd/threads.hpp>
