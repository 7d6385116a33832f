// TensorBoard's records: messages of protocol buffers, written by hand.  Numbers of fields are those of tensorboard/compat/proto:
// event.proto, summary.proto, histogram.proto and tensor.proto.
#include <algorithm>
#include <atomic>
#include <bit>
#include <boost/crc.hpp>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>
#include <unspool/autograd/array/error.hpp>
#include <unspool/autograd/text/utf8.hpp>
#include <unspool/nn/diagnostics/weight_watch.hpp>
#include <unspool/nn/fit/event_file.hpp>

namespace unspool::core {

namespace fs = std::filesystem;

namespace {

/// The least significant byte first.
template <class Bits> void append_bits(std::string& to, Bits x) {
    for (std::size_t i = 0; i < sizeof x; ++i) to += static_cast<char>(x >> 8 * i & 0xFF);
}

/// Fields of a message, one after the other (protobuf.dev/programming-guides/encoding).
class Message {
public:
    Message& number(int field, std::uint64_t x) { return varint(key(field, 0)), varint(x), *this; }
    Message& number(int field, double x) {
        return varint(key(field, 1)), append_bits(bytes_, std::bit_cast<std::uint64_t>(x)), *this;
    }
    Message& number(int field, float x) {
        return varint(key(field, 5)), append_bits(bytes_, std::bit_cast<std::uint32_t>(x)), *this;
    }
    Message& bytes(int field, std::string_view x) {
        return varint(key(field, 2)), varint(x.size()), bytes_ += x, *this;
    }
    Message& message(int field, Message const& x) { return bytes(field, x.bytes_); }
    Message& numbers(int field, std::span<double const> xs) {
        std::string all;
        for (double x : xs) append_bits(all, std::bit_cast<std::uint64_t>(x));
        return bytes(field, all);
    }
    std::string const& bytes() const { return bytes_; }

private:
    static std::uint64_t key(int field, unsigned kind) { return static_cast<unsigned>(field) << 3 | kind; }
    void varint(std::uint64_t x) {
        for (; x >= 0x80; x >>= 7) bytes_ += static_cast<char>(x | 0x80);
        bytes_ += static_cast<char>(x);
    }

    std::string bytes_;
};

std::uint32_t checksum(std::string_view bytes) {
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
    crc.process_bytes(bytes.data(), bytes.size());
    return std::rotr(crc.checksum(), 15) + 0xA282EAD8U;
}

double wall_time() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Message event(Index step) {
    Message out;
    return out.number(1, wall_time()).number(2, static_cast<std::uint64_t>(step));
}

Message named_value(std::string_view tag) { return Message().bytes(1, utf8::one_line(tag)); }

std::string summary_record(Index step, Message const& value) {
    return tf_record(event(step).message(5, Message().message(1, value)).bytes());
}

/// No two files have the same, whatever folder, machine and second they are of.
std::string new_name() {
    static std::atomic<int> made = 0;
    char host[256]               = "";
    if (::gethostname(host, sizeof host - 1) != 0 || !*host) host[0] = '?', host[1] = '\0';
    std::replace(std::begin(host), std::end(host), '/', '_');
    return fmt::format("events.out.tfevents.{:010}.{}.{}.{}", static_cast<std::int64_t>(wall_time()), host, ::getpid(),
                       made++);
}

std::string path_in(std::string const& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (!fs::is_directory(folder)) {
        auto const why = error ? error.message() : "it is not a folder";
        throw FileError(fmt::format("cannot make the folder \"{}\": {}", folder, why));
    }
    return fs::path(folder) / new_name();
}

/// Of those that are finite.
Message histogram_of(std::span<double const> values) {
    WeightHistogram const h = weight_histogram(values);
    double n = 0, sum = 0, squares = 0;
    for (double x : values)
        if (std::isfinite(x)) ++n, sum += x, squares += x * x;
    auto const bins = static_cast<double>(h.counts.size());
    std::vector<double> limits, counts;
    for (Index c : h.counts) {
        counts.push_back(static_cast<double>(c));
        double const place = static_cast<double>(counts.size()) / bins;
        limits.push_back(h.low * (1 - place) + h.high * place);
    }
    Message out;
    out.number(1, h.low).number(2, h.high).number(3, n).number(4, sum).number(5, squares);
    return out.numbers(6, limits).numbers(7, counts);
}

}  // namespace

std::string tf_record(std::string_view bytes) {
    std::string out;
    append_bits(out, static_cast<std::uint64_t>(bytes.size()));
    append_bits(out, checksum(out));
    out += bytes;
    append_bits(out, checksum(bytes));
    return out;
}

EventFile::EventFile(std::string const& folder) : file_(path_in(folder)) {
    file_.write(tf_record(Message().number(1, wall_time()).bytes(3, "brain.Event:2").bytes()));
    flush();
}

void EventFile::scalar(std::string_view tag, double x, Index step) {
    file_.write(summary_record(step, named_value(tag).number(2, static_cast<float>(x))));
}

void EventFile::histogram(std::string_view tag, std::span<double const> values, Index step) {
    file_.write(summary_record(step, named_value(tag).message(5, histogram_of(values))));
}

void EventFile::text(std::string_view tag, std::string_view markdown, Index step) {
    std::string shown;
    utf8::each_character(markdown, [&](std::string_view bytes, char32_t) { shown += bytes; });
    constexpr std::uint64_t string = 7, tensor = 2;                                 // DT_STRING, DATA_CLASS_TENSOR
    auto const one  = Message().message(2, Message().number(1, std::uint64_t{1}));  // the shape [1]
    auto const kind = Message().message(1, Message().bytes(1, "text")).number(4, tensor);
    file_.write(summary_record(
        step,
        named_value(tag).message(8, Message().number(1, string).message(2, one).bytes(8, shown)).message(9, kind)));
}

void EventFile::restart(Index step) {
    file_.write(tf_record(event(step).message(7, Message().number(1, std::uint64_t{1})).bytes()));
}

bool has_events(std::string const& folder) {
    std::error_code none;
    fs::directory_iterator const files(folder, none);
    return std::any_of(begin(files), end(files), [](auto const& file) {
        return file.path().filename().string().find("tfevents") != std::string::npos;
    });
}

}  // namespace unspool::core
