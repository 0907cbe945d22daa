// Zygarde (Islam & Nirjon, IMWUT 4(3), 2020): urgency + uncertainty + a bonus for what is mandatory, gated by energy.
//
// The paper's, as we know it (its full text was not at hand): the units of a job are mandatory until a utility test
// first passes and optional from then on; the highest
//
//     zeta = (1 - alpha * (d - now)) + (1 - beta * psi) + gamma      alpha = 1 / largest relative deadline
//                                                                    beta = 1 / largest psi
//                                                                    gamma = 1 while mandatory, else 0
//
// runs next; on harvested power optional units run only while eta * E >= E_opt, no unit starts below the energy that it
// takes, jobs leave at their deadline or when all units are done, and a job that arrives at a full queue is lost.
//
// Our reading: psi. The paper's is the margin between the two nearest centroids of a k-means classifier; a trace holds
// the confidence of the best class only. utility=confidence takes that as psi, utility=margin takes max(0, 2 c - 1),
// the least margin to the second class that a confidence of c leaves. Both lie in [0, 1], so beta = 1. E_opt is
// `plenty` of the capacity. The length of the queue (3, from memory) is off by default, and skip is ours: the rule
// never checks that a unit can end by its deadline.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "policies/factories.hpp"
#include "policies/parts/eligibility.hpp"

namespace laxity {

namespace {

// O(N) per decision.
class Zygarde final : public Policy {
public:
    Zygarde(const TaskSet& tasks, const PolicyArguments& arguments)
        : threshold_(static_cast<float>(arguments.number("threshold"))),
          margin_(arguments.text("utility") == "margin"),
          skip_(arguments.boolean("skip")),
          queue_(static_cast<std::size_t>(arguments.integer("queue"))) {
        for (const TaskPlan& task : tasks.tasks) largest_deadline_ = std::max(largest_deadline_, task.longest_deadline);
        if (arguments.text("energy") == "off" || !tasks.energy) return;
        const double wanted_nj = arguments.number("plenty") * static_cast<double>(tasks.energy->capacity_nj);
        // eta * E >= E_opt as a level; with an eta of nothing, one that is never reached.
        plenty_nj_ = tasks.energy->eta > 0 ? std::llround(std::min(std::ceil(wanted_nj / tasks.energy->eta), 1e18))
                                           : std::int64_t{1'000'000'000'000'000'000};
        energy_ = true;
    }

    void released(const View& view, const ActiveJob& job) override {
        largest_deadline_ = std::max(largest_deadline_, job.relative_deadline());
        if (optional_.size() <= job.slot) optional_.resize(job.slot + 1);
        optional_[job.slot] = 0;
        if (queue_ > 0 && view.jobs().size() > queue_) lost_.push_back(&job);
    }

    void stage_finished(const View& view, const ActiveJob& job) override {
        if (mandatory_done(view, job) && psi(job) >= threshold_) optional_[job.slot] = 1;
    }

    void left(const View&, const ActiveJob& job) override {
        if (!lost_.empty()) std::erase(lost_, &job);
    }

    Action next(const View& view, int resource) override {
        if (!lost_.empty()) return Action::stop(*lost_.front());
        const bool plenty = !energy_ || view.energy_nj() >= plenty_nj_;
        const ActiveJob* best = nullptr;    // of what can be powered
        const ActiveJob* hungry = nullptr;  // of the rest
        for (const ActiveJob* job : view.jobs()) {
            if (!ready_on(*job, resource)) continue;
            if (skip_ && !next_stage_fits(view, *job)) {
                if (mandatory_done(view, *job)) return Action::stop(*job);
                continue;
            }
            if (optional_[job->slot] != 0 && !plenty) continue;
            const bool powered = !energy_ || job->next_energy_nj() <= view.energy_nj();
            const ActiveJob*& leader = powered ? best : hungry;
            if (leader == nullptr || before(view, *job, *leader)) leader = job;
        }
        // Where nothing can be powered, asking for it lets the power fail: the device sleeps until there is enough.
        if (best == nullptr) best = hungry;
        return best == nullptr ? Action::wait() : Action::run(*best);
    }

    std::int64_t awaited_energy_nj(const View&, int) const override { return energy_ ? plenty_nj_ : 0; }

private:
    float psi(const ActiveJob& job) const {
        return margin_ ? std::max(0.0F, 2 * job.confidence() - 1) : job.confidence();
    }

    double zeta(const View& view, const ActiveJob& job) const {
        const double urgency = 1 - static_cast<double>((job.deadline - view.now()).count()) /
                                       static_cast<double>(largest_deadline_.count());
        return urgency + (1 - static_cast<double>(psi(job))) + (optional_[job.slot] != 0 ? 0 : 1);
    }

    bool before(const View& view, const ActiveJob& a, const ActiveJob& b) const {
        const double zeta_a = zeta(view, a), zeta_b = zeta(view, b);
        return zeta_a != zeta_b ? zeta_a > zeta_b : earlier_release(a, b);
    }

    float threshold_;
    bool margin_, skip_;
    std::size_t queue_;  // 0: unbounded
    bool energy_ = false;
    std::int64_t plenty_nj_ = 0;
    Duration largest_deadline_{1};
    std::vector<std::uint8_t> optional_;  // by slot: its utility test has passed
    std::vector<const ActiveJob*> lost_;  // came to a full queue, to be stopped
};

}  // namespace

std::unique_ptr<Policy> make_zygarde(const PolicyContext& context, const PolicyArguments& arguments) {
    return std::make_unique<Zygarde>(context.tasks, arguments);
}

}  // namespace laxity
