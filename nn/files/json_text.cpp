// Texts as JSON has them.
#include <nlohmann/json.hpp>
#include <unspool/nn/files/json_text.hpp>

namespace unspool::core {

std::string json_text(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace unspool::core
