// What the file of a vocabulary says.
#pragma once
#include <string>
#include <string_view>
#include <unspool/nn/data/text.hpp>
#include <vector>

namespace unspool::core {

struct VocabularyText {
    std::string kind = {};
    bool padding = false, unknown = false;
    TextOptions options              = {};
    std::vector<std::string> symbols = {};  // but for these two
};

std::string text(VocabularyText const&);                 ///< as JSON
VocabularyText parse_vocabulary(std::string_view json);  ///< ValueError for anything else

}  // namespace unspool::core
