// Round robin: one stage each in turn.
#include <optional>

#include "policies/factories.hpp"
#include "policies/parts/least_first.hpp"

namespace laxity {

namespace {

// Active jobs stand in a ring in order of arrival (earlier_release). Each resource serves, next, the first ready job
// behind the one that it served last, and after the last of the ring the first again. So a round gives every job one
// stage, and a job that arrives during a round joins its end. With skip as in LeastFirst. O(N) per decision.
class RoundRobin final : public Policy {
public:
    RoundRobin(std::size_t resources, bool skip) : served_(resources), skip_(skip) {}

    Action next(const View& view, int resource) override {
        std::optional<Place>& served = served_[static_cast<std::size_t>(resource)];
        const ActiveJob* first = nullptr;   // of the ring
        const ActiveJob* behind = nullptr;  // first behind the one that was served last
        for (const ActiveJob* job : view.jobs()) {
            if (!ready_on(*job, resource)) continue;
            if (skip_ && !next_stage_fits(view, *job)) {
                if (mandatory_done(view, *job)) return Action::stop(*job);
                continue;
            }
            if (first == nullptr || earlier_release(*job, *first)) first = job;
            if (!served || !served->before(*job)) continue;
            if (behind == nullptr || earlier_release(*job, *behind)) behind = job;
        }
        const ActiveJob* chosen = behind != nullptr ? behind : first;
        if (chosen == nullptr) return Action::wait();
        served = Place{chosen->release, chosen->id};
        return Action::run(*chosen);
    }

private:
    // A place in the ring; it outlives the job that stood there.
    struct Place {
        Time release;
        JobId id;

        bool before(const ActiveJob& job) const {
            if (release != job.release) return release < job.release;
            if (id.task != job.id.task) return id.task < job.id.task;
            return id.number < job.id.number;
        }
    };

    std::vector<std::optional<Place>> served_;  // by resource
    bool skip_;
};

}  // namespace

std::unique_ptr<Policy> make_rr(const PolicyContext& context, const PolicyArguments& arguments) {
    return std::make_unique<RoundRobin>(context.tasks.resources.size(), arguments.boolean("skip"));
}

}  // namespace laxity
