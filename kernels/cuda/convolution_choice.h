// Which kernels compute a convolution: as measured while planning, each direction on its own.
#pragma once

#include <string>
#include <vector>

#include "kernels/cuda/convolution_library.h"

namespace lrcn::cuda {

bool uses_cudnn(const ConvolutionMethods& methods);

// What decides about the speed of one direction, and nothing else: device, driver, version of cuDNN
// (empty where it is no candidate), precision and the whole shape.
std::string convolution_key(Context& context, const ConvolutionProblem& problem,
                            const TensorSpec& y, ConvolutionDirection direction);

// Methods worth measuring: what choose_methods takes comes first, then its neighbours in tile and
// split, less rounded engines that the precision permits, and cuDNN where `cudnn` says so.
std::vector<ConvolutionMethod> convolution_candidates(const ConvolutionProblem& problem,
                                                      const TensorSpec& y,
                                                      ConvolutionDirection direction, bool cudnn);

// Whether cuDNN may be asked for a direction: of nhwc images, x and y of one type in memory, and
// those f32 where the gradient of the weights is computed, as it would be rounded to their type.
bool suits_cudnn(const ConvolutionProblem& problem, const TensorSpec& y,
                 ConvolutionDirection direction);

// By the provider of the context: automatic takes the fastest candidates, remembered in
// AlgorithmChoices; own only those of this project; cudnn that library for all that suits it.
// problem.x is the spec that the kernel works in. Throws DeviceError when cudnn is asked for and
// not there.
ConvolutionMethods decide_methods(Context& context, const ConvolutionProblem& problem,
                                  const TensorSpec& y);

}  // namespace lrcn::cuda
