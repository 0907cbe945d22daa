#include "workloads/energy_file.hpp"

#include <algorithm>
#include <cmath>

#include "workloads/file_parts.hpp"
#include "workloads/log_clock.hpp"
#include "workloads/log_columns.hpp"

namespace laxity {

namespace {

constexpr double kMostWatts = 1000, kMostNj = 1e15;
constexpr double kLeastSlotNj = 1000;     // so that rounding a slot to whole nJ changes it by less than 0.1 %
constexpr double kMostSlotsToFill = 1e6;  // looking for the end of a power failure passes so many slots
constexpr std::int64_t kMostSlotsPerDay = 10'000'000;

double power_unit(const JsonReader& object) {
    const std::string unit = object.at("power_unit").one_of({"uW", "mW", "W"});
    return unit == "uW" ? 1e-6 : unit == "mW" ? 1e-3 : 1;
}

double read_power(const JsonReader& object, std::string_view key) {
    const JsonReader reader = object.at(key);
    const double watts = reader.positive() * power_unit(object);
    if (watts > kMostWatts) reader.fail("at most 1000 W");
    return watts;
}

double time_unit_ns(const JsonReader& object) {
    const std::string unit = object.at("unit").one_of({"us", "ms", "s"});
    return unit == "us" ? 1e3 : unit == "ms" ? 1e6 : 1e9;
}

Duration read_time(const JsonReader& object, std::string_view key) {
    const JsonReader reader = object.at(key);
    const double ns = reader.positive() * time_unit_ns(object);
    if (ns < 1 || ns > kLongestNs) reader.fail("a time in [1 ns, 1e6 s]");
    return nanoseconds_from(ns);
}

// `power_w` for a whole slot must be an amount that nanojoules can hold well.
void check_slot(const JsonReader& reader, Duration slot, double power_w) {
    if (power_w * static_cast<double>(slot.count()) < kLeastSlotNj)
        reader.fail("a slot in which the harvester can give at least 1 uJ", "take a longer one");
}

// --- Harvesters ---

Harvester read_persistent(const JsonReader& reader) {
    reader.only_keys({"kind", "power", "power_unit"});
    const double power_w = read_power(reader, "power");
    const Duration slot = nanoseconds_from(kLongestNs);
    check_slot(reader.at("power"), slot, power_w);
    return {PersistentPower{power_w}, slot, power_w / 2};
}

Harvester read_solar(const JsonReader& reader) {
    reader.only_keys({"kind", "peak", "power_unit", "day", "slot", "unit", "daylight", "clouds", "event_power"});
    SolarPower sun{read_power(reader, "peak")};
    const Duration day = read_time(reader, "day"), slot = read_time(reader, "slot");
    check_slot(reader.at("slot"), slot, sun.peak_w);
    if (day % slot != Duration::zero() || day / slot > kMostSlotsPerDay)
        reader.at("slot").fail("a whole number of slots in a day, at most 1e7");
    sun.slots_per_day = day / slot;
    const auto daylight = reader.find("daylight"), clouds = reader.find("clouds");
    const double share = daylight ? daylight->number(0, 1) : 0.5;
    sun.daylight_slots = std::llround(share * static_cast<double>(sun.slots_per_day));
    if (sun.daylight_slots < 1)
        reader.fail("a \"daylight\" (the share of a day, 0.5 if left out) of at least one slot");
    if (clouds) sun.clouds = clouds->number(0, 0.999);
    return {sun, slot, 0};
}

Harvester read_bursts(const JsonReader& reader) {
    reader.only_keys({"kind", "power", "power_unit", "on", "off", "slot", "unit", "event_power"});
    BurstyPower source{read_power(reader, "power")};
    const Duration slot = read_time(reader, "slot");
    check_slot(reader.at("slot"), slot, source.power_w);
    const auto slots = [&](std::string_view key) {
        const Duration mean = read_time(reader, key);
        if (mean < slot) reader.at(key).fail("a mean stay of at least one slot");
        return static_cast<double>(mean.count()) / static_cast<double>(slot.count());
    };
    source.mean_on_slots = slots("on");
    source.mean_off_slots = slots("off");
    return {source, slot, 0};
}

// The column of `key`, or number `place` (from 0 on) where there is no such key.
std::size_t record_column(const JsonReader& reader, std::string_view key, const TableFile& table, std::size_t place) {
    if (reader.has(key)) return named_column(reader, key, table);
    if (place == 0 && table.width() > 2) check_first_column(table, key);
    if (table.width() > place && !table.is_json_lines()) return place;
    if (table.width() > 0 && !table.is_json_lines())
        throw input_error(table.path(), "time,power: two columns", std::to_string(table.width()));
    return table.width() > 0 ? (reader.at(key), place) : place;
}

// Times count from the first row.
class RecordReader {
public:
    RecordReader(const JsonReader& reader, TableFile table)
        : table_(std::move(table)),
          clock_(reader, 0),
          unit_w_(power_unit(reader)),
          time_(record_column(reader, "time_column", table_, 0)),
          power_(record_column(reader, "power_column", table_, 1)) {}

    RecordedPower read() {
        while (table_.next()) read_row();
        if (record_.times.size() < 2) throw input_error(table_.path(), "at least two lines of time,power", "fewer");
        record_.power_w.pop_back();  // the last line ends the recording
        record_.file = table_.path();
        return std::move(record_);
    }

private:
    [[noreturn]] void fail(std::size_t column, std::string_view expected) const {
        throw input_error(table_.place(column), expected, "\"" + shortened(table_.field(column)) + "\"");
    }

