// Table lookup: a row of the table for every id.
#pragma once

#include <cstdint>
#include <span>

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// y[..., :] = table[ids[...], :]. table: f32 [V, E]; ids: i32 [...]; y: f32 or, on CUDA, bf16
// [..., E].
// Ids are data and not checked here: one outside of [0, V) reads outside of the table.
using EmbeddingForwardFunction = void(Context&, Tensor table, Tensor ids, Tensor y);
// dtable[ids[r], :] += dy[r, :] in the order of r, whatever the number of threads. ids: i32 [...];
// dy: f32 or, on CUDA, bf16 [..., E]; dtable: f32 [V, E], to which rows are added in f32.
using EmbeddingBackwardFunction = void(Context&, Tensor ids, Tensor dy, Tensor dtable);

namespace cpu {
EmbeddingForwardFunction embedding_forward;
EmbeddingBackwardFunction embedding_backward;
}  // namespace cpu
namespace cuda {
EmbeddingForwardFunction embedding_forward;
EmbeddingBackwardFunction embedding_backward;
}  // namespace cuda

inline constexpr Op<EmbeddingForwardFunction> embedding_forward{
    "embedding_forward", cpu::embedding_forward, LRCN_CUDA_OP(cuda::embedding_forward)};
inline constexpr Op<EmbeddingBackwardFunction> embedding_backward{
    "embedding_backward", cpu::embedding_backward, LRCN_CUDA_OP(cuda::embedding_backward)};

// The checks all backends share: rows: [..., E] must be what ids: [...] give with table: [V, E].
// Throws ArgumentError.
void check_lookup(const char* op, const Tensor& table, const Tensor& ids, const Tensor& rows);

// For whoever makes ids on the host. Throws DataError naming the first id outside of
// [0, vocabulary) and its position.
void check_ids(std::span<const std::int32_t> ids, std::int64_t vocabulary);

}  // namespace lrcn
