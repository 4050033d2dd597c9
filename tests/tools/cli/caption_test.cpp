// What `lrcn caption` prints, in its forms, and how it searches.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "core/io/file.h"
#include "core/io/json.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/tools/cli/run_lrcn.h"
#include "tests/tools/cli/small_model.h"

namespace lrcn::test {
namespace {

namespace fs = std::filesystem;

// A model and five pictures.
class Caption : public testing::Test {
 protected:
  void SetUp() override {
    write_small_model(folder_ / "model");
    fs::create_directory(folder_ / "pictures");
    for (int i = 0; i < 5; ++i) {
      write_small_picture(picture(i), std::uint64_t(i));
    }
  }

  fs::path picture(int i) const {
    return folder_ / "pictures" / ("p" + std::to_string(i) + ".png");
  }

  // The program is run on the model with these arguments behind it.
  RunResult caption(std::vector<std::string> arguments, const RunOptions& options = {}) const {
    arguments.insert(arguments.begin(), {"caption", "--model", (folder_ / "model").string()});
    return run_lrcn(arguments, options);
  }

  TemporaryFolder folder_;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end == std::string::npos ? text.size() : end + 1;
  }
  return lines;
}

std::vector<std::string> files_of(const std::string& text) {
  std::vector<std::string> files;
  for (const std::string& line : lines_of(text)) {
    files.push_back(line.substr(0, line.find('\t')));
  }
  return files;
}

TEST_F(Caption, PrintsALineForAPicture) {
  const RunResult result = caption({picture(0)});
  EXPECT_EQ(result.code, 0) << result.err;
  const std::vector<std::string> lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines[0].starts_with(picture(0).string() + '\t')) << lines[0];
  EXPECT_TRUE(result.out.ends_with('\n'));
  EXPECT_EQ(result.err, "");
}

TEST_F(Caption, PrintsJson) {
  const RunResult result = caption({"--json", picture(1), picture(0)});
  ASSERT_EQ(result.code, 0) << result.err;
  const Json json = Json::parse(result.out);
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[0].at("file").as_string(), picture(1).string());
  EXPECT_EQ(json[1].at("file").as_string(), picture(0).string());
  for (const Json each : json.elements()) {
    EXPECT_EQ(each.size(), 2u);
    ASSERT_EQ(each.at("captions").size(), 1u);
    const Json best = each.at("captions")[0];
    EXPECT_EQ(best.size(), 2u);
    EXPECT_TRUE(best.at("text").is_string());
    EXPECT_LT(best.at("logprob").as_double(), 0.0);
  }
}

TEST_F(Caption, SaysTheSameAsLinesAndAsJson) {
  const RunResult lines = caption({picture(2)});
  const RunResult json = caption({"--json", picture(2)});
  EXPECT_EQ(lines.out, picture(2).string() + '\t' +
                           Json::parse(json.out)[0].at("captions")[0].at("text").as_string() +
                           '\n');
}

TEST_F(Caption, KeepsTheOrderOfTheArguments) {
  const RunResult result =
      caption({"--threads", "4", "--batch", "2", picture(3), picture(0), picture(4), picture(0)});
  EXPECT_EQ(files_of(result.out),
            (std::vector<std::string>{picture(3), picture(0), picture(4), picture(0)}));
}

TEST_F(Caption, CaptionsAFolderInTheOrderOfNames) {
  const RunResult result = caption({"--threads", "3", folder_ / "pictures"});
  EXPECT_EQ(files_of(result.out),
            (std::vector<std::string>{picture(0), picture(1), picture(2), picture(3), picture(4)}));
}

