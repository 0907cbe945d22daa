// The protocol of a validation on a device: windows and live runs, and the simulation of each repetition once the
// window after it is there.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/validation_plan.hpp"
#include "sim/live/live_service.hpp"
#include "sim/live/protocol.hpp"
#include "sim/live/repetition.hpp"
#include "sim/live/validation_files.hpp"
#include "sim/live/window.hpp"

namespace laxity {

// Which live runs' records are kept: they are large.
enum class KeptRecords { kNone, kFirst, kAll };

struct LiveWorldOptions {
    Wait wait = Wait::kSpin;
    double window_seconds = 1;  // 0: no windows
    int lucks = 5;
    bool explain = false;
    KeptRecords records = KeptRecords::kFirst;
    std::string out;  // empty: nothing is written
};

using PolicyDecisions = std::map<std::string, std::optional<DecisionTimes>>;  // by policy

class LiveWorld final : public ValidationWorld {
public:
    // All outlive it. Makes windows.csv, repetitions.csv and budgets.csv if there is a folder, or goes on with those
    // that are there: `earlier` attempts are the ones in them (sim/live/earlier_attempts.hpp).
    LiveWorld(const ValidationPlan& plan, LiveService& service, const PolicyDecisions& decisions,
              const Steadiness& steadiness, LiveWorldOptions options, std::vector<MeasuredAttempt> earlier);

    WindowSpeed window() override;
    Disturbance live(const LiveTurn& turn, std::size_t left) override;
    void measured(const Attempt& attempt) override;

    // Of every attempt that was measured, the earlier ones first; the caller tells them which count.
    std::vector<MeasuredAttempt>& attempts() { return attempts_; }
    void close();

private:
    void open_files();

    // A live run that waits for the window after it.
    struct Pending {
        RecordList records;
        std::string contention;
    };

    bool keeps_records(const LiveTurn& turn) const;
    RunOptions options_of(const LiveTurn& turn, const char* world) const;
    std::string title_of(const LiveTurn& turn, std::size_t left) const;
    std::unique_ptr<RunOutput> open_records(const LiveTurn& turn, const char* world, const std::string& what) const;
    MeasuredTraces traces_around();
    void warn_of_short_windows();

    const ValidationPlan& plan_;
    LiveService& service_;
    const PolicyDecisions& decisions_;
    const Steadiness& steadiness_;
    LiveWorldOptions options_;
    std::vector<MeasurableNetwork> networks_;
    CorePlan cores_;
    std::optional<MeasuredWindow> before_, after_;  // the last two windows
    std::size_t windows_ = 0, runs_ = 0;
    bool warned_ = false;  // of windows that are too short
    Pending pending_;
    std::vector<MeasuredAttempt> attempts_;
    std::optional<WindowsCsv> windows_csv_;
    std::optional<RepetitionsCsv> repetitions_csv_;
    std::optional<BudgetsCsv> budgets_csv_;
};

}  // namespace laxity
