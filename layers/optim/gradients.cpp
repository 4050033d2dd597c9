#include "layers/optim/gradients.h"

#include <algorithm>
#include <array>

#include "core/buffer.h"
#include "core/error.h"
#include "core/transfer.h"
#include "kernels/reduce.h"

namespace lrcn {

Tensor trainable_gradients(const ParamStore& params) {
  const auto& entries = params.entries();
  const auto trainable = std::find_if(entries.begin(), entries.end(),
                                      [](const ParamStore::Entry& entry) { return !entry.frozen; });
  if (trainable == entries.end()) {
    return {nullptr, {Shape{0}}, params.device()};
  }
  check(bool(params.gradient(int(trainable - entries.begin()))), "gradients: parameter ",
        trainable->name, " has none; nothing was compiled with a backward pass");
  return params.flat_gradients();
}

void zero_gradients(Context& context, const ParamStore& params) {
  set_bytes(context, trainable_gradients(params), 0);
}

std::optional<NonFinite> find_non_finite(Context& context, const ParamStore& params) {
  const OwnedTensor result(context.device(), {Shape{2}, DType::i32});
  count_non_finite(context, trainable_gradients(params), result.tensor);
  context.synchronize();
  std::array<std::int32_t, 2> found{};
  download(found.data(), result.tensor);
  const auto [count, place] = found;
  if (count == 0) {
    return std::nullopt;
  }
  const std::string& name = params.name_at(place);
  const auto& entry = params.entries().at(std::size_t(params.find(name)));
  return NonFinite{name, place - entry.offset, count};
}

}  // namespace lrcn
