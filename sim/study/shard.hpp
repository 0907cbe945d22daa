// A part of a study, for one of several processes that share it.
#pragma once

#include <cstdint>
#include <string>

#include "sim/study/study.hpp"

namespace laxity {

struct Shard {
    std::uint64_t index = 1;  // 1..of
    std::uint64_t of = 1;

    bool whole() const { return of == 1; }
    std::string text() const { return std::to_string(index) + "/" + std::to_string(of); }
    friend bool operator==(const Shard&, const Shard&) = default;
};

// "2/7": the second of seven. Throws InputError.
Shard parse_shard(const std::string& text);

// What is dealt out in turn, unit u to shard u mod n + 1: as coarse as still gives each shard several, since what stays
// together shares its preparation. A function of the study and the number of shards alone.
enum class ShardUnit { kPoint, kCell, kRun };
ShardUnit shard_unit(const Study& study, std::uint64_t shards);

// How many runs a shard has; with `until`, before seeds are added.
std::uint64_t runs_of_shard(const Study& study, const Shard& shard);

const char* name_of(ShardUnit unit);
// Throws InputError that begins with `place` for another name.
ShardUnit shard_unit_named(const std::string& name, const std::string& place);

}  // namespace laxity
