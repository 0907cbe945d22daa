// Results that are derived from one immutable object and shared by everyone who holds it: made on first use, kept as
// long as the object lives. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <typeindex>
#include <utility>

namespace laxity {

class Memo {
public:
    // The T kept under `key`, or else make(), which returns a T. `key` says everything that the T depends on besides
    // the owner. Whoever asks while it is being made waits, so that it is made once.
    template <class T, class Make>
    std::shared_ptr<const T> get(const std::string& key, Make make) {
        const std::lock_guard lock(mutex_);
        auto& place = made_[{std::type_index(typeid(T)), key}];
        if (place == nullptr) place = std::make_shared<const T>(make());
        return std::static_pointer_cast<const T>(place);
    }

private:
    std::mutex mutex_;
    std::map<std::pair<std::type_index, std::string>, std::shared_ptr<const void>> made_;
};

}  // namespace laxity
