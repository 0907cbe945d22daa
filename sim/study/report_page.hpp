// A report to look at: one HTML file that needs nothing else, neither network nor server.
//
// The page is a template that is part of this program (its sources: sim/study/page/, made into one file by
// scripts/bundle_page), and sections of data put into it. Data never becomes markup or script: the sections are JSON in
// blocks that no browser runs, every `<` in them is escaped, and the page writes text as text.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/study/report.hpp"

namespace laxity {

// What one view, or several, of the page show. `kind` is how a view asks for it: "study", "timeline"; several of one
// kind are shown together or one by one. `json` is any JSON; its bytes are in the file as they are, but for what could
// end the block.
struct PageSection {
    std::string kind;
    std::string json;
};

// The whole file. Same sections, same bytes. Throws std::logic_error if `kind` is not of small letters and hyphens.
std::string report_page(std::span<const PageSection> sections);

// The report on these folders as such a page: a section for each; for a folder with the records of a run or of a
// validated cell a timeline instead (timeline_section.hpp). Policies, metric, axis and baseline of `options` are
// what it shows first; `where` leaves out points and policies, `best` adds rows, `level` is that of all intervals.
// Throws InputError as select_for_report() does; a study without a finished run is no error.
std::string report_page(const std::vector<StudyFolder>& folders, const ReportOptions& options);

}  // namespace laxity
