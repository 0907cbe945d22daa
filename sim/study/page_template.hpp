// The page of a report without its data.
#pragma once

#include <string_view>

namespace laxity {

// sim/study/page/report_page.html, as it was when this program was built (cmake/EmbedFile.cmake).
std::string_view page_template();

}  // namespace laxity
