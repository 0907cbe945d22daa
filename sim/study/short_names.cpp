#include "sim/study/short_names.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>

namespace laxity {

namespace {

constexpr std::string_view kBetweenWords = "/-_.";

bool is_between(char c) { return kBetweenWords.find(c) != std::string_view::npos; }

// How many characters at the start, or read from the end, all names share.
template <class CharacterAt>
std::size_t shared(const std::vector<std::string>& names, const CharacterAt& at) {
    std::size_t shortest = names.front().size();
    for (const std::string& name : names) shortest = std::min(shortest, name.size());
    std::size_t count = 0;
    const auto same = [&](const std::string& name) { return at(name, count) == at(names.front(), count); };
    while (count < shortest && std::all_of(names.begin(), names.end(), same)) ++count;
    return count;
}

// The common beginning, up to the end of a word: it ends with a character that is between words.
std::size_t common_start(const std::vector<std::string>& names) {
    std::size_t count = shared(names, [](const std::string& name, std::size_t i) { return name[i]; });
    while (count > 0 && !is_between(names.front()[count - 1])) --count;
    return count;
}

std::size_t common_end(const std::vector<std::string>& names) {
    const auto from_end = [](const std::string& name, std::size_t i) { return name[name.size() - 1 - i]; };
    std::size_t count = shared(names, from_end);
    while (count > 0 && !is_between(from_end(names.front(), count - 1))) --count;
    return count;
}

}  // namespace

std::vector<std::string> short_names(const std::vector<std::string>& names) {
    const auto is_path = [](const std::string& name) { return name.find('/') != std::string::npos; };
    if (names.empty() || !std::all_of(names.begin(), names.end(), is_path)) return names;
    if (names.size() == 1) {
        const std::string stem = std::filesystem::path(names.front()).stem().string();
        return stem.empty() ? names : std::vector{stem};
    }
    const std::size_t start = common_start(names), end = common_end(names);
    std::vector<std::string> shortened;
    for (const std::string& name : names) {
        if (name.size() <= start + end) return names;
        shortened.push_back(name.substr(start, name.size() - start - end));
    }
    return shortened;
}

}  // namespace laxity
