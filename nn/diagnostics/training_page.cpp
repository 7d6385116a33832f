// What a page of a training remembers, and how it is written.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/picture/network_page.hpp>
#include <unspool/autograd/system/atomic_file.hpp>
#include <unspool/autograd/text/html.hpp>
#include <unspool/autograd/text/json_text.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/diagnostics/curve_script.hpp>
#include <unspool/nn/diagnostics/training_page.hpp>
#include <unspool/nn/diagnostics/training_script.hpp>
#include <unspool/nn/modules/require.hpp>

namespace unspool::core {

namespace {

constexpr Index most_rows = 500, most_updates = 1000;
constexpr std::size_t most_columns_of_rows = 40, most_of_column_name = 120;
constexpr std::size_t most_of_frames = 1'200'000, most_of_network = 800'000, most_of_views = 700'000;  // bytes
constexpr double most_of_drawing = 10;                                                                 // seconds

TrainingPageOptions checked(TrainingPageOptions o, Where where) {
    require_not_negative("TrainingPage", "seconds", o.seconds, where);
    require_at_least(2, "TrainingPage", "epochs", o.epochs, where);
    require_number(o.probe.saturated > 0 && o.probe.saturated <= 1, "TrainingPage", "saturated", o.probe.saturated,
                   "in (0, 1]", where);
    return o;
}

std::string json_or_null(std::optional<double> x) { return x ? json_number(*x) : "null"; }

/// What clip_grad_norm() leaves.
std::optional<double> clipped(TrainingUpdate const& u) {
    if (!u.norm || !u.max_norm) return {};
    return std::isfinite(*u.norm) ? std::min(*u.norm, *u.max_norm) : *u.norm;
}

std::optional<double> number_of(TrainingPage::Numbers const& row, std::string const& name) {
    for (auto const& [n, x] : row)
        if (n == name) return x;
    return {};
}

}  // namespace

bool TrainingPage::Row::finite() const {
    return std::all_of(numbers.begin(), numbers.end(), [](auto const& n) { return std::isfinite(n.second); });
}

double TrainingPage::Point::size() const {
    double const x = update.norm.value_or(update.loss.value_or(0));
    return std::isfinite(x) && std::isfinite(update.loss.value_or(0)) ? x : HUGE_VAL;
}

bool TrainingPage::Larger::operator()(Point const& kept, Point const& next) const { return kept.size() >= next.size(); }

TrainingPage::TrainingPage(std::string path, Params const& params, TrainingPageOptions options, Where where)
    : path_(std::move(path))
    , options_(checked(std::move(options), where))
    , dtype_(params.dtype())
    , weights_(params)
    , rows_(most_rows)
    , updates_(most_updates)
    , frames_(options_.epochs) {
    write();
}

void TrainingPage::update(TrainingUpdate const& u) {
    updates_.add({done_++, u});
    if (std::exchange(fresh_, false)) weights_.compare();
    write_if_due();
}

void TrainingPage::earlier(Numbers const& row) { rows_.add({epochs_++, row}); }

void TrainingPage::epoch(Numbers const& row, Where where) {
    earlier(row);
    if (fresh_) weights_.forget();  // there was no update
    if (frames_.begins(epochs_ - 1)) look(where);
    weights_.copy();
    fresh_ = true;
    write_if_due();
}

void TrainingPage::finish(std::string_view how, Where where) {
    if (fresh_ && epochs_ > 0 && last_.number != epochs_ - 1) look(where);
    state_ = how;
    write();
}

void TrainingPage::look(Where where) {
    std::string inside = "\"flow\":[],\"findings\":[]";
    if (options_.probe.loss) {
        auto const draw     = [this](Var const& loss, Gradients const& g) { network(loss, &g); };
        ProbeResult const r = look_inside(options_.probe, dtype_, where, draw);
        inside              = fmt::format("\"flow\":{},\"findings\":{}", flow_json(r.flow), findings_json(r.findings));
        maps_               = maps_json(r.maps, options_.probe.tokens);
    }
    last_ = {epochs_ - 1, fmt::format("{{\"epoch\":{},{},\"ratios\":{},\"weights\":{}}}", epochs_, inside,
                                      json_numbers(weights_.ratios(), 3), weights_.histograms())};
    frames_.add(last_);
    auto const bytes = [&] {
        std::size_t n = 0;
        for (Frame const& f : frames_.all()) n += f.json.size();
        return n;
    };
    while (bytes() > most_of_frames && frames_.all().size() > 1) frames_.halve();
}

void TrainingPage::network(Var const& loss, Gradients const* gradients) {
    if (!network_.empty()) return;
    std::string why;
    try {
        NetworkPage part = Graph(loss, {.colour = gradients, .time_limit = most_of_drawing}).page(most_of_views);
        why              = part.body.size() > most_of_network ? "the picture is too large" : part.complaint;
        if (why.empty()) network_ = std::move(part.body);
    } catch (Error const& e) { why = e.what(); }
    if (!why.empty()) network_ = "<p class=\"note\">The network is not drawn: " + html_text(why) + "</p>\n";
}

void TrainingPage::write() {
    std::string const page = html();
    write_whole(path_, page);
    written_ = Clock::now();
}

void TrainingPage::write_if_due() {
    if (Clock::now() - written_ >= std::chrono::duration<double>(options_.seconds)) write();
}

std::string TrainingPage::rows_json() const {
    std::vector<std::string> names, columns;
    for (Row const& r : rows_.all())
        for (auto const& [name, _] : r.numbers)
            if (std::find(names.begin(), names.end(), name) == names.end() && names.size() < most_columns_of_rows)
                names.push_back(name);
    for (auto const& name : names) {
        std::vector<std::string> values;
        for (Row const& r : rows_.all()) values.push_back(json_or_null(number_of(r.numbers, name)));
        columns.push_back(fmt::format("{{\"name\":{},\"values\":[{}]}}",
                                      json_text(utf8::one_line(name, most_of_column_name)), fmt::join(values, ",")));
    }
    std::vector<Index> numbers;
    for (Row const& r : rows_.all()) numbers.push_back(r.number + 1);
    return fmt::format("{{\"epochs\":{},\"stretch\":{},\"number\":[{}],\"columns\":[{}]}}", epochs_, rows_.stretch(),
                       fmt::join(numbers, ","), fmt::join(columns, ","));
}

std::string TrainingPage::updates_json() const {
    auto const column = [&](auto of) {
        std::vector<std::string> values;
        for (Point const& p : updates_.all()) values.push_back(of(p));
        return fmt::format("[{}]", fmt::join(values, ","));
    };
    return fmt::format(
        "{{\"updates\":{},\"stretch\":{},\"number\":{},\"loss\":{},\"rate\":{},\"norm\":{},\"clipped\":{}}}", done_,
        updates_.stretch(), column([](Point const& p) { return std::to_string(p.number + 1); }),
        column([](Point const& p) { return json_or_null(p.update.loss); }),
        column([](Point const& p) { return json_or_null(p.update.rate); }),
        column([](Point const& p) { return json_or_null(p.update.norm); }),
        column([](Point const& p) { return json_or_null(clipped(p.update)); }));
}

std::string TrainingPage::frames_json() const {
    std::vector<std::string> all;
    for (Frame const& f : frames_.all()) all.push_back(f.json);
    if (!frames_.all().empty() && frames_.all().back().number != last_.number) all.push_back(last_.json);
    return fmt::format("[{}]", fmt::join(all, ","));
}

std::string TrainingPage::json() const {
    return fmt::format("{{\"state\":{},\"seconds\":{},\"epochs\":{},\"updates\":{},\"parameters\":{},\"left_out\":{},"
                       "\"frames\":{},\"sequences\":{}}}",
                       json_text(state_), json_number(options_.seconds), rows_json(), updates_json(),
                       json_texts(weights_.names()), weights_.left_out(), frames_json(), maps_);
}

std::string TrainingPage::html() const {
    std::string const drawn = network_.empty() ? "" : "<h2>Network</h2>\n" + network_;
    std::string const body  = "<h1>" + html_text(options_.title) + "</h1>\n<script>" + make_script + "</script>\n" +
                             training_body + drawn + script_data("training", json()) + "<script>" + curve_script +
                             training_script + "</script>\n";
    return html_page(options_.title, network_style() + curve_style + training_style, body);
}

}  // namespace unspool::core
