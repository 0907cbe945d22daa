// Utilisation monotonic, a baseline of RT-mDL (Ling et al., SenSys 2021: UM-NMC): fixed priorities by the tasks'
// utilisation, which is the planned cost of all stages of the variant that serves / the period.
//
// Our reading: the larger utilisation goes first (the source names the baseline and no direction; order=smallest is the
// other one), and a task without a period (closed loop, log) counts by its longest relative deadline instead.
#include <vector>

#include "policies/factories.hpp"
#include "policies/parts/served_variant.hpp"

namespace laxity {

namespace {

class ByUtilisation {
public:
    ByUtilisation(const TaskSet& tasks, const PolicyArguments& arguments)
        : largest_first_(arguments.text("order") == "largest") {
        const bool smallest = arguments.text("variant") == "smallest";
        for (const TaskPlan& task : tasks.tasks) {
            const int variant = smallest ? smallest_variant(task) : 0;
            utilisation_.push_back(utilisation(task, task.variants[static_cast<std::size_t>(variant)]));
        }
    }

    bool operator()(const ActiveJob& a, const ActiveJob& b) const {
        const double of_a = of(a), of_b = of(b);
        if (of_a != of_b) return largest_first_ ? of_a > of_b : of_a < of_b;
        return earlier_release(a, b);
    }

private:
    static double utilisation(const TaskPlan& task, const VariantPlan& variant) {
        const Duration gap = task.period > Duration::zero() ? task.period : task.longest_deadline;
        if (gap == Duration::zero()) return 0;
        return static_cast<double>(variant.cost_to.back().count()) / static_cast<double>(gap.count());
    }

    double of(const ActiveJob& job) const { return utilisation_[static_cast<std::size_t>(job.id.task)]; }

    bool largest_first_;
    std::vector<double> utilisation_;  // by task
};

}  // namespace

std::unique_ptr<Policy> make_um(const PolicyContext& context, const PolicyArguments& arguments) {
    return make_served_first(ByUtilisation(context.tasks, arguments), arguments);
}

}  // namespace laxity
