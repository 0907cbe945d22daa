// Commands the emulation from outside a process, for tests of whole programs:
//   LAXITY_EMULATION_FAIL=cudaGraphLaunch:500          that call fails; with ":lost" after it, so does all that follows
//   LAXITY_EMULATION_REPORT=FILE                       gets what was broken or left, a line each, when the process ends
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/cuda_emulation/emulation.hpp"

namespace laxity::cuda_emulation {

namespace {

class Environment {
public:
    Environment() {
        reset();
        const char* text = std::getenv("LAXITY_EMULATION_FAIL");
        if (text == nullptr) return;
        std::istringstream parts(text);
        std::string function, call, lost;
        std::getline(parts, function, ':');
        std::getline(parts, call, ':');
        std::getline(parts, lost);
        (lost == "lost" ? lose_device_at : fail_at)(function, std::stoi(call));
    }
    // Before the machine's own end: it was made first.
    ~Environment() {
        const char* path = std::getenv("LAXITY_EMULATION_REPORT");
        if (path == nullptr) return;
        std::ofstream report(path);
        report << (failed() ? "failed\n" : "");
        for (const std::string& line : violations()) report << "violation: " << line << "\n";
        for (const std::string& line : leaks()) report << "leak: " << line << "\n";
    }
};

const Environment environment;

}  // namespace

}  // namespace laxity::cuda_emulation
