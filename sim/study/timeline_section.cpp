#include "sim/study/timeline_section.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "sim/results/records.hpp"
#include "sim/study/timeline_columns.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

bool has(const std::string& directory, const char* name) {
    std::error_code ignored;
    return std::filesystem::exists(directory + "/" + name, ignored);
}

std::string text_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<StudyFolder> worlds_of(const StudyFolder& cell) {
    std::vector<StudyFolder> runs;
    for (const char* const world : {"simulation", "live"}) {
        const std::string directory = cell.directory + "/" + world;
        if (has(directory, "jobs.csv")) runs.push_back({directory, cell.label + " " + world});
    }
    return runs;
}

// The first cell that has records, for a message.
std::string a_cell_of(const std::string& validation) {
    std::vector<std::string> cells;
    for (const auto& entry : std::filesystem::directory_iterator(validation)) {
        if (!worlds_of({entry.path().string(), ""}).empty()) cells.push_back(entry.path().string());
    }
    return cells.empty() ? validation + "/0-edf" : *std::ranges::min_element(cells);
}

}  // namespace

std::vector<StudyFolder> recorded_runs(const StudyFolder& folder) {
    if (has(folder.directory, "jobs.csv")) return {folder};
    const std::vector<StudyFolder> runs = worlds_of(folder);
    if (runs.empty() && has(folder.directory, "validation.csv"))
        throw input_error(folder.directory, "a sweep, a recorded run or one cell of a validation", "a whole validation",
                          "name one of the folders in it, as " + a_cell_of(folder.directory));
    return runs;
}

std::string timeline_section(const StudyFolder& run) {
    RecordNames names;
    const RecordList records = read_records(run.directory, names);
    if (records.jobs.size() > kMostJobsOnPage)
        throw input_error(
            run.directory + "/jobs.csv", "at most " + std::to_string(kMostJobsOnPage) + " jobs for a page",
            std::to_string(records.jobs.size()),
            "record a shorter run (--set /horizon/jobs=100000), or see a part of it with `laxity export`");
    return timeline_columns(records, names, run, text_of(run.directory + "/manifest.json"));
}

}  // namespace laxity
