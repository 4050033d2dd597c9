#include "kernels/pooling.h"

#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

using CudaPooling = CudaAgreement;

// A grid has 65535 rows of blocks, each of which takes one plane at a time.
TEST_F(CudaPooling, WalksAlongMorePlanesThanAGridHasRows) {
  const PoolingProblem problem{.x = {{1, 70000, 2, 1}}, .window = {2, 1, 2, 1}, .backward = true};
  const auto kernel = plan_pooling(cuda_context(), problem);
  Twin& x = random(kernel->x_spec(), 1);
  Twin& y = blank(kernel->y_spec());
  Twin& saved = blank({{std::int64_t(kernel->saved_bytes())}, DType::u8});
  Twin& dy = random(kernel->y_spec(), 2);
  Twin& dx = blank(kernel->x_spec());
  run([&](Context& context, auto on) {
    const auto planned = plan_pooling(context, problem);
    planned->forward(context, {on(x), on(y), on(saved), {}});
    planned->backward(context, {on(dy), on(saved), on(dx), {}});
  });
  expect_same(y);
  expect_same(saved);
  expect_same(dx);
}

}  // namespace
}  // namespace lrcn::test
