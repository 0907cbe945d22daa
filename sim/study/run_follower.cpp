#include "sim/study/run_follower.hpp"

#include <deque>
#include <numeric>
#include <optional>

#include "sim/study/growing_csv.hpp"
#include "sim/study/run_table_builder.hpp"
#include "traces/base/error.hpp"
#include "traces/base/text.hpp"

namespace laxity {

struct RunFollower::State {
    std::vector<std::string> folders, measures;
    SweptPlan plan;
    std::deque<GrowingCsv> files;
    std::vector<std::uint64_t> rows;  // by file
    std::optional<RunTableBuilder> builder;
    std::vector<std::string> header;

    void check_header(const CsvColumns& csv) {
        if (!builder) {
            builder.emplace(folders.front(), plan, csv, measures);
            header = csv.names();
        }
        if (csv.names() != header)
            throw input_error(csv.path(), "the columns of " + files.front().path(), joined(csv.names(), ","),
                              "name the shards of one sweep");
    }
};

RunFollower::RunFollower(const std::vector<std::string>& folders, std::vector<std::string> measures)
    : state_(std::make_unique<State>()) {
    state_->folders = folders;
    state_->measures = std::move(measures);
    state_->plan = read_swept_plan(folders.front());
    for (const std::string& folder : folders) state_->files.emplace_back(folder + "/runs.csv");
    state_->rows.resize(folders.size());
}

RunFollower::~RunFollower() = default;
RunFollower::RunFollower(RunFollower&&) noexcept = default;
RunFollower& RunFollower::operator=(RunFollower&&) noexcept = default;

bool RunFollower::read_on() {
    for (std::size_t i = 0; i < state_->files.size(); ++i) {
        GrowingCsv& file = state_->files[i];
        if (!file.look()) return false;
        if (file.csv() == nullptr) continue;
        CsvColumns& csv = *file.csv();
        state_->check_header(csv);
        for (; csv.next(); ++state_->rows[i]) state_->builder->add(csv);
    }
    return true;
}

std::uint64_t RunFollower::rows() const {
    return std::accumulate(state_->rows.begin(), state_->rows.end(), std::uint64_t{0});
}

const std::vector<std::uint64_t>& RunFollower::rows_by_folder() const { return state_->rows; }

RunTable RunFollower::table() const {
    if (!state_->builder) return {};
    RunTableBuilder so_far = *state_->builder;
    return so_far.build_so_far();
}

}  // namespace laxity
