// The boxes that stand for whole modules, and what they say of them.
#pragma once
#include <set>
#include <string>
#include <unordered_map>
#include <unspool/autograd/picture/diagram.hpp>

namespace unspool::core {

class ModuleBoxes {
public:
    explicit ModuleBoxes(std::vector<Box>& boxes) : boxes_(boxes) {}

    int& box(int frame) { return of_.try_emplace(frame, -1).first->second; }  ///< -1 until it is made
    void add_equation(int box) { ++equations_[box]; }
    void add_parameter(int box, int p) { parameters_[box].insert(p); }
    /// A leaf that a module takes stands in its box: another box would be in the way of the links from step to step.
    void reads(int box, std::string const& what);
    /// Writes how many equations and parameters it holds.
    void describe(int box);

private:
    std::vector<Box>& boxes_;
    std::unordered_map<int, int> of_;                    // by frame
    std::unordered_map<int, std::set<int>> parameters_;  // by box
    std::unordered_map<int, Index> equations_;
    std::unordered_map<int, std::vector<std::string>> reads_;
};

}  // namespace unspool::core
