// By which kernels a convolution runs on CUDA.
#pragma once

#include <iosfwd>

#include "kernels/cuda/convolution_tasks.h"

namespace lrcn::cuda {

// How the products of one direction are computed.
//   direct  a thread for every sum
//   simt    tiles in shared memory, f32 units
//   tf32, bf16  the same on tensor cores, with factors rounded to this precision
//   cudnn   by cuDNN, of images that are nhwc
enum class ConvolutionEngine : std::uint8_t { direct, simt, tf32, bf16, cudnn };

// Results a block computes: 128x128, 128x64 (forward and dx), 64x128 (dw) or 64x32.
enum class ConvolutionTile : std::uint8_t { wide, narrow, flat, small };

struct ConvolutionMethod {
  ConvolutionEngine engine = ConvolutionEngine::direct;
  ConvolutionTile tile = ConvolutionTile::small;
  std::int32_t splits = 1;  // of the sums of dw

  friend bool operator==(const ConvolutionMethod&, const ConvolutionMethod&) = default;
};

struct ConvolutionMethods {
  ConvolutionMethod forward;
  ConvolutionMethod dx;
  ConvolutionMethod dw;
};

// "direct", "simt 128x64", "bf16 64x32 split 4", "cudnn".
std::ostream& operator<<(std::ostream& out, const ConvolutionMethod& method);

// Whether the tiled kernels can count the pixels of the problem.
bool tiles_apply(const ConvolutionGeometry& geometry);

// What suits the problem best, from its extents alone.
ConvolutionMethods choose_methods(const ConvolutionProblem& problem,
                                  const ConvolutionGeometry& geometry);

// As plan_convolution, by these methods. Throws ArgumentError for those that do not apply.
std::unique_ptr<ConvolutionKernel> plan_convolution_by(Context& context,
                                                       const ConvolutionProblem& problem,
                                                       const ConvolutionMethods& methods);

// Tiled kernels. wide: 16 bytes of neighbouring taps of both sources lie side by side at multiples
// of 16 bytes.
void convolution_simt(Context& context, const ForwardTask<float>& task, ConvolutionTile tile,
                      bool wide);
void convolution_simt(Context& context, const DxTask<float>& task, ConvolutionTile tile, bool wide);
void convolution_simt(Context& context, const DwTask<float, float>& task, ConvolutionTile tile,
                      bool wide);
// bf16 or tf32.
void convolution_mma(Context& context, const ForwardTask<float>& task,
                     const ConvolutionMethod& method, bool wide);
void convolution_mma(Context& context, const DxTask<float>& task, const ConvolutionMethod& method,
                     bool wide);
void convolution_mma(Context& context, const DwTask<float, float>& task,
                     const ConvolutionMethod& method, bool wide);
// bf16.
void convolution_mma(Context& context, const ForwardTask<BFloat16>& task,
                     const ConvolutionMethod& method, bool wide);
void convolution_mma(Context& context, const DxTask<BFloat16>& task,
                     const ConvolutionMethod& method, bool wide);
void convolution_mma(Context& context, const DwTask<BFloat16, BFloat16>& task,
                     const ConvolutionMethod& method, bool wide);
// The same where x is f32 and read by single elements: wide is asked of dy alone.
void convolution_mma(Context& context, const DwTask<float, BFloat16>& task,
                     const ConvolutionMethod& method, bool wide);

}  // namespace lrcn::cuda
