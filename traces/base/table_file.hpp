// Tables of text as people have them, for the whole project: CSV and its kin, and JSON lines.
//
// Fields are apart by commas, semicolons or tabs, whichever the first row has most of (tabs before semicolons before
// commas where it has as many). Quotes as in RFC 4180: "a ""b"", c" is one field, which may span lines. A byte order
// mark is skipped, lines may end in CR LF, blank lines and those that start with # are left out. Blanks around a field
// that is not quoted don't count. Every row has as many fields as the first.
//
// The first row is a header if no field of it is a number, starts as one, or says that there is none ("nan", "inf").
//
// A file whose first character is { is JSON lines: one object a line. Its columns are the first object's keys; what
// lies deeper has a JSON pointer ("/request/time") for a name. Numbers are handed on as they are written. null is an
// empty field, and lists can't be looked at.
//
// Memory is bounded whatever the file holds: a row has at most 16 MiB and 65536 fields; the file, at most 64 GiB, is
// read as it is asked for, so that its first error is found at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace laxity {

class TableFile {
public:
    // Opens the file and looks at its first row. `header` says whether there is one where it must not be guessed
    // (no matter for JSON lines). Throws InputError if the file can't be read.
    explicit TableFile(std::string path, std::optional<bool> header = {});
    TableFile(TableFile&&) noexcept;
    ~TableFile();

    const std::string& path() const;
    bool is_json_lines() const;
    // Names of the header, or the keys; empty if there is no header. A name may be empty, or there twice.
    const std::vector<std::string>& columns() const;
    std::size_t width() const;  // fields of a row; 0 if the file has no rows

    // The index of a column by name, or by its number, from "1" on, where no column has that name. Throws InputError
    // that lists the columns; a name that is there twice is an error too.
    std::size_t column(std::string_view name) const;

    // Goes on to the next row, the first time to the first; false after the last. Throws InputError: a wrong number of
    // fields, a quote that is not closed, a line that is no JSON object, bytes that are no text.
    bool next();

    // Of the row that next() came to, valid until it is called again.
    std::size_t line() const;  // where it starts, from 1 on
    std::string_view field(std::size_t column) const;
    double number(std::size_t column) const;  // throws InputError with line and column if it is none
    std::int64_t integer(std::size_t column) const;

    // "log.csv: line 17, column time", "log.csv: line 17, column 2".
    std::string place(std::size_t column) const;

    // Whether all rows so far might be numbers with a decimal comma that was taken for two fields: no header, two
    // columns, integers only.
    bool maybe_decimal_commas() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace laxity
