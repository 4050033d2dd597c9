// Descriptors of cuDNN's backend: objects of named attributes that are complete once finalized.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/cudnn/functions.h"

namespace lrcn::cuda {

// What cuDNN calls the type of an attribute. Its descriptors are void*; see set_pointers for
// memory.
constexpr cudnnBackendAttributeType_t attribute_type(std::int64_t) { return CUDNN_TYPE_INT64; }
constexpr cudnnBackendAttributeType_t attribute_type(bool) { return CUDNN_TYPE_BOOLEAN; }
constexpr cudnnBackendAttributeType_t attribute_type(float) { return CUDNN_TYPE_FLOAT; }
constexpr cudnnBackendAttributeType_t attribute_type(char) { return CUDNN_TYPE_CHAR; }
constexpr cudnnBackendAttributeType_t attribute_type(cudnnHandle_t) { return CUDNN_TYPE_HANDLE; }
constexpr cudnnBackendAttributeType_t attribute_type(cudnnDataType_t) {
  return CUDNN_TYPE_DATA_TYPE;
}
constexpr cudnnBackendAttributeType_t attribute_type(cudnnConvolutionMode_t) {
  return CUDNN_TYPE_CONVOLUTION_MODE;
}
constexpr cudnnBackendAttributeType_t attribute_type(cudnnPointwiseMode_t) {
  return CUDNN_TYPE_POINTWISE_MODE;
}
constexpr cudnnBackendAttributeType_t attribute_type(cudnnBackendHeurMode_t) {
  return CUDNN_TYPE_HEUR_MODE;
}
constexpr cudnnBackendAttributeType_t attribute_type(cudnnBackendNumericalNote_t) {
  return CUDNN_TYPE_NUMERICAL_NOTE;
}
constexpr cudnnBackendAttributeType_t attribute_type(cudnnBackendDescriptor_t) {
  return CUDNN_TYPE_BACKEND_DESCRIPTOR;
}

// All but the destructor and `finalizes` throw what CudnnFunctions::check throws, naming the
// descriptor. The functions must outlive it.
class CudnnDescriptor {
 public:
  // name: for messages, "tensor x".
  CudnnDescriptor(const CudnnFunctions& cudnn, cudnnBackendDescriptorType_t type, std::string name);

  template <class T>
  CudnnDescriptor& set(cudnnBackendAttributeName_t attribute, const T& value) {
    return set_all(attribute, &value, 1);
  }
  template <class T>
  CudnnDescriptor& set(cudnnBackendAttributeName_t attribute, const std::vector<T>& values) {
    return set_all(attribute, values.data(), std::int64_t(values.size()));
  }
  // cuDNN keeps what it needs of `other`, which the caller keeps alive nevertheless.
  CudnnDescriptor& set(cudnnBackendAttributeName_t attribute, const CudnnDescriptor& other) {
    const cudnnBackendDescriptor_t descriptor = other.get();
    return set_all(attribute, &descriptor, 1);
  }
  // Addresses of memory.
  CudnnDescriptor& set_pointers(cudnnBackendAttributeName_t attribute,
                                const std::vector<void*>& pointers);

  void finalize();
  // False where cuDNN does not support what the attributes say, or an engine fails at it.
  bool finalizes();

  template <class T>
  T value(cudnnBackendAttributeName_t attribute) const {
    T value{};
    get_all(attribute, &value, 1);
    return value;
  }
  // At most `most` of them.
  template <class T>
  std::vector<T> values(cudnnBackendAttributeName_t attribute, std::int64_t most) const {
    std::vector<T> found(std::size_t(most), T{});
    found.resize(std::size_t(get_all(attribute, found.data(), most)));
    return found;
  }
  // Descriptors that the caller has made are filled; how many, comes back.
  std::int64_t fill(cudnnBackendAttributeName_t attribute,
                    std::vector<CudnnDescriptor>& descriptors) const;
  std::int64_t count(cudnnBackendAttributeName_t attribute) const;

  cudnnBackendDescriptor_t get() const { return descriptor_.get(); }
  const CudnnFunctions& cudnn() const { return *cudnn_; }

 private:
  struct Destroy {
    const CudnnFunctions* cudnn;
    void operator()(void* descriptor) const { cudnn->destroy_descriptor(descriptor); }
  };

  template <class T>
  CudnnDescriptor& set_all(cudnnBackendAttributeName_t attribute, const T* values,
                           std::int64_t count) {
    cudnn_->check(cudnn_->set_attribute(get(), attribute, attribute_type(T{}), count, values),
                  "cudnnBackendSetAttribute ", int(attribute), " of ", name_);
    return *this;
  }
  template <class T>
  std::int64_t get_all(cudnnBackendAttributeName_t attribute, T* values, std::int64_t most) const {
    std::int64_t count = 0;
    cudnn_->check(
        cudnn_->get_attribute(get(), attribute, attribute_type(T{}), most, &count, values),
        "cudnnBackendGetAttribute ", int(attribute), " of ", name_);
    return std::min(count, most);
  }

  const CudnnFunctions* cudnn_;
  std::string name_;
  std::unique_ptr<void, Destroy> descriptor_;
};

}  // namespace lrcn::cuda
