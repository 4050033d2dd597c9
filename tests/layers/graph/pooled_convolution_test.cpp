// Graphs whose convolutions absorb the pooling behind them, where the device has kernels for it.
#include <gtest/gtest.h>

#include <map>

#include "core/error.h"
#include "core/rng.h"
#include "core/transfer.h"
#include "layers/activation.h"
#include "layers/convolution.h"
#include "layers/graph/program.h"
#include "layers/linear.h"
#include "layers/pooling.h"

namespace lrcn::test {
namespace {

using Floats = std::vector<float>;
using Lines = std::vector<std::string>;

const Pooling kPool({.window = Window::square(2, 2)});

Convolution same3(std::int64_t channels, ConvolutionAlgorithm algorithm) {
  return Convolution(
      {.out_channels = channels, .window = Window::square(3, 1, 1), .algorithm = algorithm});
}

// Whole numbers of -limit .. limit, most of them zero where `rare`.
Floats whole_numbers(const std::string& name, std::int64_t count, std::uint32_t limit, bool rare) {
  const Random random(5, Purpose::generate, hash_of(name));
  Floats values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool zero = rare && random.below(8, 0, 2 * i) != 0;
    values[i] = zero ? 0.0f : float(random.below(2 * limit + 1, 0, 2 * i + 1)) - float(limit);
  }
  return values;
}

Floats read(const Tensor& tensor) {
  Floats values(std::size_t(tensor.elements()));
  download(values.data(), tensor);
  return values;
}

// The line of a step, up to what was chosen for it.
std::string kinds(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) {
    const std::size_t begin = line.find("  ") + 2;
    text += (text.empty() ? "" : " ") + line.substr(begin, line.find("  ", begin) - begin);
  }
  return text;
}

// A training step of a small VGG, of numbers so small and whole that every sum is exact in every
// precision.
class SmallVgg {
 public:
  SmallVgg(Device device, Precision precision, bool fuse)
      : context_(device), params_(device), program_(compile(precision, fuse)) {
    for (std::size_t i = 0; i < params_.entries().size(); ++i) {
      const auto& entry = params_.entries()[i];
      params_.set_value(int(i), whole_numbers(entry.name, entry.shape.elements(), 1, true));
    }
  }

  std::map<std::string, Floats> run() {
    upload(program_.value(x_), whole_numbers("x", 2 * 3 * 13 * 14, 2, false).data());
    program_.forward(context_);
    const Tensor dy = program_.gradient(y_);
    upload(dy, whole_numbers("dy", dy.elements(), 1, false).data());
    program_.backward(context_);
    std::map<std::string, Floats> results = {{"y", read(program_.value(y_))},
                                             {"dx", read(program_.gradient(x_))}};
    for (std::size_t i = 0; i < params_.entries().size(); ++i) {
      results["d " + params_.entries()[i].name] = read(params_.gradient(int(i)));
    }
    return results;
  }

  // Bytes that live from forward to backward: of all tensors, or of those of this size.
  std::size_t kept(std::size_t size = 0) const {
    const int middle = int(program_.describe().size());  // the last time of forward
    std::size_t sum = 0;
    for (const MemoryBlock& block : program_.memory().blocks) {
      const bool counts = size == 0 || block.bytes == size;
      sum += counts && block.first <= middle && block.last > middle ? block.bytes : 0;
    }
    return sum;
  }
  Lines describe() const { return program_.describe(); }

 private:
  Program compile(Precision precision, bool fuse) {
    context_.set_precision(precision);
    const auto algorithm =
        context_.device().is_cpu() ? ConvolutionAlgorithm::direct : ConvolutionAlgorithm::automatic;
    Graph graph;
    x_ = graph.input("x", {{2, 3, 13, 14}});
    Value value = graph.add("c0", same3(8, algorithm), {x_});
    value = graph.add("p0", kPool, {graph.add("r0", Relu(), {value})});
    value = graph.add("c1", same3(16, algorithm), {value});
    value = graph.add("c2", same3(20, algorithm), {graph.add("r1", Relu(), {value})});
    value = graph.add("r2", Relu(), {graph.add("p2", kPool, {value})});
    y_ = graph.add("fc", Linear({.out_features = 3}), {value});
    CompileOptions options;
    options.phase = Phase::train;
    options.outputs = options.seeds = {y_};
    options.input_gradients = {x_};
    options.fuse = fuse;
    options.poison = true;
    return Program::compile(context_, graph, params_, options);
  }

  Context context_;
  ParamStore params_;
  Value x_, y_;
  Program program_;
};

class CudaPooledConvolutions : public testing::Test {
 protected:
  void SetUp() override {
    try {
      context_.emplace(Device::cuda(0));
    } catch (const DeviceError& error) {
      GTEST_SKIP() << error.what();
    }
  }

  // What becomes of a convolution with these layers behind it.
  template <class... Layers>
  std::string kinds_of(Context& context, const Layers&... layers) {
    Graph graph;
    Value value = graph.add("convolution", same3(4, ConvolutionAlgorithm::automatic),
                            {graph.input("x", {{1, 3, 9, 9}})});
    int next = 0;
    ((value = graph.add(concat(next++), layers, {value})), ...);
    ParamStore params(context.device());
    CompileOptions options;
    options.outputs = {value};
    return kinds(Program::compile(context, graph, params, options).describe());
  }

  std::optional<Context> context_;
};

