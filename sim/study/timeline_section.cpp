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

// What to do instead: the first repetition of a cell that has records, if one has.
std::string advice_for(const std::string& validation) {
    std::vector<std::string> cells;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(validation)) {
        if (!worlds_of({entry.path().string(), ""}).empty()) cells.push_back(entry.path().string());
    }
    if (cells.empty()) return "the records of its cells are not there; `laxity validate` makes them";
    return "name one of the folders in it, as " + *std::ranges::min_element(cells);
}

void check(bool holds, const std::string& file, const RecordNames& names, const JobId& id, const char* expected,
           const std::string& found) {
    if (holds) return;
    const std::string& task = names.tasks[static_cast<std::size_t>(id.task)];
    throw input_error(file + ": " + task + "#" + std::to_string(id.number), expected, found);
}

// What the page takes for granted, and no run breaks.
void check_records(const RecordList& records, const RecordNames& names, const std::string& directory) {
    const std::string jobs = directory + "/jobs.csv", stages = directory + "/stages.csv";
    constexpr int kMostVariants = 1 << 16;
    static_assert(kMaxStages == 64, "the messages say so");
    for (const JobRecord& job : records.jobs) {
        check(job.depth >= 0 && job.depth <= kMaxStages, jobs, names, job.id, "a depth of 0 to 64",
              std::to_string(job.depth));
        check(job.variant >= 0 && job.variant < kMostVariants, jobs, names, job.id, "a variant from 0 on",
              std::to_string(job.variant));
        check(job.left >= job.release, jobs, names, job.id, "that it left after its release", "the opposite");
    }
    for (const StageRecord& stage : records.stages) {
        check(stage.stage >= 0 && stage.stage < kMaxStages, stages, names, stage.id, "a stage of 0 to 63",
              std::to_string(stage.stage));
        check(stage.end >= stage.start, stages, names, stage.id, "that a stage ends after its start", "the opposite");
    }
}

}  // namespace

std::vector<StudyFolder> recorded_runs(const StudyFolder& folder) {
    if (has(folder.directory, "jobs.csv")) return {folder};
    const std::vector<StudyFolder> runs = worlds_of(folder);
    if (runs.empty() && has(folder.directory, "validation.csv"))
        throw input_error(folder.directory, "a sweep, a recorded run or one cell of a validation", "a whole validation",
                          advice_for(folder.directory));
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
    check_records(records, names, run.directory);
    return timeline_columns(records, names, run, text_of(run.directory + "/manifest.json"));
}

}  // namespace laxity
