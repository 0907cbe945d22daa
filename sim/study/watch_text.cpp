#include "sim/study/watch_text.hpp"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>

#include "traces/base/error.hpp"
#include "traces/base/text.hpp"

namespace laxity {

namespace {

using Phase = WatchState::Phase;

[[gnu::format(printf, 1, 2)]] std::string formatted(const char* format, ...) {
    std::array<char, 256> text{};
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text.data(), text.size(), format, arguments);
    va_end(arguments);
    return text.data();
}

bool is_character_start(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

std::size_t length_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_character_start));
}

// At most so many characters, the last of them dots where something was cut.
std::string cut(const std::string& text, std::size_t width) {
    if (length_of(text) <= width) return text;
    std::string kept;
    std::size_t characters = 0;
    for (const char c : text) {
        characters += is_character_start(c);
        if (characters > (width > 3 ? width - 3 : width)) break;
        kept += c;
    }
    return width > 3 ? kept + "..." : kept;
}

std::string padded(std::string text, std::size_t width) {
    return text + std::string(width > length_of(text) ? width - length_of(text) : 0, ' ');
}

std::string number(const std::optional<double>& value) { return value ? formatted("%.4f", *value) : "-"; }

std::string estimate_text(const Estimate& estimate) {
    if (!estimate.mean) return "-";
    return number(estimate.mean) + (estimate.half_width ? formatted(" +- %.4f", *estimate.half_width) : "");
}

std::optional<double> share_of(const WatchState& state) {
    if (state.share) return state.share;
    if (!state.of || *state.of == 0) return std::nullopt;
    return std::min(1.0, static_cast<double>(state.done) / static_cast<double>(*state.of));
}

std::string phase_text(const WatchState& state) {
    switch (state.phase) {
        case Phase::kStarting:
            return "starting";
        case Phase::kRunning:
            return "running";
        case Phase::kFinished:
            return "finished";
        default:
            return "stopped before its end";
    }
}

std::string counted(const WatchState& state) {
    std::string text = std::to_string(state.done);
    if (state.of && state.phase != Phase::kFinished)
        text += "/" + std::to_string(*state.of) + (state.may_grow ? " or more" : "");
    return text + " " + state.unit;
}

std::string bar(double share, std::size_t width) {
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
    return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "]";
}

// --- Lines of the whole view ---

class View {
public:
    View(const WatchState& state, const WatchLook& look) : state_(state), look_(look) {}

    std::vector<std::string> lines() {
        add(state_.directory + ": " + state_.what + ", " + phase_text(state_), kBold);
        if (look_.clock && !state_.writer.who.empty() && state_.writer.may_write()) add(state_.writer.who, kDim);
        add_progress();
        add_parts();
        add_cells();
        add_tasks();
        add_standings();
        add_notes();
        if (!state_.advice.empty()) lines_.push_back(one_line(state_.advice));
        if (lines_.size() > look_.height) lines_.resize(std::max<std::size_t>(1, look_.height));
        return std::move(lines_);
    }

private:
    enum Weight { kPlain, kBold, kDim };

    void add(const std::string& text, Weight weight) {
        std::string line = cut(one_line(text), look_.width);
        line.erase(line.find_last_not_of(' ') + 1);
        if (look_.colour && weight != kPlain) line = (weight == kBold ? "\033[1m" : "\033[2m") + line + "\033[0m";
        lines_.push_back(std::move(line));
    }

    // Lines that are still free, when so many more are wanted below.
    std::size_t room(std::size_t below) const {
        const std::size_t used = lines_.size() + below;
        return look_.height > used ? look_.height - used : 0;
    }

    void add_progress() {
        std::string line;
        if (const auto share = share_of(state_); share && state_.phase != Phase::kFinished)
            line = bar(*share, 24) + formatted(" %3.0f %%  ", 100 * *share);
        line += counted(state_);
        const std::string clock = look_.clock && state_.phase == Phase::kRunning ? watch_clock(state_) : "";
        add(line + (clock.empty() ? "" : "   " + clock), kPlain);
    }

    // One letter for each part: # complete, a digit for the tenths that are done, . not begun.
    std::string part_grid() const {
        std::string grid;
        for (const PartProgress& part : state_.parts) {
            const bool known = part.of && *part.of > 0;
            const auto tenths = known ? static_cast<int>(10 * part.done / *part.of) : 0;
            grid += part.complete   ? '#'
                    : known         ? static_cast<char>('0' + std::min(tenths, 9))
                    : part.done > 0 ? '+'
                                    : '.';
        }
        if (state_.parts_in_all && *state_.parts_in_all > grid.size()) grid.resize(*state_.parts_in_all, '.');
        return grid;
    }

    void add_parts() {
        if (state_.parts.empty() && !state_.parts_in_all) return;
        const auto complete = std::count_if(state_.parts.begin(), state_.parts.end(),
                                            [](const PartProgress& part) { return part.complete; });
        const std::size_t done =
            state_.phase == Phase::kFinished ? state_.parts.size() : static_cast<std::size_t>(complete);
        const std::size_t all = state_.parts_in_all.value_or(done);
        const bool of_all = state_.parts_in_all && state_.phase != Phase::kFinished;
        std::string line = std::to_string(done) + (of_all ? " of " + std::to_string(all) : "") + " " + state_.part +
                           (all == 1 ? "" : "s") + (of_all || state_.phase == Phase::kFinished ? "" : " done");
        if (state_.phase == Phase::kFinished) {
            add(line, kPlain);
            return;
        }
        const std::size_t letters = std::max(all, state_.parts.size());
        if (all > 1 && letters < look_.width && letters + line.size() + 2 <= look_.width) line += "  " + part_grid();
        add(line, kPlain);
        for (const PartProgress& part : state_.parts) {
            if (part.complete || part.done == 0 || room(8) == 0) continue;
            add("  " + state_.part + " " + part.name + ": " + std::to_string(part.done) +
                    (part.of ? "/" + std::to_string(*part.of) : "") + " " + state_.unit,
                kDim);
        }
    }