TEST_F(CudaPooledConvolutions, TrainAsTheCpuDoesAndAsLayersApart) {
  const auto expected = SmallVgg(Device::cpu(), Precision::f32, true).run();
  EXPECT_GT(expected.at("d c0.weight").size(), 0u);
  for (const Precision precision : {Precision::f32, Precision::tf32, Precision::bf16}) {
    for (const bool fuse : {true, false}) {
      SmallVgg vgg(Device::cuda(0), precision, fuse);
      const auto actual = vgg.run();
      ASSERT_EQ(actual.size(), expected.size());
      for (const auto& [name, values] : expected) {
        EXPECT_EQ(actual.at(name), values) << name << " in " << precision << ", fused: " << fuse;
      }
    }
  }
}

TEST_F(CudaPooledConvolutions, SayThatTheyPool) {
  const auto lines = [](Precision precision, bool fuse) {
    return SmallVgg(Device::cuda(0), precision, fuse).describe();
  };
  EXPECT_EQ(kinds(lines(Precision::f32, true)),
            "convolution convolution convolution reorder linear");
  const Lines simt = lines(Precision::f32, true);
  EXPECT_NE(simt[0].find("forward simt 64x32 then pooling, dx"), std::string::npos) << simt[0];
  const Lines bf16 = lines(Precision::bf16, true);
  EXPECT_NE(bf16[0].find("forward bf16 64x32 with pooling, dx"), std::string::npos) << bf16[0];
  EXPECT_EQ(bf16[1].find("pooling"), std::string::npos) << bf16[1];
  EXPECT_NE(bf16[2].find("[2,20,3,3]"), std::string::npos) << bf16[2];
}

TEST_F(CudaPooledConvolutions, KeepNothingOfTheSizeBeforePooling) {
  constexpr std::size_t kWhole = 2 * 8 * 13 * 14 * sizeof(BFloat16);  // of c0
  const SmallVgg apart(Device::cuda(0), Precision::bf16, false);
  const SmallVgg fused(Device::cuda(0), Precision::bf16, true);
  EXPECT_EQ(apart.kept(kWhole), kWhole);
  EXPECT_EQ(fused.kept(kWhole), 0u);
  EXPECT_LE(fused.kept() + kWhole, apart.kept());
}

TEST_F(CudaPooledConvolutions, AreThoseOfTwoByTwoMaximaOnCuda) {
  Context cpu(Device::cpu());
  EXPECT_EQ(kinds_of(*context_, Relu(), kPool), "convolution reorder");
  EXPECT_EQ(kinds_of(*context_, kPool, Relu()), "convolution reorder");
  EXPECT_EQ(kinds_of(*context_, kPool), "convolution reorder");
  EXPECT_EQ(kinds_of(*context_, kPool, kPool), "convolution pooling reorder");
  EXPECT_EQ(kinds_of(*context_, Tanh(), kPool), "convolution tanh pooling reorder");
  const auto other = [&](const PoolingOptions& options) {
    return kinds_of(*context_, Relu(), Pooling(options));
  };
  EXPECT_EQ(other({.kind = PoolingKind::average}), "convolution pooling reorder");
  EXPECT_EQ(other({.window = Window::square(3, 2)}), "convolution pooling reorder");
  EXPECT_EQ(other({.window = Window::square(2, 1)}), "convolution pooling reorder");
  EXPECT_EQ(other({.window = Window::square(2, 2, 1)}), "convolution pooling reorder");
  EXPECT_EQ(other({.rounding = Rounding::up}), "convolution pooling reorder");
  EXPECT_NE(kinds_of(cpu, Relu(), kPool).find("pooling"), std::string::npos);
}

TEST_F(CudaPooledConvolutions, LeaveWhatIsReadFromOutside) {
  Graph graph;
  const Value x = graph.input("x", {{1, 2, 4, 4}});
  const Value sums = graph.add("sums", same3(3, ConvolutionAlgorithm::automatic), {x});
  const Value open = graph.add("open", Relu(), {sums});
  const Value pooled = graph.add("pooled", kPool, {open});
  const auto run = [&](const std::vector<Value>& outputs) {
    ParamStore params(context_->device());
    CompileOptions options;
    options.outputs = outputs;
    Program program = Program::compile(*context_, graph, params, options);
    params.set_value(0, whole_numbers("w", 3 * 2 * 9, 2, false));
    params.set_value(1, Floats{0.0f, 1.0f, -1.0f});
    upload(program.value(x), whole_numbers("x", 32, 2, false).data());
    program.forward(*context_);
    std::vector<Floats> values;
    for (const Value& output : outputs) {
      values.push_back(read(program.value(output)));
    }
    return std::pair(kinds(program.describe()).find("pooling") != std::string::npos, values);
  };
  const auto [apart, values] = run({open, pooled});
  const auto [fuses_not, alone] = run({pooled});
  EXPECT_TRUE(apart);
  EXPECT_FALSE(fuses_not);
  EXPECT_EQ(values[1], alone[0]);
  for (std::size_t i = 0; i < alone[0].size(); ++i) {
    const float* corner = values[0].data() + i / 4 * 16 + i / 2 % 2 * 8 + i % 2 * 2;
    EXPECT_EQ(alone[0][i], std::max({corner[0], corner[1], corner[4], corner[5]}));
  }
}

TEST_F(CudaPooledConvolutions, RefuseImagesWithoutAWindow) {
  Graph graph;
  const Value y =
      graph.add("c", same3(4, ConvolutionAlgorithm::automatic), {graph.input("x", {{1, 8, 1, 9}})});
  const Value pooled = graph.add("p", kPool, {y});
  ParamStore params(context_->device());
  CompileOptions options;
  options.outputs = {pooled};
  try {
    Program::compile(*context_, graph, params, options);
    FAIL() << "compiled";
  } catch (const ArgumentError& error) {
    EXPECT_EQ(std::string(error.what()).substr(0, 26), "c (convolution): pooling: ");
  }
}

}  // namespace
}  // namespace lrcn::test
