// Runs the tests of core/cuda against the stand-in for the CUDA runtime: each on a machine of its
// own, on which nothing may be left when the test ends.
#include <gtest/gtest.h>

#include "tests/core/cuda/runtime_stand_in/stand_in.h"

namespace lrcn::test::stand_in {
namespace {

class OneMachineEach : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo&) override { reset({}); }
  void OnTestEnd(const testing::TestInfo& test) override {
    for (const std::string& complaint : complaints()) {
      ADD_FAILURE() << test.test_suite_name() << '.' << test.name() << ": " << complaint;
    }
  }
};

}  // namespace
}  // namespace lrcn::test::stand_in

int main(int count, char** arguments) {
  testing::InitGoogleTest(&count, arguments);
  // In front of the printer, so that it sees the failures.
  testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
  testing::TestEventListener* printer = listeners.Release(listeners.default_result_printer());
  listeners.Append(printer);
  listeners.Append(new lrcn::test::stand_in::OneMachineEach);  // ends are told in reverse order
  return RUN_ALL_TESTS();
}
