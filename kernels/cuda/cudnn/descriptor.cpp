#include "kernels/cuda/cudnn/descriptor.h"

#include <utility>

namespace lrcn::cuda {

CudnnDescriptor::CudnnDescriptor(const CudnnFunctions& cudnn, cudnnBackendDescriptorType_t type,
                                 std::string name)
    : cudnn_(&cudnn), name_(std::move(name)), descriptor_(nullptr, Destroy{&cudnn}) {
  cudnnBackendDescriptor_t descriptor = nullptr;
  cudnn.check(cudnn.create_descriptor(type, &descriptor), "cudnnBackendCreateDescriptor of ",
              name_);
  descriptor_.reset(descriptor);
}

CudnnDescriptor& CudnnDescriptor::set_pointers(cudnnBackendAttributeName_t attribute,
                                               const std::vector<void*>& pointers) {
  cudnn_->check(cudnn_->set_attribute(get(), attribute, CUDNN_TYPE_VOID_PTR,
                                      std::int64_t(pointers.size()), pointers.data()),
                "cudnnBackendSetAttribute ", int(attribute), " of ", name_);
  return *this;
}

void CudnnDescriptor::finalize() {
  cudnn_->check(cudnn_->finalize(get()), "cudnnBackendFinalize of ", name_);
}

bool CudnnDescriptor::finalizes() {
  const cudnnStatus_t status = cudnn_->finalize(get());
  // 3000 to 3999: one of the reasons of "not supported". What is wrong in itself shows as a bad
  // parameter, which engines also return for shapes that they do not take.
  if (status >= CUDNN_STATUS_BAD_PARAM && status < CUDNN_STATUS_INTERNAL_ERROR) {
    return false;
  }
  switch (status) {
    // An engine that stumbles over itself, or whose kernel cannot be compiled here: others may do.
    case CUDNN_STATUS_INTERNAL_ERROR:
    case CUDNN_STATUS_INTERNAL_ERROR_COMPILATION_FAILED:
    case CUDNN_STATUS_INTERNAL_ERROR_UNEXPECTED_VALUE:
      return false;
    default:
      cudnn_->check(status, "cudnnBackendFinalize of ", name_);
      return true;
  }
}

std::int64_t CudnnDescriptor::fill(cudnnBackendAttributeName_t attribute,
                                   std::vector<CudnnDescriptor>& descriptors) const {
  std::vector<cudnnBackendDescriptor_t> pointers;
  for (const CudnnDescriptor& descriptor : descriptors) {
    pointers.push_back(descriptor.get());
  }
  std::int64_t count = 0;
  cudnn_->check(cudnn_->get_attribute(get(), attribute, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                                      std::int64_t(pointers.size()), &count, pointers.data()),
                "cudnnBackendGetAttribute ", int(attribute), " of ", name_);
  return std::min(count, std::int64_t(pointers.size()));
}

std::int64_t CudnnDescriptor::count(cudnnBackendAttributeName_t attribute) const {
  std::int64_t count = 0;
  cudnn_->check(
      cudnn_->get_attribute(get(), attribute, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, &count, nullptr),
      "cudnnBackendGetAttribute ", int(attribute), " of ", name_);
  return count;
}

}  // namespace lrcn::cuda
