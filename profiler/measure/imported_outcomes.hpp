// Labels, and predictions with confidences, that others exported.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace laxity {

// True classes: integers in [0, classes), an array of one dimension or a file of one column. As many as there are
// samples. Throws InputError.
std::vector<std::int32_t> import_labels(const std::string& path, int classes, std::size_t samples);

// By exit, as a trace has them.
struct ImportedOutcomes {
    int exits = 0;
    std::vector<std::int32_t> label;       // empty if there is no such column
    std::vector<std::int32_t> prediction;  // row-major [sample][exit]
    std::vector<float> confidence;
};

// A table with the columns prediction_0, confidence_0, prediction_1, ... of every exit, and label unless labels are
// elsewhere; other columns are not looked at. Throws InputError for a class outside [0, classes) and a confidence
// outside [0, 1].
ImportedOutcomes import_outcomes(const std::string& path, int classes);

}  // namespace laxity
