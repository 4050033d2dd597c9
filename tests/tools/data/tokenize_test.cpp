#include "tools/data/tokenize.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.h"
#include "tests/test_data.h"
#include "tools/data/coco.h"
#include "tools/data/vocabulary.h"

namespace lrcn::test {
namespace {

using Tokens = std::vector<std::string>;

TEST(Tokenize, CutsWordsFromPunctuationAndKeepsBoth) {
  EXPECT_EQ(tokenize_caption("A man's dog, 2 feet tall."),
            (Tokens{"a", "man", "'", "s", "dog", ",", "2", "feet", "tall"}));
  EXPECT_EQ(tokenize_caption("half-eaten (and \"cold\") pie"),
            (Tokens{"half", "-", "eaten", "(", "and", "\"", "cold", "\")", "pie"}));
}

TEST(Tokenize, DropsOnlyAFinalPeriod) {
  EXPECT_EQ(tokenize_caption("A dog. A cat."), (Tokens{"a", "dog", ".", "a", "cat"}));
  EXPECT_EQ(tokenize_caption("A dog ."), (Tokens{"a", "dog"}));
  EXPECT_EQ(tokenize_caption("A dog!"), (Tokens{"a", "dog", "!"}));
  EXPECT_EQ(tokenize_caption("A dog.."), (Tokens{"a", "dog", ".."}));
  EXPECT_EQ(tokenize_caption("\"A dog.\""), (Tokens{"\"", "a", "dog", ".\""}));
}

TEST(Tokenize, DropsBlanksAndLineBreaks) {
  EXPECT_EQ(tokenize_caption(" \n a\tdog\r\nruns \n"), (Tokens{"a", "dog", "runs"}));
  EXPECT_EQ(tokenize_caption("he said. \n \"go\""), (Tokens{"he", "said", ". \"", "go", "\""}));
}

TEST(Tokenize, KeepsLettersOfEveryScriptTogether) {
  EXPECT_EQ(
      tokenize_caption("Ein CAF\xc3\x89 \xe2\x80\x93 \xe6\x97\xa5\xe6\x9c\xac\xe3\x80\x82"),
      (Tokens{"ein", "caf\xc3\xa9", "\xe2\x80\x93", "\xe6\x97\xa5\xe6\x9c\xac", "\xe3\x80\x82"}));
}

TEST(Tokenize, RefusesCaptionsWithoutATokenAndBytesThatAreNotText) {
  EXPECT_THROW(tokenize_caption(""), DataError);
  EXPECT_THROW(tokenize_caption(" \n "), DataError);
  EXPECT_THROW(tokenize_caption("."), DataError);
  EXPECT_THROW(tokenize_caption("a \xfe dog"), DataError);
}

struct Statistics {
  std::int64_t tokens = 0;
  std::size_t words = 0;
  std::int64_t twice = 0;
  std::int64_t five_times = 0;
  std::size_t longest = 0;

  bool operator==(const Statistics&) const = default;
};

Statistics statistics(const CaptionSet& set) {
  Statistics result;
  WordCounts counts;
  for (const CaptionSet::Item& item : set.items) {
    for (const std::string& caption : item.captions) {
      const Tokens tokens = tokenize_caption(caption);
      result.longest = std::max(result.longest, tokens.size());
      count_words(counts, tokens);
    }
  }
  result.words = counts.size();
  for (const auto& [word, count] : counts) {
    result.tokens += count;
    result.twice += count >= 2 ? 1 : 0;
    result.five_times += count >= 5 ? 1 : 0;
  }
  return result;
}

// The numbers are those of Python's re.split. They are not the ones in the README files of the
// data, which count words without punctuation and so join "man's" and "half-eaten".
TEST(Tokenize, CountsTheWordsOfTheCocoSubset) {
  const auto path = test_data("captions/coco_val2014_subset.json");
  LRCN_SKIP_WITHOUT(path);
  EXPECT_EQ(statistics(read_coco({.captions = path, .image_folder = "val2014", .split = "val"})),
            (Statistics{
                .tokens = 98973, .words = 4660, .twice = 2599, .five_times = 1380, .longest = 45}));
}

TEST(Tokenize, CountsTheWordsOfThePhotos) {
  const auto path = test_data("photos/captions_coco.json");
  LRCN_SKIP_WITHOUT(path);
  EXPECT_EQ(
      statistics(read_coco({.captions = path, .image_folder = "photos", .split = "train"})),
      (Statistics{.tokens = 1715, .words = 546, .twice = 233, .five_times = 65, .longest = 15}));
}

}  // namespace
}  // namespace lrcn::test
