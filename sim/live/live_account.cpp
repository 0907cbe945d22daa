#include "sim/live/live_account.hpp"

#include <algorithm>

namespace laxity {

namespace {

constexpr std::size_t kNotesOfStep = 256;
constexpr Duration kLongestPart = std::chrono::seconds(1);  // of a path; longer ones are no error

}  // namespace

void LiveAccount::open(RecordSink* sink) {
    sink_ = sink;
    noted_.reserve(kNotesOfStep);
    for (LogHistogram* parts :
         {&report_.decision, &report_.lateness, &report_.handed, &report_.submitted, &report_.noticed})
        parts->reserve(kLongestPart);
    for (LiveStage& stage : report_.stages) stage.measured.reserve(kLongestPart);
}

void LiveAccount::job_left(JobRecord record, JobEnding ending) {
    record.stalled = record.stalled || stalls_.touches(record.release, record.left);
    noted_.push_back(LeftJob{record, ending});
}

void LiveAccount::stage_ended(const StageRecord& record, const PathRecord& path, LiveStage& statistics) {
    noted_.push_back(EndedStage{record, path, &statistics});
}

void LiveAccount::stall(const StallRecord& stall) {
    stalls_.add(stall);
    noted_.push_back(stall);
}

void LiveAccount::settle() {
    for (const auto& note : noted_) std::visit([this](const auto& entry) { add(entry); }, note);
    noted_.clear();
}

void LiveAccount::add(const LeftJob& job) {
    metrics_.add(job.record, job.ending);
    report_.stalls.jobs += job.record.stalled ? 1 : 0;
    if (sink_ != nullptr) sink_->job(job.record);
    left_.fetch_add(1, std::memory_order_relaxed);
}

void LiveAccount::add(const EndedStage& stage) {
    const StageRecord& record = stage.record;
    const StagePath& path = stage.path.path;
    stage.statistics->add(path.latency);
    report_.handed.add(path.decision);
    report_.submitted.add(path.submit);
    report_.noticed.add(path.notice);
    report_.stalls.stages += path.stalled > Duration(0) ? 1 : 0;
    report_.stalls.watched += path.latency;
    metrics_.stage(record.resource, record.end - record.start, record.end - record.counted_until);
    if (sink_ == nullptr) return;
    sink_->stage(record);
    sink_->path(stage.path);
}

void LiveAccount::add(const StallRecord& stall) {
    LiveStalls& all = report_.stalls;
    ++all.count;
    all.total += stall.length;
    all.longest = std::max(all.longest, stall.length);
    if (sink_ != nullptr) sink_->stall(stall);
}

}  // namespace laxity
