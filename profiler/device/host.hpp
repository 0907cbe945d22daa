// The machine around a measurement: what it is, and who else was using it meanwhile.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace laxity {

std::string cpu_model();  // "AMD EPYC 9R14"; "unknown processor" if the kernel doesn't tell

// Kernel, cores, frequency governor, clock and temperature as they are now, as far as the machine shows them.
std::map<std::string, std::string> host_details();

// Shares of all cores' time during an interval, in [0, 1].
struct Contention {
    double others = 0;         // used by other processes
    double stolen = 0;         // by other guests of the host
    std::string text() const;  // "other processes 3.1 % of 2 cores, stolen 0.4 %"
    // Latencies say as much about the neighbours as about the network: more than 5 % used by others, or 1 % stolen.
    bool noisy() const;
};

// Watches from its construction on.
class ContentionProbe {
public:
    ContentionProbe() : start_(now()) {}
    Contention so_far() const;

private:
    struct Times {  // in seconds, summed over all cores
        double busy = 0, stolen = 0, total = 0, own = 0;
    };
    static Times now();

    Times start_;
};

}  // namespace laxity
