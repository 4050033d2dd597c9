// A convolution on CUDA: its gradients.
#include "kernels/activation.h"
#include "kernels/cuda/convolution_direct.h"
#include "kernels/cuda/convolution_pooling.h"
#include "kernels/cuda/convolution_weights.h"
#include "kernels/cuda/planned_convolution.h"

namespace lrcn::cuda {

// dy' = dy * [y > 0], or dy at the pixels that were saved; db += sum dy'; dw += x (*) dy';
// dx = dy' (*) w
void PlannedConvolution::backward(Context& context, const ConvolutionGradients& arguments) const {
  check_devices("convolution", context.device(), arguments);
  const auto& [x, y, dy, packed, dx, dw, db, scratch, saved] = arguments;
  check(problem_.backward, kConvolution, ": backward was called, but not planned");
  check_convolution_tensor("dy", dy, y_);
  check_bytes(kConvolution, "packed", packed, packed_bytes());
  check_bytes(kConvolution, "scratch", scratch, scratch_bytes_);
  check_bytes(kConvolution, "saved", saved, saved_bytes());
  if (problem_.relu && !problem_.pool) {
    check_convolution_tensor("y", y, y_);
  }
  if (db) {
    check_convolution_tensor("db", db, bias_);
  }
  if (problem_.pool) {
    ConvolutionGradients apart = arguments;
    apart.dy = whole_y(scratch);
    apart.scratch = behind_whole_y(scratch);
    convolution_spread(context, g_,
                       {.pooled_dy = dy,
                        .saved = saved_pixels(saved),
                        .dy = apart.dy,
                        .sums = static_cast<double*>(apart.scratch.data),
                        .db = db ? db.as<float>() : nullptr});
    compute_gradients(context, apart);
    return;
  }
  if (db) {
    convolution_add_bias_gradient(context, g_,
                                  {.y = problem_.relu ? y : Tensor{},
                                   .dy = dy,
                                   .sums = static_cast<double*>(scratch.data),
                                   .db = db.as<float>()});
  } else if (problem_.relu) {
    relu_backward(context, y, dy, dy);
  }
  compute_gradients(context, arguments);
}

// Of x and w, where dy is that of all sums.
void PlannedConvolution::compute_gradients(Context& context,
                                           const ConvolutionGradients& arguments) const {
  if (arguments.dw) {
    check_convolution_tensor("x", arguments.x, x_);
    check_convolution_tensor("dw", arguments.dw, w_);
    add_dw(context, arguments);
  }
  if (arguments.dx) {
    check(problem_.needs_dx, kConvolution, ": dx was given, but not planned");
    check_convolution_tensor("dx", arguments.dx, x_);
    compute_dx(context, arguments);
  }
}

void PlannedConvolution::compute_dx(Context& context, const ConvolutionGradients& arguments) const {
  const Tensor& dy = arguments.dy;
  if (library_.dx != nullptr) {
    library_.dx->run(context, {.x = arguments.dx.data,
                               .w = arguments.packed.data,
                               .y = dy.data,
                               .scratch = arguments.scratch.data});
    return;
  }
  if (methods_.dx.engine == ConvolutionEngine::direct) {
    convolution_dx_direct(context, g_, dy, forward_weights(arguments.packed), arguments.dx);
  } else if (y_.dtype == DType::bf16) {
    compute_dx_tiled<BFloat16>(context, arguments);
  } else {
    compute_dx_tiled<float>(context, arguments);
  }
}

template <class Element>
void PlannedConvolution::compute_dx_tiled(Context& context,
                                          const ConvolutionGradients& arguments) const {
  const DxTask<Element> task{.g = g_,
                             .dy = arguments.dy.as<Element>(),
                             .packed = dx_weights(arguments.packed).as<Element>(),
                             .dx = ResultMemory(arguments.dx),
                             .wide = x_has(4) && at_16_bytes(arguments.dx.data)};
  const bool wide = y_has(kTogether<Element>) && at_16_bytes(task.dy) && at_16_bytes(task.packed);
  convolution_tiled(context, task, methods_.dx, wide);
}

void PlannedConvolution::add_dw(Context& context, const ConvolutionGradients& arguments) const {
  if (library_.dw != nullptr) {
    auto* bytes = arguments.scratch.as<std::uint8_t>();
    auto* dw = reinterpret_cast<float*>(bytes);
    library_.dw->run(context,
                     {.x = arguments.x.data,
                      .w = dw,
                      .y = arguments.dy.data,
                      .scratch = bytes + ConvolutionLibrary::dw_scratch_offset(dw_bytes())});
    convolution_add_parts(context, g_, dw, 1, arguments.dw.as<float>());
    return;
  }
  if (methods_.dw.engine == ConvolutionEngine::direct) {
    convolution_dw_direct(context, g_, arguments.x, arguments.dy, arguments.dw.as<float>());
  } else if (x_.dtype == DType::bf16) {
    add_dw_tiled<BFloat16, BFloat16>(context, arguments);
  } else if (y_.dtype == DType::bf16) {
    add_dw_tiled<float, BFloat16>(context, arguments);
  } else {
    add_dw_tiled<float, float>(context, arguments);
  }
}

template <class X, class Y>
void PlannedConvolution::add_dw_tiled(Context& context,
                                      const ConvolutionGradients& arguments) const {
  auto* parts = static_cast<float*>(arguments.scratch.data);
  const DwTask<X, Y> task{.g = g_,
                          .x = arguments.x.as<X>(),
                          .dy = arguments.dy.as<Y>(),
                          .parts = parts,
                          .split_count = methods_.dw.splits,
                          .split_rows = split_rows_,
                          .wide = g_.forward_taps() % 4 == 0 && at_16_bytes(parts)};
  const bool wide_dy = y_has(kTogether<Y>) && at_16_bytes(task.dy);
  const bool wide_x = sizeof(X) != sizeof(Y) || (x_has(kTogether<X>) && at_16_bytes(task.x));
  convolution_tiled(context, task, methods_.dw, wide_dy && wide_x);
  convolution_add_parts(context, g_, parts, methods_.dw.splits, arguments.dw.as<float>());
}

}  // namespace lrcn::cuda