    void add_cells() {
        for (const ValidationCell& cell : state_.cells) {
            if (room(6) == 0) break;
            const std::string said = cell.judged ? formatted(": of %zu metrics %zu equal, %zu different", cell.metrics,
                                                             cell.equal, cell.differ)
                                                 : formatted(": %zu of %zu metrics differ", cell.differ, cell.metrics);
            add("  " + cell.name + said, kPlain);
        }
    }

    void add_tasks() {
        if (state_.tasks.empty()) return;
        std::size_t width = 4;
        for (const TaskStanding& task : state_.tasks) width = std::max(width, length_of(one_line(task.task)));
        width = std::min<std::size_t>(width, 24);
        add(padded("task", width) + "        jobs            accuracy              misses  response p50     p99 (ms)",
            kDim);
        for (const TaskStanding& task : state_.tasks) {
            if (room(2) == 0) break;
            add(padded(cut(one_line(task.task), width), width) +
                    formatted("  %10llu  %18s  %18s  %12s  %11s", static_cast<unsigned long long>(task.jobs),
                              estimate_text(task.accuracy).c_str(), estimate_text(task.misses).c_str(),
                              number(task.p50_ms).c_str(), number(task.p99_ms).c_str()),
                kPlain);
        }
    }

    std::size_t name_width() const {
        constexpr std::size_t kNumbers = 2 + 18 + 2 + 19;
        std::size_t width = 6;
        for (const Standing& standing : state_.standings) width = std::max(width, length_of(one_line(standing.policy)));
        const std::size_t most = look_.width > kNumbers + 10 ? look_.width - kNumbers : 10;
        return std::min(width, most);
    }

    // Who is best, * alone or ~ with others, as in `laxity report`.
    char mark(const Standing& standing, std::size_t best) const {
        if (!standing.among_best || !state_.tested) return ' ';
        return best == 1 ? '*' : '~';
    }

    void add_standings() {
        if (state_.standings.empty()) return;
        const auto best = static_cast<std::size_t>(std::count_if(state_.standings.begin(), state_.standings.end(),
                                                                 [](const Standing& one) { return one.among_best; }));
        add("", kPlain);
        std::string heading = state_.metric + ", mean of " + std::to_string(state_.points_judged) + " ";
        if (state_.part == "point" && state_.parts_in_all)
            heading += "of " + std::to_string(*state_.parts_in_all) + " ";
        add(heading + (state_.points_judged == 1 && !state_.parts_in_all ? "point" : "points") +
                ", 95 %; ~ cannot be told from the best, * stands alone",
            kBold);
        const std::size_t width = name_width();
        add("  " + padded("policy", width) + "              mean   minus the best", kDim);
        std::size_t left = state_.standings.size();
        for (const Standing& standing : state_.standings) {
            if (room(state_.notes.empty() ? 2 : 4) == 0) {
                add(formatted("  ... %zu more", left), kDim);
                break;
            }
            --left;
            add(std::string(1, mark(standing, best)) + " " + padded(cut(one_line(standing.policy), width), width) +
                    formatted("  %18s", estimate_text(standing.mean).c_str()) +
                    formatted("  %18s", standing.behind.mean ? estimate_text(standing.behind).c_str() : "") +
                    (standing.ranked ? "" : "  (oracle)"),
                standing.among_best && state_.tested ? kBold : kPlain);
        }
    }

    void add_notes() {
        for (const std::string& note : state_.notes) {
            if (room(1) == 0) break;
            add("note: " + note, kDim);
        }
    }

    const WatchState& state_;
    const WatchLook& look_;
    std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> watch_lines(const WatchState& state, const WatchLook& look) {
    return View(state, look).lines();
}

std::string watch_line(const WatchState& state) {
    std::string line = counted(state);
    if (state.parts_in_all) {
        const auto complete = std::count_if(state.parts.begin(), state.parts.end(),
                                            [](const PartProgress& part) { return part.complete; });
        line +=
            formatted(", %zu of %zu %ss", static_cast<std::size_t>(complete), *state.parts_in_all, state.part.c_str());
    }
    if (!state.tasks.empty())
        line += "; accuracy " + estimate_text(state.tasks.front().accuracy) + ", misses " +
                estimate_text(state.tasks.front().misses);
    if (state.standings.empty() || !state.standings.front().mean.mean) return line;
    const Standing* best = &state.standings.front();
    std::size_t others = 0;
    for (const Standing& standing : state.standings) {
        if (standing.among_best && !best->among_best) best = &standing;
        others += standing.among_best;
    }
    line += "; " + state.metric + ": " + one_line(best->policy) + " " + estimate_text(best->mean);
    if (state.tested && others > 1) line += formatted(", %zu more cannot be told from it", others - 1);
    return line;
}

std::string watch_clock(const WatchState& state) {
    std::string text;
    if (state.per_second && state.phase == Phase::kRunning) {
        text = formatted(*state.per_second < 100 ? "%.3g" : "%.0f", *state.per_second) + " " + state.unit + "/s";
        if (state.seconds_left)
            text += ", " + clock_text(*state.seconds_left) + (state.may_grow ? " or more" : "") + " left";
    }
    return text;
}

}  // namespace laxity
