#include "sim/study/shard.hpp"

#include <charconv>

#include "traces/base/error.hpp"

namespace laxity {

namespace {

constexpr std::uint64_t kMostShards = 100'000;
constexpr std::uint64_t kEnoughUnits = 4;  // for each shard, so that none has much more than another

bool read_whole(std::string_view text, std::uint64_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

// How many of `count` numbers from `first` on are dealt to the shard.
std::uint64_t dealt(std::uint64_t first, std::uint64_t count, const Shard& shard) {
    const auto below = [&](std::uint64_t end) { return (end + shard.of - shard.index) / shard.of; };
    return below(first + count) - below(first);
}

}  // namespace

Shard parse_shard(const std::string& text) {
    const std::size_t slash = text.find('/');
    Shard shard;
    if (slash != std::string::npos && read_whole(std::string_view(text).substr(0, slash), shard.index) &&
        read_whole(std::string_view(text).substr(slash + 1), shard.of) && shard.index >= 1 && shard.index <= shard.of &&
        shard.of <= kMostShards) {
        return shard;
    }
    throw input_error("--shard", "K/N with K from 1 to N and N up to " + std::to_string(kMostShards),
                      "\"" + shortened(text) + "\"");
}

ShardUnit shard_unit(const Study& study, std::uint64_t shards) {
    // With --until the seeds of a point depend on all its runs.
    if (!study.spec().until.empty() || study.points() >= kEnoughUnits * shards) return ShardUnit::kPoint;
    return study.cells() >= kEnoughUnits * shards ? ShardUnit::kCell : ShardUnit::kRun;
}

std::uint64_t runs_of_shard(const Study& study, const Shard& shard) {
    const std::uint64_t seeds = study.spec().seeds.size();
    if (shard.whole()) return study.cells() * seeds;
    const ShardUnit unit = shard_unit(study, shard.of);
    std::uint64_t runs = 0, cells_before = 0;
    for (std::size_t point = 0; point < study.points(); ++point) {
        const std::uint64_t cells = study.contenders_at(point).size();
        if (unit == ShardUnit::kPoint) runs += dealt(point, 1, shard) * cells * seeds;
        if (unit == ShardUnit::kCell) runs += dealt(cells_before, cells, shard) * seeds;
        if (unit == ShardUnit::kRun) runs += dealt(cells_before * seeds, cells * seeds, shard);
        cells_before += cells;
    }
    return runs;
}

const char* name_of(ShardUnit unit) {
    return unit == ShardUnit::kPoint ? "point" : unit == ShardUnit::kCell ? "cell" : "run";
}

ShardUnit shard_unit_named(const std::string& name, const std::string& place) {
    for (const ShardUnit unit : {ShardUnit::kPoint, ShardUnit::kCell, ShardUnit::kRun}) {
        if (name == name_of(unit)) return unit;
    }
    throw input_error(place, "point, cell or run", "\"" + shortened(name) + "\"");
}

}  // namespace laxity
