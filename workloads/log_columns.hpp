// Which column of a table is meant, where a file may have others before it. Internal to this folder.
#pragma once

#include <cstddef>
#include <string_view>

#include "traces/base/json_reader.hpp"
#include "traces/base/table_file.hpp"

namespace laxity {

// The table that `object` names with "file"; its "header", true or false, says whether there is one where that must
// not be guessed.
TableFile open_table(const JsonReader& object, std::string_view what);

// The column that `object` names with `key`: a string is a name (or, where no column has it, a number), a number its
// place from 1 on.
std::size_t named_column(const JsonReader& object, std::string_view key, const TableFile& table);

// Refuses to take the first column where that is doubtful: it has no name, or the name of an index, or is one of
// several keys of JSON lines that doesn't say that it is a time. `key` would name the right one.
void check_first_column(const TableFile& table, std::string_view key);

// The column named by "column"; without that key the first, unless that is doubtful.
class MainColumn {
public:
    MainColumn(const JsonReader& object, const TableFile& table);

    std::size_t index() const { return index_; }
    // Looks at the row that the table came to.
    void see(const TableFile& table);
    // After the last row: throws if nobody named the column, and what it held looks like an index, or like the whole
    // part of numbers with a decimal comma.
    void check(const TableFile& table) const;

private:
    bool named_ = false;
    std::size_t index_ = 0;
    std::size_t rows_ = 0;
    bool counts_up_ = true;
    double last_ = 0;
};

}  // namespace laxity