TEST_F(Caption, ReadsListsFromAFileAndFromStandardInput) {
  const std::string list = picture(2).string() + "\r\n\n" + picture(1).string();
  write_file_atomically(folder_ / "list.txt", list);
  const RunResult file = caption({"@" + (folder_ / "list.txt").string(), picture(4)});
  EXPECT_EQ(files_of(file.out), (std::vector<std::string>{picture(2), picture(1), picture(4)}));
  RunOptions options;
  options.input = list;
  const RunResult input = caption({"-", picture(4)}, options);
  EXPECT_EQ(input.out, file.out);
}

TEST_F(Caption, PrintsNothingForAnEmptyList) {
  EXPECT_EQ(caption({"-"}).out, "");
  const RunResult json = caption({"--json", "-"});
  EXPECT_EQ(json.out, "[]\n");
  EXPECT_EQ(json.code, 0);
}

TEST_F(Caption, DoesNotDependOnBatchesAndThreads) {
  const RunResult one = caption({"--batch", "1", "--threads", "1", folder_ / "pictures"});
  EXPECT_EQ(one.code, 0) << one.err;
  for (const char* batch : {"2", "3", "5", "64"}) {
    EXPECT_EQ(caption({"--batch", batch, "--threads", "4", folder_ / "pictures"}).out, one.out)
        << batch;
  }
}

TEST_F(Caption, TellsPicturesApart) {
  std::set<double> scores;
  const RunResult result = caption({"--json", folder_ / "pictures"});
  for (const Json each : Json::parse(result.out).elements()) {
    scores.insert(each.at("captions")[0].at("logprob").as_double());
  }
  EXPECT_GT(scores.size(), 1u) << result.out;
}

TEST_F(Caption, ABeamOfOneIsGreedy) {
  const RunResult greedy = caption({"--json", folder_ / "pictures"});
  EXPECT_EQ(caption({"--json", "--beam", "1", folder_ / "pictures"}).out, greedy.out);
}

TEST_F(Caption, AWiderBeamFindsNothingWorse) {
  const RunResult greedy = caption({"--json", picture(0)});
  const RunResult beam = caption({"--json", "--beam", "4", "--all", picture(0)});
  ASSERT_EQ(beam.code, 0) << beam.err;
  const Json captions = Json::parse(beam.out)[0].at("captions");
  ASSERT_EQ(captions.size(), 4u);
  for (std::size_t i = 1; i < captions.size(); ++i) {
    EXPECT_GE(captions[i - 1].at("logprob").as_double(), captions[i].at("logprob").as_double());
  }
  EXPECT_GE(captions[0].at("logprob").as_double(),
            Json::parse(greedy.out)[0].at("captions")[0].at("logprob").as_double() - 1e-5);
}

TEST_F(Caption, PrintsAllBeamsAsLinesWithTheirScores) {
  const RunResult result = caption({"--beam", "3", "--all", picture(0), picture(1)});
  const std::vector<std::string> lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 6u) << result.out;
  for (const std::string& line : lines) {
    EXPECT_EQ(std::count(line.begin(), line.end(), '\t'), 2) << line;
  }
  EXPECT_TRUE(lines[2].starts_with(picture(0).string() + "\t-")) << lines[2];
  EXPECT_TRUE(lines[3].starts_with(picture(1).string() + "\t-")) << lines[3];
}

TEST_F(Caption, SamplesDependOnTheSeedAndTheModelAlone) {
  const std::vector<std::string> sampling = {"--json", "--samples",     "3",
                                             "--all",  "--temperature", "2"};
  const auto sample = [&](std::vector<std::string> more) {
    more.insert(more.begin(), sampling.begin(), sampling.end());
    more.push_back(folder_ / "pictures");
    const RunResult result = caption(more);
    EXPECT_EQ(result.code, 0) << result.err;
    std::vector<std::string> texts;
    for (const Json each : Json::parse(result.out).elements()) {
      EXPECT_EQ(each.at("captions").size(), 3u);
      for (const Json drawn : each.at("captions").elements()) {
        texts.push_back(drawn.at("text").as_string());
      }
    }
    return texts;
  };
  const auto first = sample({"--seed", "7"});
  EXPECT_EQ(sample({"--seed", "7"}), first);
  EXPECT_EQ(sample({"--seed", "7", "--batch", "2"}), first);
  EXPECT_NE(sample({"--seed", "8"}), first);
}

