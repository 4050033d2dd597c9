// Two-dimensional convolution, optionally grouped, with fused bias, ReLU and 2x2 maximum pooling.
//
//   y[n,k,p,q] = act(bias[k] + sum_{c,r,s} x[n, c, p*stride_h + r - pad_top,
//                                            q*stride_w + s - pad_left] * w[k,c,r,s])
//
// c runs over the C / groups channels of k's group; pixels outside of the image count as zero.
// docs/design/pooled_convolution.md has the pooling.
#pragma once

#include <memory>
#include <string>

#include "core/precision.h"
#include "core/tensor.h"
#include "kernels/op.h"
#include "kernels/window.h"

namespace lrcn {

// automatic measures while planning, for every direction on its own, and keeps the outcome in
// AlgorithmChoices. winograd falls back to direct where it does not apply. plain is the loops of
// the definition, without a library. On CUDA direct and plain are a thread for each result, and the
// others the tiles that suit the extents of the problem.
enum class ConvolutionAlgorithm : std::uint8_t { automatic, direct, winograd, plain };

struct ConvolutionProblem {
  TensorSpec x;  // f32 or bf16 [N, C, H, W]; its layout is a wish that x_spec() answers
  std::int64_t out_channels = 0;  // K
  Window window;                  // kernel R x S
  std::int64_t groups = 1;        // divides C and K
  bool bias = true;
  bool relu = false;  // y = max(0, .)
  // y is the maximum of each 2x2 window, stride 2, of what it would be; windows that reach beyond
  // its edge are left out. Only where convolution_pools() says so.
  bool pool = false;
  bool backward = false;  // backward() will be called
  bool needs_dx = true;   // ... with a dx
  ConvolutionAlgorithm algorithm = ConvolutionAlgorithm::automatic;
  Precision precision = Precision::f32;
  // The type of y and dy in memory; dx has that of x, and w, bias, dw and db are f32. bf16 needs
  // precision bf16 and CUDA; y is bf16 where x is.
  DType y_dtype = DType::f32;
};

struct ConvolutionArguments {
  Tensor x;           // x_spec()
  Tensor packed;      // u8 [packed_bytes()], what pack() wrote
  Tensor bias;        // [K], only when asked for
  Tensor y;           // y_spec(), written
  Tensor scratch;     // u8 [scratch_bytes()]
  Tensor saved = {};  // u8 [saved_bytes()], written for backward
};

struct ConvolutionGradients {
  Tensor x;           // x_spec(), as given to forward
  Tensor y;           // y_spec(), as forward wrote it; only with relu and without pool
  Tensor dy;          // y_spec(); with y, overwritten by dy where y > 0 and zero elsewhere
  Tensor packed;      // u8 [packed_bytes()], what pack() wrote
  Tensor dx;          // x_spec(), written; empty when nobody needs it
  Tensor dw;          // plain [K, C/groups, R, S], added to; empty when nobody needs it
  Tensor db;          // [K], added to; empty when nobody needs it
  Tensor scratch;     // u8 [scratch_bytes()]
  Tensor saved = {};  // u8 [saved_bytes()], as forward wrote it
};

// A convolution planned for one problem. One thread at a time may use it.
class ConvolutionKernel {
 public:
  virtual ~ConvolutionKernel() = default;

  // Layouts the kernel works in; dx and dy have them too. In blocked layouts the channels that fill
  // the last block are zero, on the way in and on the way out.
  virtual const TensorSpec& x_spec() const = 0;
  virtual const TensorSpec& y_spec() const = 0;
  virtual std::size_t packed_bytes() const = 0;
  virtual std::size_t scratch_bytes() const = 0;
  // Which pixel of its window each maximum is, the first of equal ones; 0 without pool or backward.
  virtual std::size_t saved_bytes() const { return 0; }
  // The algorithm of each direction, for reports: "forward winograd, dx direct, dw winograd".
  virtual std::string algorithms() const = 0;

  // Rearranges w, plain [K, C/groups, R, S], into what forward and backward read. To be called
  // again whenever w has changed.
  virtual void pack(Context& context, Tensor w, Tensor packed, Tensor scratch) const = 0;
  virtual void forward(Context& context, const ConvolutionArguments& arguments) const = 0;
  virtual void backward(Context& context, const ConvolutionGradients& arguments) const = 0;
};

// The logical shape of y: [N, K, P, Q], with pool [N, K, P/2, Q/2]. Throws ArgumentError for what
// plan_convolution refuses: anything but f32 or bf16 of rank 4 with extents >= 1, types of x and y
// that do not go together, groups that do not divide C and K, windows that do not fit.
Shape convolution_shape(const ConvolutionProblem& problem);
// For a backend that knows f32 alone. Throws ArgumentError.
void check_convolution_of_floats(const ConvolutionProblem& problem, const char* backend);

namespace cpu {
std::unique_ptr<ConvolutionKernel> plan_convolution(Context& context,
                                                    const ConvolutionProblem& problem);
bool convolution_pools(Context& context);
}  // namespace cpu
namespace cuda {
std::unique_ptr<ConvolutionKernel> plan_convolution(Context& context,
                                                    const ConvolutionProblem& problem);
bool convolution_pools(Context& context);
}  // namespace cuda

inline constexpr Op<std::unique_ptr<ConvolutionKernel>(Context&, const ConvolutionProblem&)>
    plan_convolution{"convolution", cpu::plan_convolution, LRCN_CUDA_OP(cuda::plan_convolution)};
// Whether plan_convolution takes a problem with pool.
inline constexpr Op<bool(Context&)> convolution_pools{"convolution_pools", cpu::convolution_pools,
                                                      LRCN_CUDA_OP(cuda::convolution_pools)};

}  // namespace lrcn
