// Times of a log: numbers in its unit, or calendar times. Internal to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "traces/base/json_reader.hpp"
#include "traces/base/table_file.hpp"
#include "traces/base/time.hpp"

namespace laxity {

// No release, power or count is later than this: 1e8 s, three years, far before any time since 1970.
inline constexpr std::int64_t kLongestLogNs = 100'000'000'000'000'000;

// How numbers of a file become nanoseconds: exactly, but for the unit "full".
class LogUnit {
public:
    // From `object`'s key; `full_ns` is 0 where the unit "full" has no meaning.
    LogUnit(const JsonReader& object, std::string_view key, double full_ns);
    // Nothing if the text is no number, or its time doesn't fit into 64 bits.
    std::optional<std::int64_t> ns(std::string_view text) const;

private:
    int power_ = 0;
    double full_ns_ = 0;
};

class LogClock {
public:
    // Reads "unit" (needed unless times are calendar times) and "from".
    LogClock(const JsonReader& object, double full_ns);

    // The time in the column, in ns since the zero of the log, be it 1970. Throws InputError if it is none, or of
    // another kind than those before it.
    std::int64_t stamp(const TableFile& table, std::size_t column);
    // Where the run starts, in the same ns; nothing for "from": "first". Throws InputError if the column's time, of the
    // kind that was read, needs a "from" and there is none.
    std::optional<std::int64_t> origin(const TableFile& table, std::size_t column, std::int64_t stamp) const;

private:
    enum class Kind { kUnknown, kNumbers, kCalendar };

    void check_kind(const TableFile& table, std::size_t column, Kind kind);
    std::optional<std::int64_t> number_ns(const JsonReader& from) const;

    std::optional<JsonReader> from_;
    JsonReader object_;
    std::optional<LogUnit> unit_;
    Kind kind_ = Kind::kUnknown;
};

}  // namespace laxity
