// Small things with text.
#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace laxity {

// "a, b, c" for the separator ", ".
inline std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) text += separator;
        text += parts[i];
    }
    return text;
}

// Time left or gone: "1:02:03", "02:03"; at most 99 hours.
inline std::string clock_text(double seconds) {
    const auto whole = static_cast<long>(std::clamp(seconds, 0.0, 359'999.0));
    std::array<char, 32> text;
    if (whole >= 3600) {
        std::snprintf(text.data(), text.size(), "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    } else {
        std::snprintf(text.data(), text.size(), "%02ld:%02ld", whole / 60, whole % 60);
    }
    return text.data();
}

}  // namespace laxity
