// One update of all parameters by each rule: memory traffic and little else.
#include <memory>

#include "core/error.h"
#include "core/transfer.h"
#include "kernels/optimizer.h"
#include "tools/bench/benchmark.h"
#include "tools/bench/operands.h"

namespace lrcn {
namespace {

struct Operands {
  OwnedTensor value, gradient, state, state2;
  OwnedTensor segments;  // UpdateSegment [1]

  UpdateArena arena() const {
    return {value.tensor,
            gradient.tensor,
            state.tensor,
            state2.tensor,
            {static_cast<const UpdateSegment*>(segments.tensor.data), 1}};
  }
};

Operands make_operands(Context& context, std::int64_t elements, int states) {
  const TensorSpec arena{{elements}};
  Operands operands;
  operands.value = random_tensor(context, arena, 0.1f, 0);
  operands.gradient = random_tensor(context, arena, 0.01f, 1);
  operands.state = touched_tensor(context, arena);
  if (states > 1) {
    operands.state2 = touched_tensor(context, arena);
  }
  operands.segments = touched_bytes(context, sizeof(UpdateSegment));
  const UpdateSegment all{.begin = 0, .end = elements};
  upload(operands.segments.tensor, &all);
  return operands;
}

template <class Update>
BenchCase update_case(const char* rule, std::int64_t elements, int states, const Update& update) {
  const auto prepare = [=](Context& context) {
    context.set_step_state({.learning_rate = 1e-4f});
    PreparedCase prepared;
    prepared.items = double(elements);
    prepared.unit = "params";
    prepared.kernels = concat(elements, " parameters");
    // Reads values, gradients and states, writes values and states.
    prepared.bytes = double(sizeof(float)) * double(elements) * (3.0 + 2.0 * states);
    auto held = std::make_shared<Rotation<Operands>>(
        context.device(), std::size_t(prepared.bytes),
        [&] { return make_operands(context, elements, states); });
    prepared.run = [held, update, &context] { update(context, held->next().arena()); };
    return prepared;
  };
  return {"optimizer", rule, prepare};
}

}  // namespace

std::vector<BenchCase> optimizer_cases(const BenchRequest& request) {
  const std::int64_t elements = request.elements;
  check(elements >= 1, "bench: an optimizer needs at least one element, got ", elements);
  return {update_case("sgd", elements, 1,
                      [](Context& context, const UpdateArena& arena) {
                        sgd_update(context, arena, SgdOptions());
                      }),
          update_case("adam", elements, 2,
                      [](Context& context, const UpdateArena& arena) {
                        adam_update(context, arena, AdamOptions());
                      }),
          update_case("rmsprop", elements, 1, [](Context& context, const UpdateArena& arena) {
            rmsprop_update(context, arena, RmsPropOptions());
          })};
}

}  // namespace lrcn
