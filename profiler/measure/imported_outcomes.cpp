#include "profiler/measure/imported_outcomes.hpp"

#include <algorithm>
#include <optional>

#include "traces/base/array_file.hpp"
#include "traces/base/error.hpp"
#include "traces/base/table_file.hpp"
#include "traces/outcome.hpp"

namespace laxity {

namespace {

// --- Classes ---

std::int32_t class_in(std::int64_t value, int classes, const std::string& place) {
    if (value >= 0 && value < classes) return static_cast<std::int32_t>(value);
    throw input_error(place, "a class from 0 to " + std::to_string(classes - 1), std::to_string(value),
                      "are classes counted from 0?");
}

std::vector<std::int32_t> labels_of_array(const std::string& path, int classes) {
    const Array array = read_array(path);
    const bool column = array.shape().size() == 2 && array.shape()[1] == 1;
    if (array.shape().size() != 1 && !column)
        throw input_error(array.name(), "labels [samples]", "an array of " + array.shape_text());
    std::vector<std::int32_t> labels;
    for (const std::int64_t value : array.integers())
        labels.push_back(class_in(value, classes, array.place(labels.size())));
    return labels;
}

std::vector<std::int32_t> labels_of_table(const std::string& path, int classes) {
    TableFile table(path);
    const std::size_t column = table.width() == 1 ? 0 : table.column("label");
    std::vector<std::int32_t> labels;
    while (table.next()) labels.push_back(class_in(table.integer(column), classes, table.place(column)));
    return labels;
}

// --- Predictions ---

struct OutcomeColumns {
    std::vector<std::size_t> prediction, confidence;
    std::optional<std::size_t> label;
};

bool has(const TableFile& table, const std::string& name) { return std::ranges::count(table.columns(), name) > 0; }

OutcomeColumns outcome_columns(const TableFile& table) {
    OutcomeColumns columns;
    for (std::string exit = "0"; has(table, "prediction_" + exit); exit = std::to_string(columns.prediction.size())) {
        columns.prediction.push_back(table.column("prediction_" + exit));
        columns.confidence.push_back(table.column("confidence_" + exit));
    }
    if (columns.prediction.empty()) table.column("prediction_0");  // says which columns there are
    const std::string next = "confidence_" + std::to_string(columns.prediction.size());
    if (has(table, next)) table.column("prediction_" + std::to_string(columns.prediction.size()));
    if (columns.prediction.size() > kMaxStages) {
        throw input_error(table.path(), "at most " + std::to_string(kMaxStages) + " exits",
                          std::to_string(columns.prediction.size()));
    }
    if (has(table, "label")) columns.label = table.column("label");
    return columns;
}

float share_in(const TableFile& table, std::size_t column) {
    constexpr double kRounding = 1e-6;  // of a softmax in float32
    const double value = table.number(column);
    if (value >= 0 && value <= 1 + kRounding) return std::min(static_cast<float>(value), 1.0F);
    throw input_error(table.place(column), "a confidence from 0 to 1", std::string(table.field(column)));
}

}  // namespace

std::vector<std::int32_t> import_labels(const std::string& path, int classes, std::size_t samples) {
    const auto labels = is_array_path(path) ? labels_of_array(path, classes) : labels_of_table(path, classes);
    if (labels.size() == samples) return labels;
    throw input_error(path, std::to_string(samples) + " labels, one for each sample", std::to_string(labels.size()));
}

ImportedOutcomes import_outcomes(const std::string& path, int classes) {
    TableFile table(path);
    const OutcomeColumns columns = outcome_columns(table);
    ImportedOutcomes outcomes;
    outcomes.exits = static_cast<int>(columns.prediction.size());
    while (table.next()) {
        for (std::size_t exit = 0; exit < columns.prediction.size(); ++exit) {
            const std::size_t column = columns.prediction[exit];
            outcomes.prediction.push_back(class_in(table.integer(column), classes, table.place(column)));
            outcomes.confidence.push_back(share_in(table, columns.confidence[exit]));
        }
        if (columns.label)
            outcomes.label.push_back(class_in(table.integer(*columns.label), classes, table.place(*columns.label)));
    }
    return outcomes;
}

}  // namespace laxity
