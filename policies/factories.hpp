// Internal to this folder: one factory per policy, defined in the policy's own .cpp and named in the table of
// registry.cpp. A factory gets arguments that were checked against its row.
#pragma once

#include <memory>

#include "policies/registry.hpp"

namespace laxity {

using MakePolicy = std::unique_ptr<Policy>(const PolicyContext& context, const PolicyArguments& arguments);

MakePolicy make_apparate;
MakePolicy make_clockwork;
MakePolicy make_daris;
MakePolicy make_density;
MakePolicy make_dm;
MakePolicy make_dnnsam;
MakePolicy make_edf;
MakePolicy make_fifo;
MakePolicy make_gittins;
MakePolicy make_lcf;
MakePolicy make_llf;
MakePolicy make_pantheon;
MakePolicy make_random;
MakePolicy make_rm;
MakePolicy make_rr;
MakePolicy make_rtdeepiot;
MakePolicy make_rtmdl;
MakePolicy make_sjf;
MakePolicy make_toll;
MakePolicy make_um;
MakePolicy make_zygarde;

}  // namespace laxity
