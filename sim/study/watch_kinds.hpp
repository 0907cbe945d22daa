// The kinds of folders that can be watched, and what they share. Internal to sim/study/watch.cpp.
#pragma once

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/study/watch.hpp"

namespace laxity {

// One kind of folder, followed. `look` is false if it has to begin anew.
struct FolderWatch::Kind {
    virtual ~Kind() = default;
    virtual bool look(WatchState& state) = 0;
    // How many were done when the writer began.
    virtual std::uint64_t done_before() const { return 0; }
};

// A sweep in one folder.
std::unique_ptr<FolderWatch::Kind> watched_sweep(const std::string& directory, const std::string& metric);
// The shards of a sweep, each in a folder of its own, some of them perhaps not begun. With `parent` they are those in
// PARENT/shards, which may become more.
std::unique_ptr<FolderWatch::Kind> watched_shards(std::vector<std::string> folders, const std::string& parent,
                                                  const std::string& metric);
// The folders in DIR/shards that hold a shard, by number.
std::vector<std::string> shards_in(const std::string& directory);
// A recorded run, live or simulated; a validation.
std::unique_ptr<FolderWatch::Kind> watched_run(const std::string& directory);
std::unique_ptr<FolderWatch::Kind> watched_validation(const std::string& directory);

bool is_there(const std::string& path);

// The manifest, or null where there is none (yet). It appears whole.
nlohmann::ordered_json manifest_of(const std::string& directory);

// What stands at a JSON pointer, or `otherwise` if nothing of that type does.
template <class Value>
Value value_at(const nlohmann::ordered_json& document, const char* pointer, Value otherwise) {
    const nlohmann::ordered_json::json_pointer place(pointer);
    if (!document.is_object() || !document.contains(place)) return otherwise;
    try {
        return document.at(place).get<Value>();
    } catch (const nlohmann::ordered_json::exception&) {
        return otherwise;
    }
}

// Finished, running or stopped. `writer` must have been looked at before `complete` was: who ends writes that first.
WatchState::Phase phase_of(bool complete, const FolderWriter& writer, std::uint64_t done);

std::string advice_to_go_on(const FolderWriter& writer, const std::string& command);

}  // namespace laxity
