// The history as a file.
#include <fmt/format.h>
#include <unspool/nn/data/csv.hpp>
#include <unspool/nn/fit/log.hpp>

namespace unspool::core {

namespace {

std::string header(History const& history) {
    std::string out = "epoch";
    for (auto const& name : history.names()) out += ',' + csv_field(name);
    return out;
}

std::string line(History const& history, Index epoch) {
    std::string out = std::to_string(epoch + 1);
    for (auto const& [name, value] : history.row(epoch)) out += fmt::format(",{}", value);
    return out;
}

}  // namespace

CsvLog::CsvLog(std::string const& path, History const& history) : file_(path) {
    if (history.epochs() > 0) write(header(history));
    for (Index e = 0; e < history.epochs(); ++e) write(line(history, e));
    file_.flush();
}

void CsvLog::add(History const& history) {
    if (history.epochs() == 1) write(header(history));
    write(line(history, history.epochs() - 1));
    file_.flush();
}

void CsvLog::write(std::string const& line) { file_.write(line + '\n'); }

}  // namespace unspool::core
