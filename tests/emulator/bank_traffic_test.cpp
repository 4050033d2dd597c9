// Conflicts of banks in shared memory: that they are counted, and that the kernels on tensor cores
// have none where they read, nor convolutions and LSTMs where they copy.
#include "kernels/cuda/emulator/bank_traffic.h"

#include "kernels/cuda/convolution_methods.h"
#include "kernels/cuda/lstm_persistent.h"
#include "kernels/cuda/lstm_sequence.h"
#include "kernels/cuda/matmul_parts.h"
#include "kernels/cuda/ptx.h"
#include "tests/emulator/emulated_device.h"
#include "tests/kernels/convolution_trial.h"
#include "tests/kernels/lstm_run.h"

namespace lrcn::test {
namespace {

using namespace lrcn::cuda;
using cuda::emulator::BankTraffic;

// What one operation of all places took: "ldmatrix" or "copy_async".
BankTraffic::Turns turns_of(const BankTraffic& traffic, const std::string& operation) {
  BankTraffic::Turns all;
  for (const auto& [place, turns] : traffic.places()) {
    if (place.starts_with(operation)) {
      all.taken += turns.taken;
      all.needed += turns.needed;
    }
  }
  return all;
}

void expect_no_conflicts(const BankTraffic& traffic, const std::string& operation) {
  EXPECT_GT(turns_of(traffic, operation).needed, 0u);
  for (const auto& [place, turns] : traffic.places()) {
    if (place.starts_with(operation)) {
      EXPECT_EQ(turns.taken, turns.needed) << place;
    }
  }
}

class EmulatedBanks : public EmulatedDevice {
 protected:
  // Of all launches of body(context) together.
  template <class Body>
  BankTraffic traffic_of(const Body& body) {
    BankTraffic traffic;
    emulator::Emulator& device = context_.handle<emulator::Emulator>();
    device.bank_traffic = &traffic;
    body(context_);
    device.bank_traffic = nullptr;
    return traffic;
  }
  // In all directions.
  void run(Context& context, const ConvolutionProblem& problem, const ConvolutionMethods& methods) {
    const auto kernel = plan_convolution_by(context, problem, methods);
    const auto bytes = [&](std::size_t count) {
      return memory({{std::int64_t(count)}, DType::u8});
    };
    const Tensor x = memory(kernel->x_spec());
    const Tensor y = memory(kernel->y_spec());
    const Tensor w = memory({{problem.out_channels, problem.x.shape[1], problem.window.kernel_h,
                              problem.window.kernel_w}});
    const Tensor bias = memory({{problem.out_channels}});
    const Tensor packed = bytes(kernel->packed_bytes());
    const Tensor scratch = bytes(kernel->scratch_bytes());
    kernel->pack(context, w, packed, scratch);
    kernel->forward(context, {x, packed, bias, y, scratch});
    kernel->backward(context, {x, y, y, packed, memory(kernel->x_spec()), w, bias, scratch});
  }
  Tensor memory(const TensorSpec& spec) {
    const auto words = std::int64_t(spec.bytes() + 3) / 4;
    std::int32_t* data = integers(words);
    std::fill(data, data + words, 0);
    return {data, spec, Device::cuda(0)};
  }
};

// Rows of `pitch` bytes.
__global__ void load_rows_kernel(int pitch) {
  auto* shared = dynamic_shared<unsigned char>();
  for (int i = int(threadIdx.x); i < 32 * pitch; i += 32) {
    shared[i] = 0;
  }
  __syncthreads();
  load_matrices<4>(shared + int(threadIdx.x) * pitch);
}

__global__ void copy_rows_kernel(const std::int32_t* x, int pitch) {
  auto* shared = dynamic_shared<unsigned char>();
  for (int times = 0; times < 2; ++times) {
    copy_async<16>(shared + int(threadIdx.x) * pitch, x);
    commit_copies();
    wait_for_copies<0>();  // nobody may write to where a copy is on its way
  }
}

TEST_F(EmulatedBanks, RowsInTheSameBanksTakeTurns) {
  struct {
    int pitch;
    std::uint64_t turns;  // of eight rows
  } const cases[] = {{128, 8}, {64, 4}, {32, 2}, {16, 1}, {48, 1}, {80, 1}, {144, 1}};
  for (const auto& test : cases) {
    SCOPED_TRACE(test.pitch);
    const std::size_t bytes = std::size_t(32 * test.pitch);
    const auto loads = turns_of(
        traffic_of([&](Context& c) { launch(c, 1, 32, bytes, load_rows_kernel, test.pitch); }),
        "ldmatrix");
    EXPECT_EQ(loads.needed, 4u);
    EXPECT_EQ(loads.taken, 4 * test.turns);
    const std::int32_t* x = integers(4);
    const auto copies = turns_of(
        traffic_of([&](Context& c) { launch(c, 1, 32, bytes, copy_rows_kernel, x, test.pitch); }),
        "copy_async");
    EXPECT_EQ(copies.needed, 8u);
    EXPECT_EQ(copies.taken, 8 * test.turns);
  }
}

TEST_F(EmulatedBanks, LanesThatReadTheSameRowShareItsTurn) {
  const auto traffic = traffic_of([&](Context& c) { launch(c, 1, 32, 16, load_rows_kernel, 0); });
  EXPECT_EQ(turns_of(traffic, "ldmatrix").taken, 4u);
}

// The types of x and y in memory, and what multiplies them.
struct ConvolutionTypes {
  DType x, y;
  ConvolutionEngine engine;
};
constexpr ConvolutionTypes kConvolutionTypes[] = {
    {DType::f32, DType::f32, ConvolutionEngine::tf32},
    {DType::f32, DType::f32, ConvolutionEngine::bf16},
    {DType::bf16, DType::bf16, ConvolutionEngine::bf16},
    {DType::f32, DType::bf16, ConvolutionEngine::bf16},
};

TEST_F(EmulatedBanks, ConvolutionsReadAndCopyWithoutConflicts) {
  for (const auto& [x_dtype, y_dtype, engine] : kConvolutionTypes) {
    for (const ConvolutionTile tile :
         {ConvolutionTile::small, ConvolutionTile::narrow, ConvolutionTile::wide}) {
      const ConvolutionTile dw = tile == ConvolutionTile::narrow ? ConvolutionTile::flat : tile;
      const ConvolutionMethods methods{
          .forward = {engine, tile}, .dx = {engine, tile}, .dw = {engine, dw, 1}};
      SCOPED_TRACE(concat("x ", x_dtype, ", y ", y_dtype, ", ", methods.forward));
      const ConvolutionProblem problem{.x = {{1, 32, 6, 5}, x_dtype, Layout::nhwc},
                                       .out_channels = 40,
                                       .window = kSame3,
                                       .backward = true,
                                       .precision = Precision::bf16,
                                       .y_dtype = y_dtype};
      const auto traffic = traffic_of([&](Context& context) { run(context, problem, methods); });
      expect_no_conflicts(traffic, "ldmatrix");
      expect_no_conflicts(traffic, "copy_async");
    }
  }
}

TEST_F(EmulatedBanks, ProductsReadWithoutConflicts) {
  constexpr std::int64_t kExtent = 144;
  for (const MatmulTile tile : {MatmulTile::small, MatmulTile::large}) {
    for (const unsigned options : {0u, 1u, 2u, 3u}) {
      SCOPED_TRACE(concat("tile ", int(tile), " options ", options));
      const Tensor factor = memory({{kExtent, kExtent}, DType::bf16});
      const Tensor c = memory({{kExtent, kExtent}});
      const MatmulCall call{.a = {factor.data, DType::bf16, kExtent},
                            .b = {factor.data, DType::bf16, kExtent},
                            .output = {.c = c.as<float>(),
                                       .m = kExtent,
                                       .n = kExtent,
                                       .pitch = kExtent,
                                       .pairs = true},
                            .k = kExtent,
                            .split = {.depth = 160, .count = 1},
                            .transpose_a = (options & 1u) != 0,
                            .transpose_b = (options & 2u) != 0};
      expect_no_conflicts(
          traffic_of([&](Context& context) { launch_matmul_narrow(context, tile, call); }),
          "ldmatrix");
    }
  }
}

constinit thread_local BankTraffic* lstm_traffic = nullptr;

std::unique_ptr<LstmKernel> plan_counted(Context& context, const LstmProblem& problem) {
  context.handle<emulator::Emulator>().bank_traffic = lstm_traffic;
  return cuda::plan_lstm(context, problem, {.blocks = 12, .shared_bytes = std::size_t(227) << 10});
}

TEST_F(EmulatedBanks, LstmsReadAndCopyWithoutConflicts) {
  for (const Precision precision : {Precision::tf32, Precision::bf16}) {
    for (const std::int64_t units : {64, 128}) {
      SCOPED_TRACE(concat(precision, ' ', units));
      LstmData data = random_lstm(with(training(3, 20, 0, units), false, true, true));
      data.problem.precision = precision;
      BankTraffic traffic;
      lstm_traffic = &traffic;
      LstmRun run({.name = "Counted",
                   .device = Device::cuda(0),
                   .algorithm = LstmAlgorithm::persistent,
                   .plan = plan_counted},
                  data);
      run.forward();
      run.backward();
      lstm_traffic = nullptr;
      expect_no_conflicts(traffic, "ldmatrix");
      expect_no_conflicts(traffic, "copy_async");
    }
  }
}

}  // namespace
}  // namespace lrcn::test
