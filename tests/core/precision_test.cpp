#include "core/precision.h"

#include <gtest/gtest.h>

#include <string>

#include "core/error.h"

namespace lrcn {
namespace {

TEST(Precision, IsReadAsItIsWritten) {
  for (const Precision precision : {Precision::f32, Precision::tf32, Precision::bf16}) {
    EXPECT_EQ(parse_precision(concat(precision)), precision);
  }
  EXPECT_EQ(concat(Precision::tf32), "tf32");
}

TEST(Precision, NamesTheAcceptedForms) {
  for (const char* text : {"", "fp16", "F32", "bf16 "}) {
    try {
      parse_precision(text);
      FAIL() << text << " was accepted";
    } catch (const ArgumentError& error) {
      EXPECT_EQ(std::string(error.what()),
                concat("precision: expected f32, tf32 or bf16, got '", text, "'"));
    }
  }
}

}  // namespace
}  // namespace lrcn
