#include "sim/results/inputs.hpp"

#include "traces/base/error.hpp"
#include "traces/base/sha256.hpp"

namespace laxity {

InputHashes hashes_of(const std::vector<std::string>& paths) {
    InputHashes hashes;
    for (const std::string& path : paths) hashes.emplace(path, sha256_of_file(path));
    return hashes;
}

std::string changed(const InputHashes& then) {
    for (const auto& [path, hash] : then) {
        try {
            if (sha256_of_file(path) != hash) return one_line(path) + " has changed";
        } catch (const InputError&) {
            return one_line(path) + " is gone";
        }
    }
    return {};
}

std::string changed(const InputHashes& then, const InputHashes& now) {
    for (const auto& [path, hash] : then) {
        const auto same = now.find(path);
        if (same == now.end()) return one_line(path) + " is not used any more";
        if (same->second != hash) return one_line(path) + " has changed";
    }
    for (const auto& [path, hash] : now)
        if (then.count(path) == 0) return one_line(path) + " is new";
    return {};
}

}  // namespace laxity
