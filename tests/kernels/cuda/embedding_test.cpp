#include "kernels/embedding.h"

#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

struct EmbeddingCase {
  std::int64_t rows;
  std::int64_t vocabulary;
  std::int64_t width;
};

const EmbeddingCase kCases[] = {{0, 5, 3}, {1, 1, 1},    {31, 4, 32},  {33, 40, 31},
                                {7, 3, 0}, {300, 7, 65}, {129, 1, 33}, {128, 1000, 130}};

class CudaEmbedding : public CudaAgreement, public testing::WithParamInterface<EmbeddingCase> {
 protected:
  std::vector<std::int32_t> ids() const {
    std::vector<std::int32_t> ids(static_cast<std::size_t>(GetParam().rows));
    for (std::size_t i = 0; i < ids.size(); ++i) {
      ids[i] = std::int32_t((i * i * 31 + i) % std::size_t(GetParam().vocabulary));
    }
    return ids;
  }
};

TEST_P(CudaEmbedding, LooksUpAndAddsInTheOrderOfTheRows) {
  const auto& [rows, vocabulary, width] = GetParam();
  Twin& table = random({{vocabulary, width}}, 1);
  Twin& id = integers({rows, 1}, ids());
  for (const DType dtype : kElementTypes) {
    SCOPED_TRACE(dtype);
    Twin& y = blank({{rows, 1, width}, dtype});
    Twin& dy = random({{rows, 1, width}, dtype}, 2, -1000.0f, 1000.0f);
    Twin& dtable = random({{vocabulary, width}}, 3);
    run([&](Context& context, auto on) {
      embedding_forward(context, on(table), on(id), on(y));
      embedding_backward(context, on(id), on(dy), on(dtable));
    });
    expect_same(y);
    expect_same(dtable);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, CudaEmbedding, testing::ValuesIn(kCases));

using CudaEmbeddingErrors = CudaAgreement;

TEST_F(CudaEmbeddingErrors, ShapesThatDoNotFitAreRefused) {
  const Twin& table = blank({{5, 3}});
  const Twin& id = integers({4}, {0, 1, 2, 3});
  const Twin& y = blank({{4, 2}});
  EXPECT_THROW(embedding_forward(cuda_context(), table.cuda.tensor, id.cuda.tensor, y.cuda.tensor),
               ArgumentError);
}

TEST_F(CudaEmbeddingErrors, ATableOfBf16AndBf16OnTheCpuAreRefused) {
  const Tensor table = blank({{5, 3}, DType::bf16}).cuda.tensor;
  const Twin& id = integers({4}, {0, 1, 2, 3});
  const Tensor y = blank({{4, 3}, DType::bf16}).cuda.tensor;
  EXPECT_THROW(embedding_forward(cuda_context(), table, id.cuda.tensor, y), ArgumentError);
  EXPECT_THROW(embedding_backward(cuda_context(), id.cuda.tensor, y, table), ArgumentError);
  const Twin& weight = blank({{5, 3}});
  const OwnedTensor rows(Device::cpu(), {{4, 3}, DType::bf16});
  EXPECT_THROW(embedding_forward(cpu_context(), weight.cpu.tensor, id.cpu.tensor, rows.tensor),
               ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
