#include "tools/data/vocabulary.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/io/file.h"
#include "tests/core/io/faulty_file_system.h"
#include "tests/test_data.h"
#include "tests/tools/data/temporary_file.h"
#include "tools/data/coco.h"
#include "tools/data/tokenize.h"

namespace lrcn::test {
namespace {

using Ids = std::vector<std::int32_t>;
using Tokens = std::vector<std::string>;

const WordCounts kCounts{{"dog", 7}, {"a", 20}, {"cat", 7}, {"zebra", 5}, {"yak", 4}, {",", 9}};

TEST(Vocabulary, SortsByCountAndThenByWord) {
  const Vocabulary vocabulary = Vocabulary::build(kCounts, 1);
  Tokens words;
  for (std::int32_t id = 0; id < vocabulary.size(); ++id) {
    words.push_back(vocabulary.word(id));
  }
  EXPECT_EQ(words, (Tokens{"<eos>", "<unk>", "a", ",", "cat", "dog", "zebra", "yak"}));
}

TEST(Vocabulary, IsWrittenThroughTheFileSystemThatIsGiven) {
  FaultyFileSystem full;
  full.fault = FaultyFileSystem::Fault::error;
  full.at = 1;  // open, then write
  full.code = ENOSPC;
  const auto path = fresh_folder() / "vocab.txt";
  EXPECT_THROW(Vocabulary::build(kCounts, 1).save(path, full), IoError);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Vocabulary, CutsAtTheMinimumCount) {
  const Vocabulary vocabulary = Vocabulary::build(kCounts, 5);
  EXPECT_EQ(vocabulary.size(), 7);
  EXPECT_NE(vocabulary.id("zebra"), Vocabulary::kUnknown);
  EXPECT_EQ(vocabulary.id("yak"), Vocabulary::kUnknown);
  EXPECT_EQ(Vocabulary::build(kCounts, 100).size(), 2);
  EXPECT_EQ(Vocabulary::build({}, 1).size(), 2);
}

TEST(Vocabulary, EncodesAndDecodes) {
  const Vocabulary vocabulary = Vocabulary::build(kCounts, 1);
  EXPECT_EQ(vocabulary.encode(Tokens{"a", "unicorn", "dog"}), (Ids{2, 1, 5}));
  EXPECT_EQ(vocabulary.decode(Ids{2, 5, 0, 4, 4}), (Tokens{"a", "dog"}));
  EXPECT_EQ(vocabulary.decode(Ids{2, 1}), (Tokens{"a", "<unk>"}));
  EXPECT_TRUE(vocabulary.decode(Ids{0}).empty());
  EXPECT_TRUE(vocabulary.decode({}).empty());
}

TEST(Vocabulary, RefusesIdsThatItDoesNotHave) {
  const Vocabulary vocabulary = Vocabulary::build(kCounts, 1);
  EXPECT_THROW(vocabulary.word(-1), ArgumentError);
  EXPECT_THROW(vocabulary.word(8), ArgumentError);
  EXPECT_THROW(vocabulary.decode(Ids{2, 8}), ArgumentError);
}

TEST(Vocabulary, RefusesCountsThatNoFileCouldHold) {
  EXPECT_THROW(Vocabulary::build(kCounts, 0), ArgumentError);
  for (const char* word : {"", " dog", "dog ", "do\ng", "dog\r", "<eos>", "<unk>", "\xff"}) {
    EXPECT_THROW(Vocabulary::build({{word, 5}}, 1), ArgumentError) << word;
  }
  EXPECT_EQ(Vocabulary::build({{". \"", 5}}, 1).word(2), ". \"");
}

TEST(Vocabulary, IsTheSameAfterSavingAndLoading) {
  const auto path = fresh_folder() / "vocab.txt";
  Vocabulary::build(kCounts, 5).save(path);
  EXPECT_EQ(read_file(path), "<eos>\n<unk>\na\n,\ncat\ndog\nzebra\n");
  const Vocabulary loaded = Vocabulary::load(path);
  EXPECT_EQ(loaded.size(), 7);
  EXPECT_EQ(loaded.encode(Tokens{"zebra", "yak"}), (Ids{6, 1}));
}

std::string refusal(std::string_view text) {
  const auto path = write_text(fresh_folder() / "vocab.txt", text);
  const std::string message = message_of<DataError>([&] { Vocabulary::load(path); });
  const bool named = message.starts_with(path.string());
  return named ? message.substr(path.string().size()) : message;
}

TEST(Vocabulary, NamesTheLineOfABadFile) {
  EXPECT_EQ(refusal("<eos>\n<unk>\na\ndog\na\n"), ":5: the word \"a\" stands in line 3 already");
  EXPECT_EQ(refusal("<eos>\n<unk>\na\n\ndog\n"), ":4: expected a word, got an empty word");
  EXPECT_EQ(refusal("<eos>\n<unk>\na\n\n"), ":4: expected a word, got an empty word");
  EXPECT_EQ(refusal("<eos>\n<unk>\n\xff\n"), ":3: expected a word, got a word that is not UTF-8");
  EXPECT_EQ(refusal("<eos>\r\n<unk>\r\na\r\n"),
            ":1: expected a word, got a word with a line break (CRLF?) or a zero byte");
  EXPECT_EQ(refusal("<eos>\n<unk>\na \n"),
            ":3: expected a word, got a word with a blank at an end");
  EXPECT_EQ(refusal("<unk>\n<eos>\na\n"), ":1: expected \"<eos>\", got \"<unk>\"");
  EXPECT_EQ(refusal("<eos>\na\ndog\n"), ":2: expected \"<unk>\", got \"a\"");
  EXPECT_EQ(refusal("<eos>\n<unk>\n<eos>\n"), ":3: the word \"<eos>\" stands in line 1 already");
  EXPECT_EQ(refusal("<eos>\n"), ": expected \"<unk>\" in line 2, got one line");
  EXPECT_EQ(refusal("<eos>\n<unk>\na\ndo"),
            ": expected a line break at the end, got a cut last line \"do\"");
  EXPECT_EQ(refusal(""), ": expected \"<eos>\" and \"<unk>\", got an empty file");
}

TEST(Vocabulary, ReportsAnAbsentFile) {
  EXPECT_THROW(Vocabulary::load(fresh_folder() / "vocab.txt"), NotFoundError);
}

TEST(Vocabulary, JoinsTokensToReadableText) {
  const auto join = [](std::string_view caption) { return join_tokens(tokenize_caption(caption)); };
  for (const char* text : {"a dog's bowl, half-full", "a sign (\"stop\") and a car!",
                           "is it 10:30 or 1,000?", "\"go\" he said; \"now\"", "\"go\", (a \"b\")",
                           "and/or at 5% of $3", "a dog. a cat: both"}) {
    EXPECT_EQ(join(text), text);
  }
  EXPECT_EQ(join("A  dog , asleep ."), "a dog, asleep");
  EXPECT_EQ(join_tokens({}), "");
}

TEST(Vocabulary, WritesASentenceUpToItsEnd) {
  const Vocabulary vocabulary = Vocabulary::build(kCounts, 1);
  EXPECT_EQ(vocabulary.sentence(Ids{2, 5, 3, 2, 4, 0, 7}), "a dog, a cat");
}

TEST(Vocabulary, OfTheCocoSubsetHoldsTheWordsSeenFiveTimes) {
  const auto path = test_data("captions/coco_val2014_subset.json");
  LRCN_SKIP_WITHOUT(path);
  WordCounts counts;
  for (const auto& item : read_coco({.captions = path, .image_folder = {}, .split = "val"}).items) {
    for (const std::string& caption : item.captions) {
      count_words(counts, tokenize_caption(caption));
    }
  }
  const Vocabulary vocabulary = Vocabulary::build(counts, 5);
  EXPECT_EQ(vocabulary.size(), 1380 + 2);
  const Ids first = vocabulary.encode(Tokens{"a", "on", "of", "the", "in", "with", "and", "is"});
  EXPECT_EQ(first, (Ids{2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(vocabulary.word(1381), "without");
}

}  // namespace
}  // namespace lrcn::test
