// For the release, which is built with glibc 2.36 and shall run with 2.34: the two functions that are newer, defined
// here so that the executable does not ask the C library for them.
#include <dlfcn.h>
#include <link.h>
#include <sys/random.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace {

struct Search {
    std::uintptr_t address;
    dl_find_object* found;
};

std::uintptr_t place_of(const dl_phdr_info& object, const ElfW(Phdr) & header) {
    return object.dlpi_addr + header.p_vaddr;
}

// 1 if the address lies in this object, which ends the search.
int look_at(dl_phdr_info* object, std::size_t, void* data) {
    const auto& search = *static_cast<const Search*>(data);
    bool inside = false;
    void* unwind_table = nullptr;
    std::uintptr_t begin = UINTPTR_MAX, end = 0;
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr)& header = object->dlpi_phdr[i];
        const std::uintptr_t place = place_of(*object, header);
        if (header.p_type == PT_GNU_EH_FRAME) unwind_table = reinterpret_cast<void*>(place);
        if (header.p_type != PT_LOAD) continue;
        inside |= search.address - place < header.p_memsz;
        begin = std::min(begin, place);
        end = std::max(end, place + header.p_memsz);
    }
    if (!inside || unwind_table == nullptr) return 0;
    *search.found = {};
    search.found->dlfo_map_start = reinterpret_cast<void*>(begin);
    search.found->dlfo_map_end = reinterpret_cast<void*>(end);
    search.found->dlfo_eh_frame = unwind_table;
    return 1;
}

}  // namespace

// What libgcc finds the handlers of an exception with. 0 if found, else -1.
int _dl_find_object(void* address, dl_find_object* found) noexcept {
    Search search{reinterpret_cast<std::uintptr_t>(address), found};
    return dl_iterate_phdr(look_at, &search) == 1 ? 0 : -1;
}

// Of std::random_device.
std::uint32_t arc4random() noexcept {
    std::uint32_t number = 0;
    if (getrandom(&number, sizeof number, 0) != sizeof number) std::abort();
    return number;
}