    void read_row() {
        const std::int64_t stamp = clock_.stamp(table_, time_);
        const double watts = table_.number(power_) * unit_w_;
        if (record_.times.empty()) first_ns_ = stamp;
        if (!record_.times.empty() && stamp <= last_ns_) fail(time_, "a later time than the line before");
        if (static_cast<double>(stamp) - static_cast<double>(first_ns_) > kLongestNs)
            fail(time_, "a time within 1e6 s of the first");
        if (!(watts >= 0) || !(watts <= kMostWatts)) fail(power_, "a power in [0, 1000 W]");
        last_ns_ = stamp;
        record_.times.push_back(at_ns(stamp - first_ns_));
        record_.power_w.push_back(watts);
    }

    TableFile table_;
    LogClock clock_;
    double unit_w_;
    std::size_t time_, power_;
    RecordedPower record_;
    std::int64_t first_ns_ = 0, last_ns_ = 0;
};

Harvester read_record(const JsonReader& reader) {
    reader.only_keys(
        {"kind", "file", "power_unit", "unit", "slot", "event_power", "header", "time_column", "power_column"});
    RecordedPower record = RecordReader(reader, open_table(reader, "times and powers")).read();
    const Duration length = record.times.back() - record.times.front();
    Duration slot = std::max(Duration(1), length / static_cast<std::int64_t>(record.power_w.size()));
    if (reader.has("slot")) slot = read_time(reader, "slot");
    if (slot > length) reader.at("slot").fail("at most the length of the recording");
    const double most_w = *std::max_element(record.power_w.begin(), record.power_w.end());
    if (most_w == 0) reader.at("file").fail("a recording with some power");
    check_slot(reader, slot, most_w);
    return {std::move(record), slot, 0};
}

Harvester read_harvester(const JsonReader& reader) {
    const std::string kind = reader.at("kind").one_of({"persistent", "solar", "bursts", "record"});
    Harvester harvester = kind == "persistent" ? read_persistent(reader)
                          : kind == "solar"    ? read_solar(reader)
                          : kind == "bursts"   ? read_bursts(reader)
                                               : read_record(reader);
    harvester.event_power_w = reader.has("event_power") ? read_power(reader, "event_power") : mean_power(harvester) / 2;
    return harvester;
}

// --- Capacitor and stages ---

Capacitor read_capacitor(const JsonReader& reader) {
    reader.only_keys({"capacity", "initial", "turn_on", "unit"});
    const std::string unit = reader.at("unit").one_of({"uJ", "mJ", "J"});
    const double unit_nj = unit == "uJ" ? 1e3 : unit == "mJ" ? 1e6 : 1e9;
    const double capacity_nj = reader.at("capacity").positive() * unit_nj;
    if (capacity_nj < 1 || capacity_nj > kMostNj) reader.at("capacity").fail("an amount in [1 nJ, 1 MJ]");
    const auto level_nj = [&](std::string_view key, double otherwise_nj) {
        const auto level = reader.find(key);
        const double nj = level ? level->number(0) * unit_nj : otherwise_nj;
        if (nj > capacity_nj) level->fail("at most the capacity");
        return std::llround(nj);
    };
    return {std::llround(capacity_nj), level_nj("initial", capacity_nj), level_nj("turn_on", 0)};
}

void check_filling(const JsonReader& reader, const EnergyModel& model) {
    double slot_ns = static_cast<double>(model.harvester.slot.count());
    if (const auto* record = std::get_if<RecordedPower>(&model.harvester.source))
        slot_ns = static_cast<double>(record->times.back().time_since_epoch().count()) /
                  static_cast<double>(record->power_w.size());
    const double slots = static_cast<double>(model.capacitor.capacity_nj) / (mean_power(model.harvester) * slot_ns);
    if (slots > kMostSlotsToFill)
        reader.at("capacitor").at("capacity").fail("one that 1e6 slots of the harvester fill", "take longer slots");
}

void check_stages(const JsonReader& reader, const EnergyModel& model, const std::vector<Task>& tasks) {
    for (const Task& task : tasks) {
        for (const Variant& variant : task.variants) {
            for (int k = 0; k < variant.trace->stage_count(); ++k) {
                const std::string stage =
                    task.name + "/" + variant.name + "/" + variant.trace->stages[static_cast<std::size_t>(k)].name;
                if (model.active_power_w == 0 && !variant.trace->stages[static_cast<std::size_t>(k)].energy_uj)
                    reader.problem("the trace has no energy for stage " + shortened(stage) +
                                   "; state an \"active_power\"");
                const std::int64_t nj = stage_energy_nj(model, *variant.trace, k);
                if (nj > model.capacitor.capacity_nj)
                    reader.at("capacitor")
                        .at("capacity")
                        .fail("at least the " + std::to_string((nj + 999) / 1000) + " uJ that stage " +
                              shortened(stage) + " takes");
            }
        }
    }
}

}  // namespace

EnergyModel read_energy(const JsonReader& reader, const std::vector<Task>& tasks) {
    reader.only_keys({"harvester", "capacitor", "active_power", "power_unit"});
    EnergyModel model;
    model.harvester = read_harvester(reader.at("harvester"));
    model.capacitor = read_capacitor(reader.at("capacitor"));
    if (reader.has("active_power")) model.active_power_w = read_power(reader, "active_power");
    check_filling(reader, model);
    check_stages(reader, model, tasks);
    return model;
}

}  // namespace laxity
