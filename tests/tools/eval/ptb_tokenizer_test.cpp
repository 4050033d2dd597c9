#include "tools/eval/ptb_tokenizer.h"

#include <gtest/gtest.h>

#include <cctype>
#include <cstdint>
#include <fstream>
#include <string>

#include "core/error.h"
#include "tests/test_data.h"

namespace lrcn::test {
namespace {

std::string tokens(std::string_view caption) {
  std::string joined;
  for (const std::string& token : ptb_tokenize(caption)) {
    joined += joined.empty() ? token : " " + token;
  }
  return joined;
}

TEST(PtbTokenizer, EqualsTheOriginalOnEveryGoldenCaption) {
  std::ifstream file(golden("caption_scores/ptb_tokens.txt"));
  int captions = 0;
  for (std::string caption, expected; std::getline(file, caption) && std::getline(file, expected);
       ++captions) {
    EXPECT_EQ(tokens(caption), expected) << caption;
  }
  EXPECT_EQ(captions, 63);
}

TEST(PtbTokenizer, CutsContractionsAndPossessives) {
  EXPECT_EQ(tokens("A man's dog doesn't like James' hat"), "a man 's dog does n't like james hat");
  EXPECT_EQ(tokens("I can't, he won't and they've cannot"),
            "i ca n't he wo n't and they 've can not");
  EXPECT_EQ(tokens("it\xe2\x80\x99s what they don\xe2\x80\x99t"), "it 's what they do n't");
}

TEST(PtbTokenizer, DropsThePunctuationOfTheEvaluation) {
  EXPECT_EQ(tokens("\"One\", two; 'three': `four` - five -- six ... seven!"),
            "one two three four five six seven");
  EXPECT_EQ(tokens("a.. b... c? d!"), "a. b. c d");
}

TEST(PtbTokenizer, KeepsBracketsAsTheOriginalDoes) {
  EXPECT_EQ(tokens("a (b) [c] {d}"), "a -lrb- b -rrb- -lsb- c -rsb- -lcb- d -rcb-");
}

TEST(PtbTokenizer, KeepsThePeriodsOfAbbreviations) {
  EXPECT_EQ(tokens("Mr. X of the U.S. watches T.V. on Main St."),
            "mr. x of the u.s. watches t.v. on main st.");
  EXPECT_EQ(tokens("No. 5 says no."), "no. 5 says no");
}

TEST(PtbTokenizer, KeepsNumbersAndCompoundsTogether) {
  EXPECT_EQ(tokens("1,000 x 2.5 at 10:30, half-eaten and/or black-and-white"),
            "1,000 x 2.5 at 10:30 half-eaten and/or black-and-white");
}

TEST(PtbTokenizer, TakesLineBreaksAndOddBlanksForBlanks) {
  EXPECT_EQ(tokens(" a\ndog\r\nand\ta\xc2\xa0"
                   "cat\n\n"),
            "a dog and a cat");
}

TEST(PtbTokenizer, FindsNoTokenInBlanksAndPunctuation) {
  EXPECT_TRUE(ptb_tokenize("").empty());
  EXPECT_TRUE(ptb_tokenize(" \n\t ").empty());
  EXPECT_TRUE(ptb_tokenize("... - \"'\" !").empty());
}

TEST(PtbTokenizer, RefusesBytesThatAreNotUtf8) {
  for (const char* bad : {"a \xff dog", "cut \xe2\x80", "\xc0\xaf", "\xed\xa0\x80"}) {
    EXPECT_THROW(ptb_tokenize(bad), DataError);
  }
}

// No character of the text may get lost or stand in two tokens: with blanks between all characters
// that rules could join, and without them, the letters and digits are the same.
TEST(PtbTokenizer, KeepsEveryLetterAndDigitOfRandomText) {
  const std::string alphabet = "aAsStTnN.d'L-_/0 9,:;=)(<>@#&$!?*^+oO\"`";
  for (std::uint64_t round = 0; round < 3000; ++round) {
    std::string text;
    std::string expected;
    for (std::uint64_t i = 0; i < 40; ++i) {
      const char c = alphabet[(round * 7919 + i * i * 31 + (round ^ i) * 17 + round / 13 * i) %
                              alphabet.size()];
      text += c;
      if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
        expected += static_cast<char>(std::tolower(c));
      }
    }
    std::string found;
    for (const std::string& token : ptb_tokenize(text)) {
      ASSERT_FALSE(token.empty());
      ASSERT_EQ(token.find_first_of(" \n\t"), token.npos);
      std::string plain = token;
      for (const char* bracket : {"-lrb-", "-rrb-"}) {
        for (auto at = plain.find(bracket); at != plain.npos; at = plain.find(bracket)) {
          plain.erase(at, 5);
        }
      }
      for (const char c : plain) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
          found += c;
        }
      }
    }
    EXPECT_EQ(found, expected) << text;
  }
}

// A caption of a million characters without a blank, which no rule may read again and again.
TEST(PtbTokenizer, SplitsAHugeCaption) {
  std::string caption;
  while (caption.size() < 1000000) {
    caption += "a,b@c;1(x/";
  }
  EXPECT_GT(ptb_tokenize(caption).size(), 100000u);
}

}  // namespace
}  // namespace lrcn::test
