#include "profiler/device/host.hpp"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <thread>

namespace laxity {

namespace {

std::optional<std::string> first_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line) || line.empty()) return std::nullopt;
    return line;
}

// The value of a "key : value" line of /proc/cpuinfo, of the first core that has one.
std::optional<std::string> cpuinfo(const std::string& key) {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        const std::size_t colon = line.find(':');
        if (!line.starts_with(key) || colon == std::string::npos || colon + 2 > line.size()) continue;
        return line.substr(colon + 2);
    }
    return std::nullopt;
}

std::string decimals(const char* format, double value) {
    char text[64];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

std::string clock_text() {
    if (const auto khz = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq")) {
        return decimals("%.0f MHz", std::strtod(khz->c_str(), nullptr) * 1e-3);
    }
    const auto mhz = cpuinfo("cpu MHz");
    return mhz ? decimals("%.0f MHz", std::strtod(mhz->c_str(), nullptr)) + " (as reported to the guest or at boot)"
               : "not visible";
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

std::string cpu_model() { return cpuinfo("model name").value_or("unknown processor"); }

std::map<std::string, std::string> host_details() {
    std::map<std::string, std::string> details;
    utsname system{};
    if (uname(&system) == 0)
        details["kernel"] = std::string(system.sysname) + " " + system.release + " " + system.machine;
    details["cores"] = std::to_string(std::thread::hardware_concurrency());
    details["governor"] = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").value_or("not visible");
    details["clock"] = clock_text();
    if (const auto milli = first_line("/sys/class/thermal/thermal_zone0/temp")) {
        details["temperature"] = decimals("%.0f C", std::strtod(milli->c_str(), nullptr) * 1e-3);
    }
    if (const auto load = first_line("/proc/loadavg")) details["load average"] = load->substr(0, load->find(' '));
    return details;
}

bool Contention::noisy() const {
    constexpr double kOthers = 0.05, kStolen = 0.01;
    return others > kOthers || stolen > kStolen;
}

std::string Contention::text() const {
    return "other processes " + decimals("%.1f", 100 * others) + " % of " +
           std::to_string(std::thread::hardware_concurrency()) + " cores, stolen " + decimals("%.1f", 100 * stolen) +
           " %";
}

// /proc/stat: user nice system idle iowait irq softirq steal ... in clock ticks (proc(5)).
ContentionProbe::Times ContentionProbe::now() {
    std::ifstream file("/proc/stat");
    std::string name;
    double user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
    file >> name >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal;
    const double tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    Times times;
    times.busy = (user + nice + system + irq + softirq) * tick;
    times.stolen = steal * tick;
    times.total = times.busy + times.stolen + (idle + iowait) * tick;
    times.own = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    return times;
}

Contention ContentionProbe::so_far() const {
    const Times end = now();
    const double total = end.total - start_.total;
    if (total <= 0) return {};
    const double others = (end.busy - start_.busy) - (end.own - start_.own);
    return {std::clamp(others / total, 0.0, 1.0), std::clamp((end.stolen - start_.stolen) / total, 0.0, 1.0)};
}

}  // namespace laxity
