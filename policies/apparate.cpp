// Apparate (SOSP 2024): an input's result is released at the first exit that is sure enough, and its computation still
// runs to the end, which tells how good the exits are. Response times gain; the load does not.
//
// The paper's: release at the first exit past its threshold, and no computation saved. Our reading: confidence in place
// of the paper's uncertainty, one given threshold for all exits, not before the mandatory part is done, and jobs in
// order of arrival or of deadline. Left out: the two loops that tune thresholds and move exits at run time.
#include <algorithm>
#include <utility>
#include <vector>

#include "policies/factories.hpp"
#include "policies/parts/least_first.hpp"

namespace laxity {

namespace {

using Order = bool (*)(const ActiveJob&, const ActiveJob&);

// O(N) per decision for N active jobs.
class Apparate final : public LeastFirst<Order> {
public:
    Apparate(Order order, bool skip, float threshold) : LeastFirst(order, skip), threshold_(threshold) {}

    void stage_finished(const View& view, const ActiveJob& job) override {
        const bool sure = job.confidence() >= threshold_ && mandatory_done(view, job);
        if (sure && job.answered == 0 && job.depth < job.stages()) sure_.push_back(&job);
    }

    void left(const View&, const ActiveJob& job) override { std::erase(sure_, &job); }

    Action next(const View& view, int resource) override {
        if (sure_.empty()) return LeastFirst::next(view, resource);
        const ActiveJob* job = sure_.back();
        sure_.pop_back();
        return Action::reply(*job);
    }

private:
    float threshold_;
    std::vector<const ActiveJob*> sure_;  // to be replied to at the next decision
};

}  // namespace

std::unique_ptr<Policy> make_apparate(const PolicyContext&, const PolicyArguments& arguments) {
    const Order order = arguments.text("order") == "fifo" ? earlier_release : earlier_deadline;
    const auto threshold = static_cast<float>(arguments.number("threshold"));
    return std::make_unique<Apparate>(order, arguments.boolean("skip"), threshold);
}

}  // namespace laxity
