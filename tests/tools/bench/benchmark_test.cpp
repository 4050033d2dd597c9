// One tiny shape of each family, on every device there is.
#include "tools/bench/benchmark.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/error.h"
#include "core/io/file.h"
#include "core/stopwatch.h"
#include "tests/core/io/temporary_folder.h"
#include "tools/bench/operands.h"
#include "tools/bench/provider_scope.h"

#if LRCN_HAS_CUDA
#include "core/cuda/device_info.h"
#endif

namespace lrcn::test {
namespace {

const Ceilings kCeilings{.copy_gb_per_second = 2.0, .product_gflop_per_second = 4.0};

class Benchmark : public testing::Test {
 protected:
  static std::vector<Device> devices() {
    std::vector<Device> found = {Device::cpu()};
#if LRCN_HAS_CUDA
    if (cuda::find_platform().problem.empty()) {
      found.push_back(Device::cuda(0));
    }
#endif
    return found;
  }

  std::string list(const std::string& text) const {
    write_file_atomically(folder_ / "list.csv", text);
    return (folder_ / "list.csv").string();
  }

  // Results by "name direction provider". Whatever the time, rates and time make the work again.
  static std::map<std::string, BenchResult> measure_all(Context& context,
                                                        const std::vector<BenchCase>& cases) {
    std::map<std::string, BenchResult> results;
    for (const BenchCase& each : cases) {
      const auto result = measure(context, each, 2, kCeilings);
      if (!result) {
        continue;
      }
      EXPECT_EQ(result->bench, each.bench);
      EXPECT_EQ(result->runs, 2);
      EXPECT_LE(result->low, result->median);
      EXPECT_LE(result->median, result->high);
      EXPECT_NEAR(result->percent_of_copy, 50.0 * result->gb_per_second,
                  1e-9 * result->percent_of_copy);
      EXPECT_NEAR(result->percent_of_product, 25.0 * result->gflop_per_second,
                  1e-9 * result->percent_of_product);
      results[concat(each.name, ' ', each.direction, ' ', each.provider)] = *result;
    }
    return results;
  }

  static void expect_work(const BenchResult& result, double flop, double bytes, double items) {
    EXPECT_NEAR(result.gflop_per_second * result.median * 1e6, flop, 1e-6 * flop) << result.name;
    EXPECT_NEAR(result.gb_per_second * result.median * 1e6, bytes, 1e-6 * bytes) << result.name;
    EXPECT_NEAR(result.items_per_second * result.median * 1e-3, items, 1e-6 * items) << result.name;
  }

