#include "kernels/cpu/onednn.h"

namespace lrcn::cpu {

OneDnn::OneDnn(Context&) {
  with_onednn("onednn", [&] {
    engine = dnnl::engine(dnnl::engine::kind::cpu, 0);
    stream = dnnl::stream(engine);
  });
}

void fail_onednn(const char* operation, const dnnl::error& error) {
  if (error.status == dnnl_out_of_memory) {
    fail<MemoryError>(operation, ": oneDNN is out of memory: ", error.what());
  }
  fail<DeviceError>(operation, ": oneDNN failed with status ", int(error.status), ": ",
                    error.what());
}

Layout native_blocked_layout() {
  const dnnl::cpu_isa isa = dnnl::get_effective_cpu_isa();
  const bool wide = (unsigned(isa) & unsigned(dnnl::cpu_isa::avx512_core)) ==
                    unsigned(dnnl::cpu_isa::avx512_core);
  return wide ? Layout::blocked16 : Layout::blocked8;
}

dnnl::memory::desc desc_of(const TensorSpec& spec) {
  using Tag = dnnl::memory::format_tag;
  const auto extents = spec.shape.extents();
  const dnnl::memory::dims dims(extents.begin(), extents.end());
  const auto type = dnnl::memory::data_type::f32;
  check(spec.dtype == DType::f32, "onednn: only f32 is supported, got ", spec);
  if (spec.layout != Layout::plain) {
    check(dims.size() == 4, "onednn: layout ", spec.layout, " needs rank 4, got ", spec);
    const Tag tag = spec.layout == Layout::nhwc       ? Tag::nhwc
                    : spec.layout == Layout::blocked8 ? Tag::nChw8c
                                                      : Tag::nChw16c;
    return {dims, type, tag};
  }
  constexpr Tag kPlain[] = {Tag::a, Tag::a, Tag::ab, Tag::abc, Tag::abcd, Tag::abcde, Tag::abcdef};
  check(!dims.empty(), "onednn: a tensor without dimensions has no descriptor");
  return {dims, type, kPlain[dims.size()]};
}

dnnl::primitive_attr user_scratch() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

Primitive::Primitive(const char* operation, OneDnn& dnn, const dnnl::primitive& primitive,
                     std::initializer_list<Argument> arguments)
    : operation_(operation), primitive_(primitive), stream_(dnn.stream) {
  with_onednn(operation, [&] {
    for (const Argument& argument : arguments) {
      if (argument.desc.get_size() == 0) {
        memories_.emplace_back();
        continue;
      }
      memories_.emplace_back(argument.desc, dnn.engine, nullptr);
      execution_.push_back({argument.id, memories_.back().get()});
    }
  });
}

void Primitive::run(std::initializer_list<void*> pointers) const {
  run(pointers.begin(), pointers.size());
}

void Primitive::run(void* const* pointers, std::size_t count) const {
  check(count == memories_.size(), operation_, ": the primitive takes ", memories_.size(),
        " arguments, got ", count);
  with_onednn(operation_, [&] {
    for (std::size_t i = 0; i < count; ++i) {
      if (memories_[i]) {
        memories_[i].set_data_handle(pointers[i], stream_);
      }
    }
    dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive_.get(), stream_.get(),
                                                   int(execution_.size()), execution_.data()),
                            "could not execute a primitive");
  });
}

std::vector<std::size_t> Primitive::sizes() const {
  std::vector<std::size_t> sizes;
  for (const dnnl::memory& memory : memories_) {
    sizes.push_back(memory ? memory.get_desc().get_size() : 0);
  }
  return sizes;
}

ReorderPrimitive make_reorder(const char* operation, OneDnn& dnn, const dnnl::memory::desc& x,
                              const dnnl::memory::desc& y, bool accumulate) {
  return with_onednn(operation, [&] {
    dnnl::primitive_attr attributes = user_scratch();
    if (accumulate) {
      dnnl::post_ops add;
      add.append_sum(1.0f);
      attributes.set_post_ops(add);
    }
    const dnnl::reorder::primitive_desc desc(dnn.engine, x, dnn.engine, y, attributes);
    const dnnl::memory::desc scratch = desc.scratchpad_desc();
    return ReorderPrimitive{
        Primitive(operation, dnn, dnnl::reorder(desc),
                  {{DNNL_ARG_FROM, x}, {DNNL_ARG_TO, y}, {DNNL_ARG_SCRATCHPAD, scratch}}),
        scratch.get_size()};
  });
}

}  // namespace lrcn::cpu
