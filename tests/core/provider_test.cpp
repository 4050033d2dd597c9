#include "core/provider.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "core/context.h"
#include "core/error.h"

namespace lrcn {
namespace {

TEST(Provider, IsReadAsItIsWritten) {
  for (const Provider provider : {Provider::automatic, Provider::own, Provider::cudnn}) {
    EXPECT_EQ(parse_provider(concat(provider)), provider);
  }
  EXPECT_EQ(concat(Provider::automatic), "auto");
}

TEST(Provider, NamesTheAcceptedForms) {
  for (const char* text : {"", "automatic", "cuDNN", "own "}) {
    try {
      parse_provider(text);
      FAIL() << text << " was accepted";
    } catch (const ArgumentError& error) {
      EXPECT_EQ(std::string(error.what()),
                concat("provider: expected auto, own or cudnn, got '", text, "'"));
    }
  }
}

TEST(Provider, IsAutomaticUntilTheContextIsToldAndMovesWithIt) {
  Context context(Device::cpu());
  EXPECT_EQ(context.provider(), Provider::automatic);
  context.set_provider(Provider::own);
  Context other = std::move(context);
  EXPECT_EQ(other.provider(), Provider::own);
  Context third(Device::cpu());
  third = std::move(other);
  EXPECT_EQ(third.provider(), Provider::own);
}

}  // namespace
}  // namespace lrcn
