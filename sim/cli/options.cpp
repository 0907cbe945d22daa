#include <iostream>

#include "sim/cli/command.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace po = boost::program_options;

namespace {

std::vector<std::string> long_names(const po::options_description& options) {
    std::vector<std::string> names;
    for (const auto& option : options.options()) names.push_back("--" + option->long_name());
    return names;
}

[[noreturn]] void refuse(const std::string& usage, const std::string& problem) {
    const std::string command = usage.substr(0, usage.find(' ', usage.find(' ') + 1));  // its first two words
    throw InputError(problem + "; see `" + command + " --help`");
}

po::variables_map parse(const Arguments& arguments, const std::string& usage, const po::options_description& options,
                        const std::string& positional, int positional_count) {
    po::positional_options_description places;
    if (!positional.empty()) places.add(positional.c_str(), positional_count);
    po::variables_map values;
    // No abbreviations: an option that works today must not become ambiguous tomorrow.
    const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    try {
        po::store(po::command_line_parser(arguments).options(options).positional(places).style(style).run(), values);
        if (values.count("help") == 0) po::notify(values);
    } catch (const po::unknown_option& error) {
        const std::string near = closest(error.get_option_name(), long_names(options));
        refuse(usage,
               "unknown option " + error.get_option_name() + (near.empty() ? "" : " (did you mean " + near + "?)"));
    } catch (const po::too_many_positional_options_error&) {
        refuse(usage, positional.empty() ? "an argument that belongs to no option" : "more than one " + positional);
    } catch (const po::error& error) {
        std::string text = error.what();
        for (std::size_t at = 0; (at = text.find("'--", at)) != std::string::npos;) {
            text.erase(at, 1);
            if (const std::size_t end = text.find('\'', at); end != std::string::npos) text.erase(end, 1);
        }
        refuse(usage, text);
    }
    return values;
}

}  // namespace

void declare_replace_option(po::options_description& options) {
    options.add_options()("replace", po::bool_switch(),
                          "results that are in the way move aside, to NAME.old, NAME.old.2, ...; without it they are "
                          "refused");
}

bool replace_option(const po::variables_map& values) { return values["replace"].as<bool>(); }

std::optional<po::variables_map> parse_options(const Arguments& arguments, const std::string& usage,
                                               const po::options_description& options, const std::string& examples,
                                               const std::string& positional, int positional_count) {
    po::options_description all(options);
    all.add_options()("help,h", "print this help");
    auto values = parse(arguments, usage, all, positional, positional_count);
    if (values.count("help") == 0) return values;
    std::cout << "usage: " << usage << "\n\n" << all << "\n" << examples;
    return std::nullopt;
}

}  // namespace laxity
