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
