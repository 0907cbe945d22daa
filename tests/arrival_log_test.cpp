// Logs of requests in the forms that people have them.
#include "workloads/arrival_log.hpp"

#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "workloads/arrivals.hpp"
#include "workloads/workload.hpp"

using namespace laxity;
using namespace std::chrono_literals;

namespace {

constexpr const char* kTask = R"({"name": "NAME", "variants": [{"synthetic": {"stages": [1, 1], "unit": "ms",
    "accuracy": [0.7, 0.8]}}], "arrival": {"process": "log", "file": "arrival_log_test.csv" KEYS} DEADLINE})";
constexpr const char* kFixed = R"(, "deadline": {"fixed": 20, "unit": "ms"})";

void replace(std::string& text, const std::string& what, const std::string& by) {
    text.replace(text.find(what), what.size(), by);
}

std::string task_text(const std::string& name, const std::string& keys, const std::string& deadline) {
    std::string task = kTask;
    replace(task, "NAME", name);
    replace(task, "KEYS", keys.empty() ? "" : ", " + keys);
    replace(task, "DEADLINE", deadline);
    return task;
}

Workload workload_of(const std::string& tasks) {
    return load_workload(write_test_file("arrival_log_test.json", R"({"schema": "laxity.workload/1", "tasks": [)" +
                                                                      tasks + R"(], "horizon": {"jobs": 100}})"));
}

LogArrivals log_of(const std::string& csv, const std::string& keys, const std::string& deadline = kFixed) {
    write_test_file("arrival_log_test.csv", csv);
    return std::get<LogArrivals>(workload_of(task_text("t", keys, deadline)).tasks[0].arrivals);
}

std::vector<std::int64_t> releases(const std::string& csv, const std::string& keys) {
    std::vector<std::int64_t> ns;
    for (const Time time : log_of(csv, keys).releases) ns.push_back(to_ns(time));
    return ns;
}

std::string refusal(const std::string& csv, const std::string& keys, const std::string& deadline = kFixed) {
    return error_of([&] { log_of(csv, keys, deadline); });
}

using Ns = std::vector<std::int64_t>;
using Catch::Contains;
const std::string kSeconds = R"("unit": "s")", kMs = R"("unit": "ms")", kFirst = R"("from": "first")";

}  // namespace

TEST_CASE("a log in the forms that spreadsheets and programs write") {
    const Ns expected{250'000'000, 500'000'000};
    CHECK(releases("\xEF\xBB\xBF"
                   "0.25\r\n0.5\r\n",
                   kSeconds) == expected);
    CHECK(releases("# edge\n\ntime;size\n0.25;3\n0.5;4\n", kSeconds) == expected);
    CHECK(releases("0.25\t3\n0.5\t4", kSeconds) == expected);
    CHECK(releases("\"0.25\",\"a\nb, \"\"c\"\"\"\n\"5e-1\",\"y\"\n", kSeconds) == expected);
    CHECK(releases("{\"a\": 1, \"x\": {\"t\": 250}}\n{\"x\": {\"t\": 500}, \"a\": 2}\n",
                   kMs + R"(, "column": "/x/t")") == expected);
    CHECK(releases("{\"t\": 0.25}\n{\"t\": 0.5}\n", kSeconds) == expected);
    CHECK(releases("1,2\n0.25,0.25\n0.5,0.5\n", kSeconds + R"(, "header": true)") == expected);
}

TEST_CASE("a log's column by name and number") {
    CHECK(releases(",arrival\n0,1\n1,2\n", kSeconds + R"(, "column": "arrival")") == Ns{1'000'000'000, 2'000'000'000});
    CHECK(releases("a,1\nb,2\n", kSeconds + R"(, "column": 2)") == Ns{1'000'000'000, 2'000'000'000});
    CHECK_THAT(refusal("a,1\n", kSeconds + R"(, "column": 3)"), Contains("/tasks/0/arrival/column"));
    CHECK_THAT(refusal("id,time\n1,2\n", kSeconds + R"(, "column": "x")"), Contains("\"id\", \"time\""));
    CHECK_THAT(refusal("k,2,x\n5,6,7\n", kSeconds + R"(, "header": true, "column": 3.5)"), Contains("column"));
    CHECK_THAT(refusal("k,x,2\n5,6,7\n", kSeconds + R"(, "header": true, "column": 2)"), Contains("quotes"));
}

