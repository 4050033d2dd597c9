#include "tools/cli/doctor_cuda.h"

#include <dlfcn.h>

#include <array>
#include <memory>

#include "core/error.h"

namespace lrcn {
namespace {

// Numbers of the driver's interface (cuda.h), which stay the same from version to version.
constexpr int kSuccess = 0;
constexpr int kCapabilityMajor = 75;
constexpr int kCapabilityMinor = 76;

class Driver {
 public:
  Driver() : library_(dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL), close) {}

  bool is_there() const { return library_ != nullptr; }

  // The function of that name; DeviceError when the driver has none.
  template <class Function>
  Function* function(const char* name) const {
    auto* found = reinterpret_cast<Function*>(dlsym(library_.get(), name));
    check<DeviceError>(found != nullptr, "the driver has no ", name);
    return found;
  }

  void expect(int result, const char* step) const {
    if (result == kSuccess) {
      return;
    }
    const char* name = nullptr;
    function<int(int, const char**)>("cuGetErrorName")(result, &name);
    fail<DeviceError>(step, ": ", name == nullptr ? "unknown error" : name, " (", result, ')');
  }

 private:
  static int close(void* library) { return library == nullptr ? 0 : dlclose(library); }

  std::unique_ptr<void, int (*)(void*)> library_;
};

CudaDeviceFacts device_facts(const Driver& driver, int index) {
  int device = 0;
  driver.expect(driver.function<int(int*, int)>("cuDeviceGet")(&device, index), "cuDeviceGet");
  std::array<char, 256> name{};
  driver.expect(driver.function<int(char*, int, int)>("cuDeviceGetName")(name.data(),
                                                                         int(name.size()), device),
                "cuDeviceGetName");
  CudaDeviceFacts facts{.name = name.data()};
  auto* attribute = driver.function<int(int*, int, int)>("cuDeviceGetAttribute");
  driver.expect(attribute(&facts.capability_major, kCapabilityMajor, device),
                "cuDeviceGetAttribute");
  driver.expect(attribute(&facts.capability_minor, kCapabilityMinor, device),
                "cuDeviceGetAttribute");
  std::size_t memory = 0;
  driver.expect(driver.function<int(std::size_t*, int)>("cuDeviceTotalMem_v2")(&memory, device),
                "cuDeviceTotalMem");
  facts.memory = memory;
  return facts;
}

}  // namespace

CudaFacts cuda_facts() {
  const Driver driver;
  CudaFacts facts;
  if (!driver.is_there()) {
    facts.problem = "there is no NVIDIA driver (libcuda.so.1)";
    return facts;
  }
  try {
    int version = 0;
    driver.expect(driver.function<int(int*)>("cuDriverGetVersion")(&version), "cuDriverGetVersion");
    facts.driver = concat(version / 1000, '.', version % 1000 / 10);
    driver.expect(driver.function<int(unsigned)>("cuInit")(0), "cuInit");
    int count = 0;
    driver.expect(driver.function<int(int*)>("cuDeviceGetCount")(&count), "cuDeviceGetCount");
    for (int index = 0; index < count; ++index) {
      facts.devices.push_back(device_facts(driver, index));
    }
    facts.problem = count > 0 ? "" : "the driver knows no device";
  } catch (const DeviceError& error) {
    facts.problem = error.what();
  }
  return facts;
}

}  // namespace lrcn