  TemporaryFolder folder_;
};

TEST_F(Benchmark, MeasuresConvolutionsInAllDirectionsByAllProviders) {
  const std::string shapes = list(
      "name,batch,channels,height,width,out_channels,kernel,stride,pad,groups\n"
      "plain,2,16,8,8,16,3,1,1,1\n"
      "odd,1,6,9,7,4,3,2,0,2\n");
  for (const Device device : devices()) {
    Context context(device);
    const auto results =
        measure_all(context, convolution_cases({.device = device, .shapes = {shapes}}));
    for (const char* direction : {"forward", "dx", "dw"}) {
      for (const char* provider : {"automatic", "direct"}) {
        const auto plain = results.find(concat("plain ", direction, ' ', provider));
        ASSERT_NE(plain, results.end()) << device << ' ' << direction << ' ' << provider;
        expect_work(plain->second, 2.0 * 2 * 64 * 16 * 16 * 9,
                    4.0 * (2 * 16 * 64 + 16 * 16 * 9 + 2 * 16 * 64), 2);
        EXPECT_FALSE(plain->second.kernels.empty());
        const auto odd = results.find(concat("odd ", direction, ' ', provider));
        ASSERT_NE(odd, results.end()) << device << ' ' << direction << ' ' << provider;
        expect_work(odd->second, 2.0 * 12 * 4 * 3 * 9, 4.0 * (6 * 63 + 4 * 3 * 9 + 4 * 12), 1);
      }
    }
    for (const auto& [name, result] : results) {
      EXPECT_TRUE(result.provider == "automatic" || result.provider == "own" ||
                  result.kernels == result.provider ||
                  result.kernels == concat(result.provider, " then pooling"))
          << name << ": " << result.kernels;
    }
    EXPECT_EQ(results.contains("plain forward plain"), device.is_cpu());
    EXPECT_EQ(results.contains("plain forward+pool automatic"), device.is_cuda());
    // Winograd's tiles are of 3x3 windows with stride 1.
    EXPECT_FALSE(results.contains("odd forward winograd"));
  }
}

// As a program keeps them, so that the traffic is that of bf16.
TEST_F(Benchmark, KeepsOperandsOfBf16InMemoryAsBf16) {
  const std::string convolutions = list(
      "name,batch,channels,height,width,out_channels,kernel,stride,pad,groups\n"
      "inner,1,8,6,6,16,3,1,1,1\nfirst,1,3,6,6,8,3,1,1,1\n");
  for (const Device device : devices()) {
    if (device.is_cpu()) {
      continue;
    }
    Context context(device);
    context.set_precision(Precision::bf16);
    auto results =
        measure_all(context, convolution_cases({.device = device, .shapes = {convolutions}}));
    const double inner = 2.0 * 36 * 16 * 72;
    expect_work(results.at("inner forward own"), inner, 2.0 * (8 * 36 + 16 * 72 + 16 * 36), 1);
    expect_work(results.at("inner forward+pool own"), inner, 2.0 * (8 * 36 + 16 * 72 + 16 * 9), 1);
    EXPECT_NE(results.at("inner forward+pool own").kernels.find("pooling"), std::string::npos);
    expect_work(results.at("first forward own"), 2.0 * 36 * 8 * 27,
                4.0 * (3 * 36 + 8 * 27) + 2.0 * 8 * 36, 1);
    const std::string products = list("name,m,n,k\nsmall,5,7,9\n");
    results = measure_all(context, matmul_cases({.device = device, .shapes = {products}}));
    const double flop = 2.0 * 5 * 7 * 9;
    expect_work(results.at("small forward own"), flop, 2.0 * (45 + 63 + 35), 5);
    expect_work(results.at("small dw own"), flop, 2.0 * (45 + 35) + 4.0 * 2 * 63, 7);
    const std::string losses = list("rows,classes,ignored_percent\n10,33,40\n");
    results = measure_all(context, loss_cases({.device = device, .shapes = {losses}}));
    expect_work(results.at("M10-V33-ignored40 forward+backward fused"), 0, 2.0 * 33 * 16, 10);
  }
}

TEST_F(Benchmark, TakesTheNumberOfImagesOfTheRequest) {
  const std::string shapes = list(
      "name,batch,channels,height,width,out_channels,kernel,stride,pad,groups\n"
      "a,2,4,4,4,4,1,1,0,1\n");
  Context context(Device::cpu());
  auto cases = convolution_cases({.shapes = {shapes}, .batch = 5});
  cases.resize(1);
  expect_work(measure_all(context, cases).begin()->second, 2.0 * 5 * 16 * 16,
              4.0 * (5 * 64 + 16 + 5 * 64), 5);
}

TEST_F(Benchmark, RefusesAConvolutionThatDoesNotFitWithItsLine) {
  const std::string shapes = list(
      "name,batch,channels,height,width,out_channels,kernel,stride,pad,groups\n"
      "a,2,4,4,4,4,1,1,0,1\nb,2,4,4,4,4,5,1,0,1\n");
  try {
    convolution_cases({.shapes = {shapes}});
    FAIL() << "accepted";
  } catch (const DataError& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with(shapes + ":3: ")) << error.what();
  }
}

TEST_F(Benchmark, MeasuresSequencesForwardAndBackward) {
  const std::string shapes = list("steps,batch,inputs,hidden\n3,2,5,4\n");
  for (const Device device : devices()) {
    Context context(device);
    const auto results = measure_all(context, lstm_cases({.device = device, .shapes = {shapes}}));
    if (is_there(device, cudnn_library())) {
      EXPECT_GE(results.size(), 8u);  // its persistent algorithm refuses many sizes
    } else {
      EXPECT_EQ(results.size(), device.is_cpu() ? 2u : 6u);
    }
    const double weights = 4 * 4 * (5 + 4);
    expect_work(results.at("T3-N2-I5-H4 forward automatic"), 2 * 6 * weights,
                4.0 * (weights + 6 * 9), 2);
    expect_work(results.at("T3-N2-I5-H4 forward+backward automatic"), 6 * 6 * weights,
                4.0 * (4 * weights + 3 * 6 * 9), 2);
  }
}

TEST_F(Benchmark, MeasuresSequencesOfEveryProviderInBf16WhereItIsPermitted) {
  const std::string shapes = list("steps,batch,inputs,hidden\n3,2,5,4\n");
  for (const Device device : devices()) {
    if (device.is_cpu()) {
      continue;
    }
    Context context(device);
    context.set_precision(Precision::bf16);
    const auto results = measure_all(context, lstm_cases({.device = device, .shapes = {shapes}}));
    EXPECT_GE(results.size(), 6u);
    const double weights = 4 * 4 * (5 + 4);
    for (const auto& [name, result] : results) {
      EXPECT_NE(result.kernels.find("bf16"), std::string::npos) << name << ": " << result.kernels;
      EXPECT_EQ(result.kernels.find("tf32"), std::string::npos) << name << ": " << result.kernels;
    }
    expect_work(results.at("T3-N2-I5-H4 forward automatic"), 2 * 6 * weights,
                4.0 * weights + 2.0 * 6 * 9, 2);
  }
}

TEST_F(Benchmark, MeasuresTheLossWithoutReadingIgnoredRows) {
  const std::string shapes = list("rows,classes,ignored_percent\n10,33,0\n10,33,40\n10,33,100\n");
  for (const Device device : devices()) {
    Context context(device);
    const auto results = measure_all(context, loss_cases({.device = device, .shapes = {shapes}}));
    const auto at = [&](int ignored) {
      return results.at(concat("M10-V33-ignored", ignored, " forward+backward fused"));
    };
    expect_work(at(0), 0, 4.0 * 33 * 20, 10);
    expect_work(at(40), 0, 4.0 * 33 * 16, 10);
    expect_work(at(100), 0, 4.0 * 33 * 10, 10);
  }
}

TEST_F(Benchmark, MeasuresUpdatesByTheirTraffic) {
  for (const Device device : devices()) {
    Context context(device);
    const auto results = measure_all(context, optimizer_cases({.device = device, .elements = 777}));
    ASSERT_EQ(results.size(), 3u);
    expect_work(results.at("sgd  "), 0, 4.0 * 5 * 777, 777);
    expect_work(results.at("adam  "), 0, 4.0 * 7 * 777, 777);
    expect_work(results.at("rmsprop  "), 0, 4.0 * 5 * 777, 777);
  }
}

TEST_F(Benchmark, MeasuresLinearLayersByTheirProducts) {
  const std::string shapes = list("name,m,n,k\nsmall,5,7,9\n");
  for (const Device device : devices()) {
    Context context(device);
    const auto results = measure_all(context, matmul_cases({.device = device, .shapes = {shapes}}));
    EXPECT_EQ(results.size(), device.is_cpu()                        ? 3u
                              : is_there(device, cublaslt_library()) ? 9u
                                                                     : 6u);
    const double flop = 2.0 * 5 * 7 * 9;
    expect_work(results.at("small forward automatic"), flop, 4.0 * (45 + 63 + 35), 5);
    expect_work(results.at("small dx automatic"), flop, 4.0 * (45 + 63 + 35), 5);
    expect_work(results.at("small dw automatic"), flop, 4.0 * (45 + 2 * 63 + 35), 7);
  }
}

TEST_F(Benchmark, KeepsTheCasesThatArePublished) {
  const std::map<std::string, std::set<std::string>> published = {
      {"vgg16", {"forward-b1", "forward-b8", "forward-b16", "train-b1", "train-b8", "train-b16"}},
      {"lstm",
       {"T20-N100-I1000-H1000", "T16-N24-I256-H256", "T16-N24-I4096-H256", "T20-N64-I512-H512"}},
      {"caption-step", {"frozen", "unfrozen"}},
      {"decode", {"greedy-b1", "greedy-b16", "greedy-b64", "beam5-b1", "beam5-b16", "beam5-b64"}},
      {"startup", {"process"}}};
  for (const BenchFamily& family : bench_families()) {
    std::set<std::string> names;
    for (const BenchCase& each : family.cases({})) {
      EXPECT_EQ(each.bench, family.name);
      // What a case without direction has always meant comes first.
      EXPECT_TRUE(family.name != std::string("lstm") || names.contains(each.name) ||
                  each.direction == "forward+backward");
      names.insert(each.name);
    }
    const auto known = published.find(family.name);
    EXPECT_TRUE(known == published.end() || known->second == names) << family.name;
  }
}

TEST_F(Benchmark, MeasuresTheCeilingsOfEveryDevice) {
  for (const Device device : devices()) {
    Context context(device);
    const Ceilings ceilings = measure_ceilings(
        context, {.copy_bytes = 1 << 16, .product_extent = 24, .fma_rounds = 1000});
    EXPECT_GT(ceilings.copy_gb_per_second, 0.0);
    EXPECT_GT(ceilings.product_gflop_per_second, 0.0);
    EXPECT_EQ(ceilings.fma_gflop_per_second > 0.0, device.is_cpu());
    const CeilingSizes sizes = ceiling_sizes(device);
    EXPECT_TRUE(!has_real_time(device) ||
                std::size_t(sizes.copy_bytes) >= 2 * last_level_cache(device));
  }
}

TEST(Rotation, TakesAsManySetsAsTheCacheCannotHold) {
  for (const std::size_t bytes : {std::size_t(4096), std::size_t(1) << 20, std::size_t(1) << 40}) {
    const std::size_t sets = rotation_size(Device::cpu(), bytes);
    EXPECT_TRUE(sets == 256 || sets * bytes >= 2 * last_level_cache(Device::cpu())) << bytes;
    EXPECT_TRUE(sets == 1 || (sets - 1) * bytes < 2 * last_level_cache(Device::cpu())) << bytes;
  }
  int made = 0;
  Rotation<int> rotation(Device::cpu(), last_level_cache(Device::cpu()), [&] { return made++; });
  ASSERT_EQ(made, 2);
  const int first = rotation.next();
  EXPECT_NE(rotation.next(), first);
  EXPECT_EQ(rotation.next(), first);
}

}  // namespace
}  // namespace lrcn::test
