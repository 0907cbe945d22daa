#include "workloads/arrivals_file.hpp"

#include <limits>

#include "workloads/arrival_counts.hpp"
#include "workloads/arrival_log.hpp"
#include "workloads/file_parts.hpp"

namespace laxity {

namespace {

Arrivals read_periodic(const JsonReader& reader, const TaskScale& scale) {
    reader.only_keys({"process", "period", "load", "rate", "offset", "jitter", "unit"});
    const double unit = reader.has("unit") ? unit_ns(reader, scale.full_ns) : 0;
    const auto time = [&](std::string_view key) {
        if (reader.has(key)) reader.at("unit");
        return read_time_or_zero(reader, key, unit);
    };
    const PeriodicArrivals arrivals{nanoseconds_from(mean_gap_ns(reader, "period", scale)), time("offset"),
                                    time("jitter")};
    if (arrivals.jitter > arrivals.period) reader.at("jitter").fail("at most the period");
    return arrivals;
}

Arrivals read_sporadic(const JsonReader& reader, const TaskScale& scale) {
    reader.only_keys({"process", "minimum_gap", "mean_extra", "load", "rate", "unit"});
    const double unit = unit_ns(reader, scale.full_ns);
    SporadicArrivals arrivals{read_time(reader.at("minimum_gap"), unit), Duration::zero()};
    const std::string key = only_one(reader, {"load", "rate", "mean_extra"});
    if (key == "mean_extra") {
        arrivals.mean_extra = read_time_or_zero(reader, key, unit);
    } else {
        arrivals.mean_extra = nanoseconds_from(mean_gap_ns(reader, "mean_extra", scale)) - arrivals.minimum_gap;
        if (arrivals.mean_extra < Duration::zero()) reader.at(key).fail("a mean gap of at least \"minimum_gap\"");
    }
    return arrivals;
}

Arrivals read_poisson(const JsonReader& reader, const TaskScale& scale) {
    reader.only_keys({"process", "load", "rate", "mean_gap", "unit"});
    return PoissonArrivals{mean_gap_ns(reader, "mean_gap", scale)};
}

// The rate is `on_factor` times its mean while on; what it is while off follows from the mean.
Arrivals read_mmpp(const JsonReader& reader, const TaskScale& scale) {
    reader.only_keys({"process", "load", "rate", "mean_gap", "on_factor", "on_sojourn", "off_sojourn", "unit"});
    const double unit = unit_ns(reader, scale.full_ns), gap_ns = mean_gap_ns(reader, "mean_gap", scale);
    const double on_ns = read_ns(reader.at("on_sojourn"), unit, 1), off_ns = read_ns(reader.at("off_sojourn"), unit, 1);
    if (on_ns + off_ns < gap_ns * 1e-3) reader.at("on_sojourn").fail("sojourns of at least 1/1000 of the mean gap");
    const JsonReader factor = reader.at("on_factor");
    const double largest = (on_ns + off_ns) / on_ns, on_factor = factor.number(1);
    const double off_factor = (on_ns + off_ns - on_factor * on_ns) / off_ns;
    if (off_factor < -1e-9)
        factor.fail("at most (on_sojourn + off_sojourn) / on_sojourn = " + nlohmann::ordered_json(largest).dump());
    const double off_gap_ns = off_factor > 1e-9 ? gap_ns / off_factor : std::numeric_limits<double>::infinity();
    return MmppArrivals{gap_ns / on_factor, off_gap_ns, on_ns, off_ns};
}

Arrivals read_gamma(const JsonReader& reader, const TaskScale& scale) {
    reader.only_keys({"process", "load", "rate", "mean_gap", "cv", "unit"});
    return GammaArrivals{mean_gap_ns(reader, "mean_gap", scale), reader.at("cv").number(0.01, 100)};
}

Arrivals read_closed(const JsonReader& reader) {
    reader.only_keys({"process", "clients", "next"});
    const auto next = reader.find("next");
    return ClosedArrivals{static_cast<int>(reader.at("clients").integer(1, 1'000'000)),
                          next && next->one_of({"reply", "deadline"}) == "deadline"};
}

}  // namespace

Arrivals read_arrivals(const JsonReader& reader, const ArrivalTask& task) {
    const std::string process =
        reader.at("process").one_of({"periodic", "sporadic", "poisson", "mmpp", "gamma", "closed", "log", "counts"});
    if (process == "periodic") return read_periodic(reader, task.scale);
    if (process == "sporadic") return read_sporadic(reader, task.scale);
    if (process == "poisson") return read_poisson(reader, task.scale);
    if (process == "mmpp") return read_mmpp(reader, task.scale);
    if (process == "gamma") return read_gamma(reader, task.scale);
    if (process == "closed") return read_closed(reader);
    if (process == "counts") return read_counts(reader, task);
    return read_log(reader, task);
}

}  // namespace laxity
