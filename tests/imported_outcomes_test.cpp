#include "profiler/measure/imported_outcomes.hpp"

#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "traces/base/array_file.hpp"

using namespace laxity;
using Catch::Matchers::Equals;

namespace {

using Classes = std::vector<std::int32_t>;

std::string complaint(const std::string& text) {
    return error_of([&] { import_outcomes(write_test_file("answers.csv", text), 10); });
}

}  // namespace

TEST_CASE("labels are an array or a table of one column") {
    const std::vector<std::int64_t> labels{3, 0, 9};
    write_array("labels.npy", std::vector<std::size_t>{3}, labels);
    CHECK(import_labels("labels.npy", 10, 3) == Classes{3, 0, 9});
    write_array("labels.npy", std::vector<std::size_t>{3, 1}, labels);
    CHECK(import_labels("labels.npy", 10, 3) == Classes{3, 0, 9});
    CHECK(import_labels(write_test_file("labels.csv", "class\n3\n0\n"), 10, 2) == Classes{3, 0});
    CHECK(import_labels(write_test_file("labels.csv", "id,label\n7,3\n8,0\n"), 10, 2) == Classes{3, 0});
}

TEST_CASE("labels that do not fit are refused") {
    const std::vector<std::int64_t> labels{3, 10};
    write_array("labels.npy", std::vector<std::size_t>{2}, labels);
    CHECK_THAT(error_of([] { import_labels("labels.npy", 10, 2); }),
               Equals("labels.npy, element [1]: expected a class from 0 to 9, found 10; are classes counted from 0?"));
    CHECK_THAT(error_of([] { import_labels("labels.npy", 11, 3); }),
               Equals("labels.npy: expected 3 labels, one for each sample, found 2"));
    write_array("labels.npy", std::vector<std::size_t>{1, 2}, labels);
    CHECK_THAT(error_of([] { import_labels("labels.npy", 11, 2); }),
               ContainsSubstring("expected labels [samples], found an array of [1, 2]"));
    const std::vector<float> floats{1, 2};
    write_array("labels.npy", std::vector<std::size_t>{2}, floats);
    CHECK_THAT(error_of([] { import_labels("labels.npy", 10, 2); }),
               ContainsSubstring("expected integers, found elements of type float32"));
    write_test_file("labels.csv", "label\n1\n-1\n");
    CHECK_THAT(error_of([] { import_labels("labels.csv", 10, 2); }),
               StartsWith("labels.csv: line 3, column label: expected a class from 0 to 9, found -1"));
    write_test_file("labels.csv", "label\n1.5\n");
    CHECK_THAT(error_of([] { import_labels("labels.csv", 10, 1); }),
               ContainsSubstring("expected a whole number, found \"1.5\""));
}

TEST_CASE("predictions and confidences are found by the names of their columns") {
    const std::string file = write_test_file("answers.csv",
                                             "id,label,confidence_1,prediction_0,confidence_0,prediction_1\n"
                                             "a,3,0.9,2,0.5,3\nb,4,1.0000001,4,0,4\n");
    const ImportedOutcomes outcomes = import_outcomes(file, 10);
    CHECK(outcomes.exits == 2);
    CHECK(outcomes.label == Classes{3, 4});
    CHECK(outcomes.prediction == Classes{2, 3, 4, 4});
    CHECK(outcomes.confidence == std::vector<float>{0.5F, 0.9F, 0, 1});
    CHECK(import_outcomes(write_test_file("answers.csv", "prediction_0,confidence_0\n1,0.5\n"), 10).label.empty());
    CHECK(import_outcomes(
              write_test_file("answers.jsonl", "{\"prediction_0\": 1, \"confidence_0\": 0.5, \"label\": 2}\n"), 10)
              .label == Classes{2});
}

TEST_CASE("predictions that do not fit are refused with their place") {
    CHECK_THAT(complaint("prediction_0,confidence_0\n10,0.5\n"),
               Equals("answers.csv: line 2, column prediction_0: expected a class from 0 to 9, found 10; are classes "
                      "counted from 0?"));
    CHECK_THAT(complaint("prediction_0,confidence_0\n1,50\n"),
               Equals("answers.csv: line 2, column confidence_0: expected a confidence from 0 to 1, found 50"));
    CHECK_THAT(complaint("prediction_0,confidence_0\n1,\n"), ContainsSubstring("found nothing"));
    CHECK_THAT(complaint("prediction_0,prediction_1,confidence_0\n1,2,0.5\n"),
               ContainsSubstring("expected a column \"confidence_1\", found the columns"));
    CHECK_THAT(complaint("prediction_0,confidence_0,confidence_1\n1,0.5,0.6\n"),
               ContainsSubstring("expected a column \"prediction_1\""));
    CHECK_THAT(complaint("prediction_1,confidence_1\n1,0.5\n"),
               ContainsSubstring("expected a column \"prediction_0\", found the columns"));
    CHECK_THAT(complaint("prediction_0,confidence_0,label\n1,0.5,x\n"),
               ContainsSubstring("column label: expected a whole number, found \"x\""));
}
