// What jobs that have not arrived yet will want: the reservations and the blocking charge of toll (ours).
#pragma once

#include <span>
#include <vector>

#include "policies/parts/outlook.hpp"
#include "policies/parts/traffic.hpp"

namespace laxity {

struct ForecastOptions {
    double inflation = 1.1;    // of the rate: a forecast that is too low costs more than one that is too high
    double memory = 0.02;      // of the moving averages, per arrival
    double fast_memory = 0.1;  // of the second average of the gap; 0 = none
};

// Arrays over deadlines are in the caller's order; times are ns. With K tasks and N deadlines, every function takes
// O(K * N) at most.
class Forecast {
public:
    Forecast(const TaskSet& tasks, const Outlooks& outlooks, const ForecastOptions& options);

    void arrived(const ActiveJob& job);

    // Sets the moment for the functions below.
    void look_at(Time now);
    // The largest mean relative deadline of a task.
    double longest_mean_deadline() const;
    // Counts the jobs that are expected to arrive and to be due within each of these times from now.
    void count_due(std::span<const float> within);

    // Raises reserved[j] to the protection level of future work that is denser than price `level` and due before
    // deadline j: mean + z * standard deviation, where P(demand > that) = price / mean density of that work. Work that
    // pays this price may take room beyond it only (Littlewood's rule, as airlines sell seats). level >= 1, ascending;
    // start with zeros.
    void reserve(int level, std::span<float> reserved);

    // The value of jobs that are expected to arrive during a stage of that length and to lose even their mandatory part
    // by waiting for its end.
    double lost_during(double stage_ns) const;

private:
    // A task's jobs before they have arrived.
    struct Fresh {
        Traffic traffic;
        double rate = 0;
        double mandatory_ns = 0, mandatory_value = 0;
        // By price; of what pays more than price `level`: mean, mean square, z, and z * root of the mean square.
        std::vector<float> work{}, square{}, quantile{}, margin{};
        std::vector<float> due{}, root_due{};  // by deadline
    };

    static Fresh fresh_jobs(const TaskPlan& task, const NetworkOutlook& network, std::span<const double> prices,
                            const ForecastOptions& options);

    void reserve_for(const Fresh& fresh, std::size_t level, std::span<float> reserved) const;
    void reserve_for_all(std::size_t level, std::span<float> reserved);

    std::vector<Fresh> fresh_;  // by task
    double inflation_;
    std::vector<float> mean_, variance_, weighted_quantile_;
};

}  // namespace laxity