TEST_F(Caption, SaysNoMoreWordsThanAllowed) {
  const RunResult result = caption({"--max-words", "2", folder_ / "pictures"});
  for (const std::string& line : lines_of(result.out)) {
    const std::string text = line.substr(line.find('\t') + 1);
    EXPECT_LE(std::count(text.begin(), text.end(), ' '), 1) << line;
  }
}

TEST_F(Caption, WritesAFileInPlaceOfStandardOutput) {
  const RunResult printed = caption({"--json", folder_ / "pictures"});
  const fs::path file = folder_ / "captions.json";
  write_file_atomically(file, "old");
  const RunResult written = caption({"--json", "--output", file, folder_ / "pictures"});
  EXPECT_EQ(written.code, 0) << written.err;
  EXPECT_EQ(written.out, "");
  EXPECT_EQ(read_file(file), printed.out);
}

TEST_F(Caption, WritesResultsThatEvalTakes) {
  const fs::path data = folder_ / "shapes";
  ASSERT_EQ(run_lrcn({"data", "shapes", data, "--train", "1", "--val", "0", "--test", "4"}).code,
            0);
  const fs::path references = data / "captions_test.json";
  const fs::path results = folder_ / "results.json";
  const RunResult captioned =
      caption({"--coco", references, "--images", data, "--results", results});
  ASSERT_EQ(captioned.code, 0) << captioned.err;
  EXPECT_EQ(lines_of(captioned.out).size(), 4u);
  const Json json = Json::parse(read_file(results));
  ASSERT_EQ(json.size(), 4u);
  EXPECT_EQ(json[3].at("image_id").as_int(), 3);
  EXPECT_TRUE(json[3].at("caption").is_string());
  const RunResult scored =
      run_lrcn({"eval", "captions", "--references", references, "--results", results, "--json"});
  EXPECT_EQ(scored.code, 0) << scored.err;
}

TEST_F(Caption, AddsTheImageIdToJsonOfAFileOfCaptions) {
  write_file_atomically(folder_ / "refs.json", R"({"images": [{"id": 42, "file_name": "p1.png"}],
                                                   "annotations": []})");
  const RunResult result =
      caption({"--json", "--coco", folder_ / "refs.json", "--images", folder_ / "pictures"});
  ASSERT_EQ(result.code, 0) << result.err;
  const Json first = Json::parse(result.out)[0];
  EXPECT_EQ(first.at("image_id").as_int(), 42);
  EXPECT_EQ(first.at("file").as_string(), picture(1).string());
}

TEST_F(Caption, CaptionsOneSplitOfAKarpathyFile) {
  write_file_atomically(folder_ / "karpathy.json", R"({"images": [
      {"imgid": 0, "filename": "p0.png", "split": "train", "sentences": [{"raw": "a"}]},
      {"imgid": 1, "filename": "p1.png", "split": "test", "sentences": [{"raw": "a"}]}]})");
  const auto of_split = [&](const std::string& split) {
    return caption(
        {"--coco", folder_ / "karpathy.json", "--images", folder_ / "pictures", "--split", split});
  };
  EXPECT_EQ(files_of(of_split("test").out), std::vector<std::string>{picture(1)});
  EXPECT_EQ(of_split("val").code, 65);
}

TEST_F(Caption, TellsOnStandardErrorWhereTheTimeWent) {
  const RunResult result = caption({"--timing", picture(0)});
  EXPECT_EQ(result.code, 0);
  EXPECT_NE(result.err.find("compiling"), std::string::npos) << result.err;
  EXPECT_EQ(lines_of(result.out).size(), 1u);
}

}  // namespace
}  // namespace lrcn::test
