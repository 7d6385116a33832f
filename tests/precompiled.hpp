// What nearly every test includes.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>
#include <sstream>
#include <unspool.hpp>
