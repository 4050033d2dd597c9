// lrcn doctor: what this program, this machine and its libraries are, and what is missing.
#include "core/error.h"
#include "core/io/json.h"
#include "tools/cli/data_output.h"
#include "tools/cli/data_table.h"
#include "tools/cli/doctor_build.h"
#include "tools/cli/doctor_cuda.h"
#include "tools/cli/doctor_libraries.h"
#include "tools/cli/doctor_machine.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/options.h"
#include "tools/cli/verb.h"

namespace lrcn {
namespace {

struct Advice {
  std::string problem;
  std::string remedy;
};

struct Findings {
  BuildFacts build = build_facts();
  MachineFacts machine = machine_facts();
  std::vector<LibraryFacts> libraries = library_facts();
  CudaFacts cuda = cuda_facts();
  std::vector<Advice> advice;
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + word;
  }
  return text.empty() ? "none" : text;
}

std::vector<Advice> advice_for(const Findings& findings) {
  std::vector<Advice> advice;
  for (const LibraryFacts& library : findings.libraries) {
    if (!library.problem.empty()) {
      advice.push_back({library.problem, library.remedy});
    }
  }
  const bool has_device = !findings.cuda.devices.empty();
  if (findings.build.has_cuda && !has_device) {
    advice.push_back({"CUDA was built in, but " + findings.cuda.problem,
                      "on a machine with an NVIDIA device: apt-get install nvidia-driver; "
                      "everything runs on the CPU meanwhile"});
  }
  if (!findings.build.has_cuda && has_device) {
    advice.push_back({"there is a CUDA device, but this program was built without CUDA",
                      "install the CUDA toolkit 13 with nvcc, then: cmake -B build "
                      "-DLRCN_CUDA=ON && cmake --build build"});
  }
  if (findings.build.type != "Release" && findings.build.type != "RelWithDebInfo") {
    advice.push_back({"this is a " + findings.build.type + " build, several times slower",
                      "cmake -B build -DCMAKE_BUILD_TYPE=Release && cmake --build build"});
  }
#if defined(__x86_64__)
  if (joined(findings.machine.features).find("AVX2") == std::string::npos) {
    advice.push_back({"the processor has no AVX2",
                      "arithmetic is several times slower than on "
                      "one that has it; there is no remedy here"});
  }
#endif
  return advice;
}

std::string text_of(const Findings& findings) {
  const BuildFacts& build = findings.build;
  const MachineFacts& machine = findings.machine;
  DataTable table({DataTable::Align::left, DataTable::Align::left});
  table.add({"lrcn", build.version});
  table.add({"compiler", build.compiler});
  table.add({"build", build.type + ", " + build.flags});
  table.add({"processor", machine.processor});
  table.add({"instructions", joined(machine.features)});
  table.add({"threads", concat(machine.threads, " for arithmetic, on ", machine.processors,
                               " processors (OMP_NUM_THREADS changes it)")});
  table.add(
      {"memory", concat(bytes_text(machine.memory), ", ", bytes_text(machine.memory_free), " free",
                        machine.memory_limit > 0
                            ? concat(", ", bytes_text(machine.memory_limit), " for this container")
                            : "")});
  for (const LibraryFacts& library : findings.libraries) {
    table.add({library.name, library.problem.empty() ? library.version : "not found"});
  }
  table.add(
      {"CUDA", build.has_cuda ? "built in" : "not built in: this program runs on the CPU alone"});
  table.add({"NVIDIA driver",
             findings.cuda.driver.empty() ? "none" : "for CUDA up to " + findings.cuda.driver});
  for (std::size_t i = 0; i < findings.cuda.devices.size(); ++i) {
    const CudaDeviceFacts& device = findings.cuda.devices[i];
    table.add({concat("cuda:", i),
               concat(device.name, ", ", bytes_text(device.memory), ", compute capability ",
                      device.capability_major, '.', device.capability_minor)});
  }
  if (findings.cuda.devices.empty()) {
    table.add({"CUDA devices", "none: " + findings.cuda.problem});
  }
  std::string text = table.text();
  text += findings.advice.empty() ? "\nNothing is missing.\n" : "\nTo do:\n";
  for (const Advice& each : findings.advice) {
    text += "  " + each.problem + "\n    -> " + each.remedy + '\n';
  }
  return text;
}

Json json_of(const CudaFacts& cuda, bool built) {
  Json devices = Json::array();
  for (const CudaDeviceFacts& device : cuda.devices) {
    devices.push_back(Json::object(
        {{"name", device.name},
         {"memory", device.memory},
         {"capability", concat(device.capability_major, '.', device.capability_minor)}}));
  }
  return Json::object({{"built", built},
                       {"driver", cuda.driver.empty() ? Json() : Json(cuda.driver)},
                       {"devices", std::move(devices)},
                       {"problem", cuda.problem.empty() ? Json() : Json(cuda.problem)}});
}

std::string json_of(const Findings& findings) {
  const MachineFacts& machine = findings.machine;
  Json features = Json::array();
  for (const std::string& feature : machine.features) {
    features.push_back(feature);
  }
  Json libraries = Json::object();
  for (const LibraryFacts& library : findings.libraries) {
    libraries.set(library.name, library.problem.empty() ? Json(library.version) : Json());
  }
  Json advice = Json::array();
  for (const Advice& each : findings.advice) {
    advice.push_back(Json::object({{"problem", each.problem}, {"remedy", each.remedy}}));
  }
  Json json = Json::object(
      {{"version", findings.build.version},
       {"compiler", findings.build.compiler},
       {"build_type", findings.build.type},
       {"flags", findings.build.flags},
       {"processor", machine.processor},
       {"features", std::move(features)},
       {"processors", machine.processors},
       {"threads", machine.threads},
       {"memory", machine.memory},
       {"memory_free", machine.memory_free},
       {"memory_limit", machine.memory_limit > 0 ? Json(machine.memory_limit) : Json()}});
  json.set("libraries", std::move(libraries));
  json.set("cuda", json_of(findings.cuda, findings.build.has_cuda));
  json.set("advice", std::move(advice));
  return json.dump(2) + '\n';
}

}  // namespace

int run_doctor(std::span<const std::string> arguments, Terminal&) {
  bool json = false;
  Options options("doctor [--json]",
                  "Shows version, build, processor, libraries and devices, and what is missing and "
                  "how to get it.");
  options.flag("--json", json, "Print a JSON object");
  if (!options.parse(arguments)) {
    return kSuccess;
  }
  Findings findings;
  findings.advice = advice_for(findings);
  print_data(json ? json_of(findings) : text_of(findings));
  return kSuccess;
}

}  // namespace lrcn
