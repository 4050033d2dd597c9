#include "tools/bench/operands.h"

#include "core/rng.h"
#include "core/transfer.h"
#include "kernels/cast.h"
#include "kernels/reorder.h"

namespace lrcn {
namespace {

constexpr std::size_t kDrawn = std::size_t(64) << 10;

void fill_plain(const Tensor& tensor, float scale, std::uint64_t which) {
  const Random random(1, Purpose::generate);
  const std::size_t elements = std::size_t(tensor.elements());
  std::vector<float> values(std::min(kDrawn, elements));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = scale * (2.0f * random.uniform(which, i) - 1.0f);
  }
  for (std::size_t begin = 0; begin < elements; begin += values.size()) {
    const std::size_t count = std::min(values.size(), elements - begin);
    const Tensor piece{tensor.as<float>() + begin, {{std::int64_t(count)}}, tensor.device};
    upload(piece, values.data());
  }
}

}  // namespace

OwnedTensor random_tensor(Context& context, const TensorSpec& spec, float scale,
                          std::uint64_t which) {
  OwnedTensor plain(context.device(), {spec.shape, DType::f32, Layout::plain});
  fill_plain(plain.tensor, scale, which);
  if (spec.dtype == DType::bf16) {
    OwnedTensor rounded(context.device(), {spec.shape, spec.dtype, Layout::plain});
    cast(context, plain.tensor, rounded.tensor);
    context.synchronize();
    plain = std::move(rounded);
  }
  if (spec.layout == Layout::plain) {
    return plain;
  }
  OwnedTensor arranged(context.device(), spec);
  reorder(context, plain.tensor, arranged.tensor);
  context.synchronize();
  return arranged;
}

OwnedTensor touched_tensor(Context& context, const TensorSpec& spec) {
  OwnedTensor zeros(context.device(), spec);
  set_bytes(context, zeros.tensor, 0);
  return zeros;
}

OwnedTensor touched_bytes(Context& context, std::size_t bytes) {
  return touched_tensor(context, {{std::int64_t(bytes)}, DType::u8});
}

std::size_t rotation_size(Device device, std::size_t bytes) {
  constexpr std::size_t kMost = 256;
  const std::size_t needed = 2 * last_level_cache(device);
  return bytes == 0 ? 1 : std::clamp<std::size_t>((needed + bytes - 1) / bytes, 1, kMost);
}

}  // namespace lrcn
