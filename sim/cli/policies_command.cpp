#include <iostream>

#include "policies/registry.hpp"
#include "sim/cli/command.hpp"

namespace laxity {

namespace po = boost::program_options;

int policies_command(const Arguments& arguments) {
    po::options_description options("options");
    options.add_options()("policy", po::value<std::string>()->value_name("NAME"), "describe this one in full");
    const auto parsed = parse_options(arguments, "laxity policies [NAME]", options,
                                      "examples:\n  laxity policies\n"
                                      "  laxity policies rtdeepiot\n",
                                      "policy");
    if (!parsed) return kExitOk;
    if (parsed->count("policy") == 0) {
        std::cout << describe_policies();
    } else {
        std::cout << describe_policy(*parse_policy((*parsed)["policy"].as<std::string>()).info);
    }
    return kExitOk;
}

}  // namespace laxity
