#include "sim/study/depth_counts.hpp"

#include <charconv>
#include <unordered_map>

#include "sim/study/csv_columns.hpp"

namespace laxity {

namespace {

constexpr std::string_view kColumn = "depth_histogram";

// Fields to the number of the tuple that they make.
class Numbers {
public:
    void add(const std::vector<std::string>& fields) {
        std::string key;
        for (const std::string& field : fields) key += field + '\x1f';
        numbers_.try_emplace(std::move(key), numbers_.size());
    }
    std::optional<std::size_t> of(const CsvColumns& csv, const std::vector<std::size_t>& columns) const {
        std::string key;
        for (const std::size_t column : columns) (key += csv.field(column)) += '\x1f';
        const auto place = numbers_.find(key);
        return place == numbers_.end() ? std::nullopt : std::optional(place->second);
    }

private:
    std::unordered_map<std::string, std::size_t> numbers_;
};

void add_counts(const CsvColumns& csv, std::size_t column, std::vector<std::uint64_t>& sums) {
    const std::string_view field = csv.field(column);
    const char* at = field.data();
    const char* const end = at + field.size();
    for (std::size_t depth = 0; at != end; ++depth) {
        std::uint64_t count = 0;
        const auto [next, error] = std::from_chars(at, end, count);
        const bool last = next == end;
        if (error != std::errc() || (!last && *next != ';') || next + 1 == end)
            csv.fail(column, "counts with ; between, as 12;34");
        if (depth == sums.size()) sums.push_back(0);
        sums[depth] += count;
        at = last ? end : next + 1;
    }
}

// The histograms' columns, and of which task each is.
std::vector<std::pair<std::size_t, DepthCounts>> counted_columns(const CsvColumns& csv, std::size_t cells) {
    std::vector<std::pair<std::size_t, DepthCounts>> columns;
    for (std::size_t i = 0; i < csv.names().size(); ++i) {
        const std::string& name = csv.names()[i];
        if (name == kColumn)
            columns.push_back({i, {"", std::vector<std::vector<std::uint64_t>>(cells)}});
        else if (name.ends_with("." + std::string(kColumn)))
            columns.push_back(
                {i,
                 {name.substr(0, name.size() - kColumn.size() - 1), std::vector<std::vector<std::uint64_t>>(cells)}});
    }
    return columns;
}

}  // namespace

std::vector<DepthCounts> read_depth_counts(const RunTable& table) {
    CsvColumns csv(table.file());
    auto columns = counted_columns(csv, table.points().size() * table.competitors().size());
    if (columns.empty()) return {};
    Numbers points, competitors;
    for (const auto& point : table.points()) points.add(point);
    for (const Competitor& competitor : table.competitors()) {
        std::vector<std::string> fields = {competitor.policy};
        fields.insert(fields.end(), competitor.values.begin(), competitor.values.end());
        competitors.add(fields);
    }
    std::vector<std::size_t> point_columns, competitor_columns = {csv.at("policy")};
    for (const RunAxis& axis : table.workload_axes()) point_columns.push_back(csv.at(axis.column));
    for (const RunAxis& axis : table.policy_axes()) competitor_columns.push_back(csv.at(axis.column));
    while (csv.next()) {
        const auto point = points.of(csv, point_columns), competitor = competitors.of(csv, competitor_columns);
        if (!point || !competitor) continue;  // a sweep that still runs wrote it after the table was read
        const std::size_t cell = *point * table.competitors().size() + *competitor;
        for (auto& [column, counts] : columns) add_counts(csv, column, counts.cells[cell]);
    }
    std::vector<DepthCounts> result;
    for (auto& [column, counts] : columns) result.push_back(std::move(counts));
    return result;
}

}  // namespace laxity