TEST_CASE("a log's first column is not taken where it may be another") {
    CHECK_THAT(refusal(",arrival\n0,0.25\n1,0.5\n", kSeconds), Contains("\"column\": \"arrival\""));
    CHECK_THAT(refusal("Unnamed: 0,arrival\n0,0.25\n", kSeconds), Contains("column"));
    CHECK_THAT(refusal("0,0.25\n1,0.5\n2,0.75\n", kSeconds), Contains("counts rows"));
    CHECK_THAT(refusal("0,25\n0,50\n", kSeconds), Contains("comma"));
    CHECK_THAT(refusal("0,25;1\n0,50;2\n", kSeconds), Contains("comma"));
    CHECK_THAT(refusal("time\n0,25\n0,50\n", kSeconds), Contains("comma"));
    CHECK_THAT(refusal("\"0,25\"\n", kSeconds), Contains("comma"));
    CHECK_THAT(refusal("{\"size\": 3, \"t\": 1}\n", kSeconds), Contains("column"));
    CHECK(releases("0,25\n1,50\n", kSeconds + R"(, "column": 1)") == Ns{0, 1'000'000'000});
}

TEST_CASE("times since 1970 and calendar times are counted from a time") {
    const Ns expected{0, 250'000'000};
    CHECK(releases("1700000000.25\n1700000000.5\n", kSeconds + ", " + kFirst) == expected);
    CHECK(releases("1700000000250\n1700000000500\n", kMs + ", " + kFirst) == expected);
    CHECK(releases("1700000000000000001\n1700000000000000003\n", R"("unit": "ns", "from": "first")") == Ns{0, 2});
    CHECK(releases("2023-11-16 18:00:00.25\n2023-11-16T19:00:00.50+01:00\n", kFirst) == expected);
    CHECK(releases("2023-11-16 18:00:00.25\n", R"("from": "2023-11-16T18:00Z")") == Ns{250'000'000});
    CHECK(releases("100.25\n", kSeconds + R"(, "from": 100)") == Ns{250'000'000});
    CHECK_THAT(refusal("1700000000.25\n", kSeconds), Contains("\"from\": \"first\""));
    CHECK_THAT(refusal("2023-11-16 18:00\n", kSeconds), Contains("\"from\": \"first\""));
    CHECK_THAT(refusal("1700000000\n", R"("from": "first")"), Contains("\"unit\""));
    CHECK_THAT(refusal("5\n", kSeconds + R"(, "from": 6)"), Contains("line 1"));
    CHECK_THAT(refusal("5\n", kSeconds + R"(, "from": "2023-11-16")"), Contains("/from"));
    CHECK_THAT(refusal("2023-11-16\n7\n", kSeconds + ", " + kFirst), Contains("line 2"));
    CHECK_THAT(refusal("2023-11-16 18:00:00.1234567891\n", kFirst), Contains("nine digits"));
    CHECK_THAT(refusal("1700000000250000000000\n", kSeconds + ", " + kFirst), Contains("\"unit\""));
    CHECK_THAT(refusal("1700\n1800001700\n", kSeconds + ", " + kFirst), Contains("1e8 s"));
}

TEST_CASE("a log out of order is sorted if that is asked for, ties in the order of the file") {
    CHECK_THAT(refusal("0.5\n0.25\n", kSeconds), Contains("line 2") && Contains("ascending") && Contains("sort"));
    const LogArrivals log = log_of("2,0\n1,1\n1,0\n", kSeconds + R"(, "column": 1, "sort": true, "from": "first",
        "sample_column": 2)",
                                   kFixed);
    CHECK(log.releases == std::vector<Time>{at_ns(0), at_ns(0), at_ns(1'000'000'000)});
    CHECK(log.samples == std::vector<std::uint32_t>{1, 0, 0});
    CHECK(log.first == "1");
    CHECK(log.last == "2");
}

TEST_CASE("stretching a log leaves the time before its first request out of the mean gap") {
    CHECK(releases("100.0\n100.5\n101.0\n", kSeconds + R"(, "from": "first", "load": 0.5)") ==
          Ns{0, 4'000'000, 8'000'000});
    CHECK_THAT(refusal("1\n", kSeconds + R"(, "load": 1)"), Contains("times that differ"));
}

TEST_CASE("a log's deadlines, relative or as times, with the task's for requests without") {
    const std::string keys = kSeconds + R"(, "deadline_column": "by")";
    CHECK(log_of("t,by\n1,0.5\n2,1\n", keys, "").deadlines == std::vector<Duration>{500ms, 1s});
    CHECK(log_of("t,by\n1,5\n", keys + R"(, "deadline_unit": "ms")", "").deadlines == std::vector<Duration>{5ms});
    CHECK(log_of("t,by\n1,1.5\n", keys + R"(, "deadline_from": "log")", "").deadlines == std::vector<Duration>{500ms});
    CHECK_THAT(refusal("t,by\n1,1\n", keys + R"(, "deadline_from": "log")", ""), Contains("after the release"));
    CHECK_THAT(refusal("t,by\n1,0\n", keys, ""), Contains("line 2, column by"));
    CHECK_THAT(refusal("t,by\n1,\n", keys, ""), Contains("request 1 has no deadline"));
    write_test_file("arrival_log_test.csv", "t,by\n1,\n2,1\n");
    const Workload workload = workload_of(task_text("t", keys, kFixed));
    CHECK(workload.tasks[0].deadline.low == 20ms);
    CHECK(workload.tasks[0].deadline.high == 1s);
    std::vector<JobFate> fates(2);
    JobFates(workload, 0, 7).fill(0, fates);
    CHECK(fates[0].relative_deadline == 20ms);
    CHECK(fates[1].relative_deadline == 1s);
    CHECK(JobFates(workload, 0, 7).at(1).relative_deadline == 1s);
}

TEST_CASE("a log's inputs are of the replayed half") {
    const std::string keys = kSeconds + R"(, "sample_column": "in")";
    write_test_file("arrival_log_test.csv", "t,in\n1,0\n2,3\n");
    const Workload workload = workload_of(task_text("t", keys, kFixed));
    const auto half = replay_half(workload.tasks[0].variants[0].trace->samples.count());
    const JobFates fates(workload, 0, 7);
    CHECK(fates.at(0).sample == half[0]);
    CHECK(fates.at(1).sample == half[3]);
    CHECK_THAT(refusal("t,in\n1,-1\n", keys), Contains("line 2, column in"));
    CHECK_THAT(refusal("t,in\n1," + std::to_string(half.size()) + "\n", keys), Contains("replayed half"));
    CHECK_THAT(refusal("t,in\n1,x\n", keys), Contains("whole number"));
}

TEST_CASE("several tasks share a log") {
    const std::string keys = kSeconds + R"(, "task_column": "model", "from": "first")";
    write_test_file("arrival_log_test.csv", "t,model\n5,A\n6,B\n6,A\n");
    const Workload both = workload_of(task_text("A", keys, kFixed) + "," + task_text("B", keys, kFixed));
    CHECK(std::get<LogArrivals>(both.tasks[0].arrivals).releases == std::vector<Time>{at_ns(0), at_ns(1'000'000'000)});
    CHECK(std::get<LogArrivals>(both.tasks[1].arrivals).releases == std::vector<Time>{at_ns(1'000'000'000)});
    CHECK_THAT(error_of([&] { workload_of(task_text("A", keys, kFixed)); }), Contains("line 3") && Contains("\"B\""));
    CHECK_THAT(error_of([&] {
                   workload_of(task_text("A", keys, kFixed) + "," + task_text("B", keys, kFixed) + "," +
                               task_text("C", keys, kFixed));
               }),
               Contains("at least one row of the task \"C\""));
}

TEST_CASE("a log without a time, or with keys that need others") {
    CHECK_THAT(refusal("# nothing\n\n", kSeconds), Contains("at least one time"));
    CHECK_THAT(refusal("0.25\nnot a time\n0.5\n", kSeconds), Contains("line 2"));
    CHECK_THAT(refusal("1\n", kSeconds + R"(, "deadline_unit": "ms")"), Contains("deadline_column"));
    CHECK_THAT(refusal("1\n", kSeconds + R"(, "colum": 1)"), Contains("column"));
}
