// The LSTM of a CUDA device, real or emulated, in the tests of all backends.
#include "tests/kernels/lstm_suites.h"

namespace lrcn::test {
namespace {

const LstmBackend kBackends[] = {
    {.name = "Stepwise", .device = Device::cuda(0), .algorithm = LstmAlgorithm::stepwise},
    {.name = "Persistent", .device = Device::cuda(0), .algorithm = LstmAlgorithm::persistent},
};

INSTANTIATE_TEST_SUITE_P(Cuda, LstmSequence,
                         testing::Combine(testing::ValuesIn(kBackends),
                                          testing::ValuesIn(kLstmProblems)));
INSTANTIATE_TEST_SUITE_P(Cuda, Lstm, testing::ValuesIn(kBackends), name_of);
INSTANTIATE_TEST_SUITE_P(Cuda, LstmState, testing::ValuesIn(kBackends), name_of);
INSTANTIATE_TEST_SUITE_P(Cuda, LstmVectors, testing::ValuesIn(kBackends), name_of);

}  // namespace
}  // namespace lrcn::test
