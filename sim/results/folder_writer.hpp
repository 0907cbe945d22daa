// Who writes into a result folder, found out without disturbing it.
#pragma once

#include <string>

namespace laxity {

// What DIR/.lock says (sim/results/output.hpp), read and never locked: a lock held for a moment would make a command
// that starts just then refuse the folder.
struct FolderWriter {
    enum class State {
        kNone,       // nobody: no command runs there, and the last one ended by itself
        kHere,       // a process of this machine
        kElsewhere,  // one of another machine: whether it still runs can't be seen from here
        kGone,       // a process of this machine that is no more: killed, or the machine went down
    };
    State state = State::kNone;
    std::string who;      // "process 12 on host, since 2026-11-25T10:02:00Z"; empty if it is not known
    std::string since;    // UTC
    std::string command;  // the command line, shortened

    bool may_write() const { return state == State::kHere || state == State::kElsewhere; }
};

FolderWriter folder_writer(const std::string& directory);

}  // namespace laxity
