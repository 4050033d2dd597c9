#include "kernels/cuda/cudnn/convolution_graph.h"

namespace lrcn::cuda {

std::size_t CudnnGraph::image(CudnnTensor id, const char* name, const Shape& shape, DType dtype,
                              bool is_virtual) {
  const std::int64_t n = shape[0], c = shape[1], h = shape[2], w = shape[3];
  part(CUDNN_BACKEND_TENSOR_DESCRIPTOR, name)
      .set(CUDNN_ATTR_TENSOR_UNIQUE_ID, std::int64_t(id))
      .set(CUDNN_ATTR_TENSOR_DATA_TYPE, cudnn_type_of(dtype))
      .set(CUDNN_ATTR_TENSOR_DIMENSIONS, std::vector<std::int64_t>{n, c, h, w})
      .set(CUDNN_ATTR_TENSOR_STRIDES, std::vector<std::int64_t>{h * w * c, 1, w * c, c})
      .set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, kCudnnAlignment)
      .set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, is_virtual)
      .finalize();
  if (!is_virtual) {
    tensors_.push_back(id);
  }
  return parts_.size() - 1;
}

std::size_t CudnnGraph::weights(const char* name, DType dtype) {
  const Window& window = problem_.window;
  return image(CudnnTensor::w, name,
               {problem_.out_channels, problem_.x.shape[1] / problem_.groups, window.kernel_h,
                window.kernel_w},
               dtype);
}

std::size_t CudnnGraph::convolution() {
  const Window& w = problem_.window;
  using Pair = std::vector<std::int64_t>;
  part(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, "convolution")
      .set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, std::int64_t(2))
      .set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_FLOAT)
      .set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_CROSS_CORRELATION)
      .set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, Pair{w.pad_top, w.pad_left})
      .set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, Pair{w.pad_bottom, w.pad_right})
      .set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, Pair{w.stride_h, w.stride_w})
      .set(CUDNN_ATTR_CONVOLUTION_DILATIONS, Pair{1, 1})
      .finalize();
  return parts_.size() - 1;
}

void CudnnGraph::add_pointwise(cudnnPointwiseMode_t mode, std::size_t x,
                               std::optional<std::size_t> b, std::size_t y) {
  part(CUDNN_BACKEND_POINTWISE_DESCRIPTOR, "pointwise")
      .set(CUDNN_ATTR_POINTWISE_MODE, mode)
      .set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_DATA_FLOAT)
      .finalize();
  const std::size_t kind = parts_.size() - 1;
  CudnnDescriptor& operation =
      part(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR, "pointwise operation");
  operation.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, parts_[kind])
      .set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, parts_[x])
      .set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, parts_[y]);
  if (b) {
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, parts_[*b]);
  }
  finish_operation();
}

// y = act(x * w + bias): sums and biased sums exist only inside of an engine.
void CudnnGraph::add_forward(CudnnEpilogue epilogue) {
  const std::size_t x = image(CudnnTensor::x, "tensor x", problem_.x.shape, problem_.x.dtype);
  const std::size_t w = weights("tensor w", problem_.x.dtype);
  const std::size_t y = image(CudnnTensor::y, "tensor y", y_.shape, y_.dtype);
  const auto between = [&](CudnnTensor id, const char* name) {
    return image(id, name, y_.shape, DType::f32, /*is_virtual=*/true);
  };
  std::size_t last =
      epilogue.bias || epilogue.relu ? between(CudnnTensor::sum, "tensor of sums") : y;
  const std::size_t kind = convolution();
  part(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR, "forward convolution")
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, 1.0f)
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, 0.0f)
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, parts_[kind])
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, parts_[x])
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, parts_[w])
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, parts_[last]);
  finish_operation();
  if (epilogue.bias) {
    const std::size_t bias =
        image(CudnnTensor::bias, "tensor bias", {1, problem_.out_channels, 1, 1}, DType::f32);
    const std::size_t biased =
        epilogue.relu ? between(CudnnTensor::biased, "tensor of biased sums") : y;
    add_pointwise(CUDNN_POINTWISE_ADD, last, bias, biased);
    last = biased;
  }
  if (epilogue.relu) {
    add_pointwise(CUDNN_POINTWISE_RELU_FWD, last, std::nullopt, y);
  }
}

void CudnnGraph::add_dx() {
  const std::size_t dx = image(CudnnTensor::x, "tensor dx", problem_.x.shape, problem_.x.dtype);
  const std::size_t w = weights("tensor w", problem_.x.dtype);
  const std::size_t dy = image(CudnnTensor::y, "tensor dy", y_.shape, y_.dtype);
  const std::size_t kind = convolution();
  part(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR, "convolution of dx")
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, 1.0f)
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, 0.0f)
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, parts_[kind])
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, parts_[dx])
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, parts_[w])
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, parts_[dy]);
  finish_operation();
}

void CudnnGraph::add_dw() {
  const std::size_t x = image(CudnnTensor::x, "tensor x", problem_.x.shape, problem_.x.dtype);
  const std::size_t dw = weights("tensor dw", DType::f32);
  const std::size_t dy = image(CudnnTensor::y, "tensor dy", y_.shape, y_.dtype);
  const std::size_t kind = convolution();
  part(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR, "convolution of dw")
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA, 1.0f)
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA, 0.0f)
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC, parts_[kind])
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X, parts_[x])
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW, parts_[dw])
      .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY, parts_[dy]);
  finish_operation();
}

void CudnnGraph::finish_operation() {
  parts_.back().finalize();
  operations_.push_back(parts_.size() - 1);
}

std::vector<cudnnBackendDescriptor_t> CudnnGraph::operations() const {
  std::vector<cudnnBackendDescriptor_t> operations;
  for (const std::size_t operation : operations_) {
    operations.push_back(parts_[operation].get());
  }
  return operations;
}

}  // namespace lrcn::cuda
