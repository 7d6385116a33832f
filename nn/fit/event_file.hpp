// A file that TensorBoard reads.  It knows names and numbers, and no network.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <unspool/autograd/array/shape.hpp>
#include <unspool/autograd/system/growing_file.hpp>

namespace unspool::core {

/// Bytes as records of a TFRecord file have them: their length as 8 bytes, its checksum, the bytes, and their checksum, which is a
/// masked CRC-32C (Castagnoli; RFC 3720).
std::string tf_record(std::string_view bytes);

/// Events in a file of their own: `tensorboard --logdir runs` shows those of each folder below `runs` as a run.
///
///     EventFile events("runs/first");
///     events.scalar("loss/train", loss.item(), step);
///     events.flush();
///
/// What is written waits in memory for flush(), or for the end of the object.  Names with a "/" are shown in groups by what is before it.
/// Numbers that are not finite are written as they are.
class EventFile {
public:
    /// Makes the folder, if there is none, and a file in it whose name tells it from all others.  FileError.
    explicit EventFile(std::string const& folder);

    void scalar(std::string_view tag, double value, Index step);  ///< kept as a float
    /// How numbers are spread, of those that are finite, in 30 bins of equal width.
    void histogram(std::string_view tag, std::span<double const> values, Index step);
    void text(std::string_view tag, std::string_view markdown, Index step);
    /// What earlier files of the folder say of this step and of later ones holds no longer: a run continues here.
    void restart(Index step);

    void flush() { file_.flush(); }                           ///< FileError; the disk may be full
    std::string const& path() const { return file_.path(); }  ///< of the file

private:
    GrowingFile file_;
};

/// Is there an event file in the folder?
bool has_events(std::string const& folder);

}  // namespace unspool::core

namespace unspool {

using core::EventFile;

}  // namespace unspool
