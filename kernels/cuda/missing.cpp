// Operations that have no CUDA kernels yet: each throws DeviceError. An operation leaves this file
// when its kernels are written.
#include "kernels/activation.h"
#include "kernels/bias_gradient.h"
#include "kernels/concat.h"
#include "kernels/convolution.h"
#include "kernels/cross_entropy.h"
#include "kernels/decode.h"
#include "kernels/dropout.h"
#include "kernels/elementwise.h"
#include "kernels/embedding.h"
#include "kernels/leaky_relu.h"
#include "kernels/lrn.h"
#include "kernels/lstm.h"
#include "kernels/masked_loss.h"
#include "kernels/matmul.h"
#include "kernels/optimizer.h"
#include "kernels/pooling.h"
#include "kernels/reduce.h"
#include "kernels/reorder.h"
#include "kernels/rows.h"
#include "kernels/scale_by_tensor.h"
#include "kernels/softmax.h"

namespace lrcn::cuda {
namespace {

[[noreturn]] void missing(const char* op) {
  fail<DeviceError>(op, ": not implemented on CUDA yet");
}

}  // namespace

using Tensors = std::span<const Tensor>;

void relu_forward(Context&, Tensor, Tensor) { missing("relu_forward"); }
void relu_backward(Context&, Tensor, Tensor, Tensor) { missing("relu_backward"); }
void sigmoid_forward(Context&, Tensor, Tensor) { missing("sigmoid_forward"); }
void sigmoid_backward(Context&, Tensor, Tensor, Tensor) { missing("sigmoid_backward"); }
void tanh_forward(Context&, Tensor, Tensor) { missing("tanh_forward"); }
void tanh_backward(Context&, Tensor, Tensor, Tensor) { missing("tanh_backward"); }
void leaky_relu_forward(Context&, Tensor, float, Tensor) { missing("leaky_relu_forward"); }
void leaky_relu_backward(Context&, Tensor, Tensor, float, Tensor) {
  missing("leaky_relu_backward");
}

void fill_with(Context&, Tensor, float) { missing("fill_with"); }
void copy_to(Context&, Tensor, Tensor) { missing("copy_to"); }
void scale_by(Context&, Tensor, float, Tensor) { missing("scale_by"); }
void scale_by_tensor(Context&, Tensor, Tensor, Tensor) { missing("scale_by_tensor"); }
void sum_of(Context&, Tensors, Tensor) { missing("sum_of"); }
void add_in_place(Context&, Tensor, Tensor) { missing("add_in_place"); }
void dropout(Context&, Tensor, Tensor, const DropoutOptions&) { missing("dropout"); }
void reorder(Context&, Tensor, Tensor) { missing("reorder"); }
void concat_forward(Context&, Tensors, Tensor, int) { missing("concat_forward"); }
void concat_backward(Context&, Tensor, Tensors, int) { missing("concat_backward"); }

void embedding_forward(Context&, Tensor, Tensor, Tensor) { missing("embedding_forward"); }
void embedding_backward(Context&, Tensor, Tensor, Tensor) { missing("embedding_backward"); }
void compact_rows(Context&, Tensor, std::int32_t, Tensor, Tensor) { missing("compact_rows"); }
void gather_rows(Context&, Tensor, Tensor, Tensor) { missing("gather_rows"); }
void scatter_rows(Context&, Tensor, Tensor, Tensor) { missing("scatter_rows"); }
void gather_labels(Context&, Tensor, Tensor, std::int32_t, Tensor) { missing("gather_labels"); }
void mean_loss(Context&, const LossTotals&, Tensor, Tensor) { missing("mean_loss"); }

void sum_of_values(Context&, Tensor, Tensor) { missing("sum_of_values"); }
void sum_of_squares(Context&, Tensor, Tensor) { missing("sum_of_squares"); }
void l2_norm_of(Context&, Tensor, Tensor) { missing("l2_norm_of"); }
void max_abs_of(Context&, Tensor, Tensor) { missing("max_abs_of"); }
void count_non_finite(Context&, Tensor, Tensor) { missing("count_non_finite"); }
void clip_values(Context&, Tensor, float) { missing("clip_values"); }
void clip_norm(Context&, Tensor, Tensor, const ClipNormOptions&) { missing("clip_norm"); }
void bias_gradient(Context&, Tensor, Tensor, Tensor) { missing("bias_gradient"); }

void sgd_update(Context&, const UpdateArena&, const SgdOptions&) { missing("sgd_update"); }
void adam_update(Context&, const UpdateArena&, const AdamOptions&) { missing("adam_update"); }
void rmsprop_update(Context&, const UpdateArena&, const RmsPropOptions&) {
  missing("rmsprop_update");
}

void softmax_forward(Context&, Tensor, Tensor) { missing("softmax_forward"); }
void softmax_backward(Context&, Tensor, Tensor, Tensor) { missing("softmax_backward"); }
void log_softmax_forward(Context&, Tensor, Tensor) { missing("log_softmax_forward"); }
void log_softmax_backward(Context&, Tensor, Tensor, Tensor) { missing("log_softmax_backward"); }
void cross_entropy(Context&, const CrossEntropyArguments&, const CrossEntropyOptions&) {
  missing("cross_entropy");
}
void argmax_rows(Context&, Tensor, const Choice&) { missing("argmax_rows"); }
void top_k_rows(Context&, Tensor, const Choice&) { missing("top_k_rows"); }
void sample_rows(Context&, Tensor, const Choice&, const SampleOptions&) { missing("sample_rows"); }

std::unique_ptr<ConvolutionKernel> plan_convolution(Context&, const ConvolutionProblem&) {
  missing("convolution");
}
std::unique_ptr<LrnKernel> plan_lrn(Context&, const LrnProblem&) { missing("lrn"); }
std::unique_ptr<LstmKernel> plan_lstm(Context&, const LstmProblem&) { missing("lstm"); }
std::unique_ptr<MatmulKernel> plan_matmul(Context&, const MatmulProblem&) { missing("matmul"); }
std::unique_ptr<PoolingKernel> plan_pooling(Context&, const PoolingProblem&) { missing("pooling"); }

}  // namespace lrcn::cuda
