// Matrix products against the double-precision reference, ONNX and Caffe.
#include "kernels/matmul.h"

#include <gtest/gtest.h>

#include "tests/kernels/matmul_cases.h"
#include "tests/reference/guarded_tensor.h"
#include "tests/reference/layout.h"
#include "tests/reference/npy.h"
#include "tests/reference/onnx_tensor.h"

namespace lrcn::test {
namespace {

// c is NaN before a product that does not accumulate.
std::vector<double> multiply(Context& context, const MatmulProblem& p,
                             const MatmulOperands& operands) {
  const auto kernel = plan_matmul(context, p);
  GuardedTensor a(TensorSpec{p.transpose_a ? Shape{p.k, p.m} : Shape{p.m, p.k}});
  GuardedTensor b(TensorSpec{p.transpose_b ? Shape{p.n, p.k} : Shape{p.k, p.n}});
  GuardedTensor bias(TensorSpec{{p.n}});
  GuardedTensor c(TensorSpec{{p.m, p.n}});
  GuardedTensor packed(kernel->packed_bytes());
  GuardedTensor scratch(kernel->scratch_bytes());
  store(operands.a, a);
  store(operands.b, b);
  store(operands.bias, bias);
  if (p.accumulate) {
    store(operands.c, c);
  }
  if (p.pack_b) {
    kernel->pack(context, b, packed);
  }
  kernel->run(context, {a, p.pack_b ? packed : b, p.bias ? bias.tensor() : Tensor{}, c, scratch});
  EXPECT_TRUE(a.intact() && b.intact() && bias.intact() && c.intact());
  EXPECT_TRUE(packed.intact() && scratch.intact());
  return values_of(c);
}

TEST(Matmul, IsExactOnIntegers) {
  Context context(Device::cpu());
  for (const MatmulSize& size : kMatmulSizes) {
    for_each_matmul(size, [&](const MatmulProblem& problem) {
      const MatmulOperands operands = matmul_operands(problem, Values::integer);
      expect_close("c", multiply(context, problem, operands), expected(problem, operands), 0.0);
    });
  }
}

TEST(Matmul, StaysWithinTheErrorBoundOfItsSums) {
  Context context(Device::cpu());
  for (const MatmulSize& size : kMatmulSizes) {
    for_each_matmul(size, [&](const MatmulProblem& problem) {
      if (problem.accumulate || problem.bias != problem.relu) {
        return;  // rounding is the same with every combination of these
      }
      const MatmulOperands operands = matmul_operands(problem, Values::real);
      const double bound =
          kEpsilon * double(size.k + 2) * (largest(operands.a) * largest(operands.b) + 2.0);
      expect_close("c", multiply(context, problem, operands), expected(problem, operands), bound);
    });
  }
}

TEST(Matmul, OfNothingIsZeroOrTheBias) {
  Context context(Device::cpu());
  for (const MatmulSize& size : kEmptyMatmulSizes) {
    for_each_matmul(size, [&](const MatmulProblem& problem) {
      const MatmulOperands operands = matmul_operands(problem, Values::integer);
      expect_close("c", multiply(context, problem, operands), expected(problem, operands), 0.0);
    });
  }
}

TEST(Matmul, PackedOperandsServeManyProducts) {
  Context context(Device::cpu());
  const MatmulProblem problem{.m = 16, .n = 100, .k = 64, .transpose_b = true, .pack_b = true};
  const auto kernel = plan_matmul(context, problem);
  EXPECT_GE(kernel->packed_bytes(), 100u * 64 * sizeof(float));
  GuardedTensor a(TensorSpec{{16, 64}});
  GuardedTensor b(TensorSpec{{100, 64}});
  GuardedTensor c(TensorSpec{{16, 100}});
  GuardedTensor packed(kernel->packed_bytes());
  GuardedTensor scratch(kernel->scratch_bytes());
  MatmulOperands operands = matmul_operands(problem, Values::integer);
  store(operands.b, b);
  kernel->pack(context, b, packed);
  std::ranges::fill(b.values(), 0.0f);
  for (std::uint32_t step = 10; step < 13; ++step) {
    operands.a = make_values(Values::integer, 16 * 64, step);
    store(operands.a, a);
    kernel->run(context, {a, packed, {}, c, scratch});
    expect_close("c", values_of(c), expected(problem, operands), 0.0);
  }
}

TEST(Matmul, KeepsNansAndInfinities) {
  Context context(Device::cpu());
  for (const std::int64_t m : {1, 40}) {
    const MatmulProblem problem{.m = m, .n = 32, .k = 32};
    MatmulOperands operands = matmul_operands(problem, Values::integer);
    operands.a[0] = std::numeric_limits<double>::quiet_NaN();
    const auto c = multiply(context, problem, operands);
    EXPECT_TRUE(std::isnan(c[0]) && std::isnan(c[31]));
  }
}

TEST(Matmul, RefusesWhatItCannotPlan) {
  Context context(Device::cpu());
  EXPECT_THROW(plan_matmul(context, {.m = -1, .n = 2, .k = 2}), ArgumentError);
  EXPECT_THROW(plan_matmul(context, {.m = 2, .n = 2, .k = 2, .accumulate = true, .relu = true}),
               ArgumentError);
}

TEST(Matmul, RefusesTensorsOfAnotherShape) {
  Context context(Device::cpu());
  const auto kernel = plan_matmul(context, {.m = 8, .n = 20, .k = 30, .bias = true});
  GuardedTensor a(TensorSpec{{8, 30}});
  GuardedTensor b(TensorSpec{{30, 20}});
  GuardedTensor c(TensorSpec{{8, 20}});
  GuardedTensor bias(TensorSpec{{20}});
  GuardedTensor scratch(kernel->scratch_bytes());
  EXPECT_NO_THROW(kernel->run(context, {a, b, bias, c, scratch}));
  EXPECT_THROW(kernel->run(context, {b, b, bias, c, scratch}), ArgumentError);
  EXPECT_THROW(kernel->run(context, {a, a, bias, c, scratch}), ArgumentError);
  EXPECT_THROW(kernel->run(context, {a, b, {}, c, scratch}), ArgumentError);
  EXPECT_THROW(kernel->run(context, {a, b, bias, bias, scratch}), ArgumentError);
  EXPECT_THROW(kernel->pack(context, b, scratch), ArgumentError);
}

// Gemm's alpha and beta are applied to the operands; c is broadcast over rows here.
TEST(Matmul, AgreesWithOnnx) {
  LRCN_SKIP_WITHOUT(test_data("onnx_node"));
  Context context(Device::cpu());
  int run = 0;
  for (const OnnxCase& test : onnx_cases("Gemm")) {
    SCOPED_TRACE(test.name);
    const bool transpose_a = test.get("transA", 0.0) != 0.0;
    const bool transpose_b = test.get("transB", 0.0) != 0.0;
    const ArrayFile& a = test.inputs.at(0);
    const ArrayFile& b = test.inputs.at(1);
    MatmulProblem problem{.m = a.shape.at(transpose_a ? 1 : 0),
                          .n = b.shape.at(transpose_b ? 0 : 1),
                          .k = a.shape.at(transpose_a ? 0 : 1),
                          .transpose_a = transpose_a,
                          .transpose_b = transpose_b};
    MatmulOperands operands{
        a.values, b.values, std::vector<double>(std::size_t(problem.n), 0.0), {}};
    for (double& value : operands.a) {
      value *= test.get("alpha", 1.0);
    }
    if (test.inputs.size() > 2) {
      std::vector<double> c = test.inputs[2].values;
      for (double& value : c) {
        value *= test.get("beta", 1.0);
      }
      const bool rows = std::int64_t(c.size()) == problem.n;
      problem.bias = rows;
      problem.accumulate = !rows;
      (rows ? operands.bias : operands.c) = c;
    }
    EXPECT_TRUE(meets_onnx_tolerance(multiply(context, problem, operands), test.output.values));
    ++run;
  }
  EXPECT_EQ(run, 9);
}

TEST(Matmul, AgreesWithCaffesInnerProduct) {
  const auto folder = test_data("caffe_layers");
  LRCN_SKIP_WITHOUT(folder);
  Context context(Device::cpu());
  const ArrayFile x = read_npy(folder / "blob.npy");
  const ArrayFile y = read_npy(folder / "layer_inner_product.npy");
  const auto blobs = read_caffe_blobs(folder / "layer_inner_product.caffemodel");
  ASSERT_EQ(blobs.size(), 2u);
  for (const bool pack : {false, true}) {
    const MatmulProblem problem{.m = std::int64_t(x.values.size()) / 113,
                                .n = 2,
                                .k = 113,
                                .transpose_b = true,
                                .bias = true,
                                .pack_b = pack};
    const auto c = multiply(context, problem, {x.values, blobs[0], blobs[1], {}});
    EXPECT_TRUE(meets_caffe_tolerance(c, y.values));
  }
}

}  // namespace
}  // namespace lrcn::test
