#include "tools/cli/data_verify.h"

#include <algorithm>
#include <thread>

#include "core/error.h"
#include "tools/cli/data_output.h"
#include "tools/cli/data_table.h"
#include "tools/cli/data_verify_summary.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/options.h"
#include "tools/cli/usage_error.h"
#include "tools/data/picture_store.h"
#include "tools/data/verify_manifest.h"

namespace lrcn {
namespace {

struct VerifyArguments {
  std::string path;
  std::filesystem::path images;
  std::filesystem::path manifest;
  std::filesystem::path against;
  std::int64_t threads = 0;
  std::string on_bad = "abort";
  bool json = false;
};

bool parse(std::span<const std::string> arguments, VerifyArguments& values) {
  Options options(
      "data verify PATH [flags]",
      "Decodes every picture, reads every caption, sums up and writes a manifest with name, bytes, "
      "SHA-256, width and height of each picture. PATH is a file of captions (MS COCO or "
      "Karpathy) with --images, a folder with captions_*.json as `lrcn data shapes` writes it, or "
      "a folder of pictures. Exits with 65 when something is bad.");
  options.positional("PATH", values.path, "File of captions, or folder");
  options.value("--images", values.images, "Folder of the pictures of a file of captions");
  options.value("--manifest", values.manifest,
                "Where the manifest goes (default: PATH/manifest.json, or beside the file)");
  options.value("--against", values.against,
                "Compare with this manifest; exits with 65 when anything differs");
  options.value("--on-bad", values.on_bad,
                "abort: what is bad fails, and there is no manifest; skip: bad pictures are listed "
                "and left out of it");
  options.value("--threads", values.threads, "Threads that decode; 0: one for each processor");
  options.flag("--json", values.json, "Print the summary as a JSON object");
  return options.parse(arguments);
}

int threads_of(const VerifyArguments& values) {
  check_range("--threads", values.threads, 0, kMostThreads);
  return values.threads > 0 ? int(values.threads)
                            : std::max(1, int(std::thread::hardware_concurrency()));
}

void compare(const VerifyArguments& values, const std::vector<PictureFacts>& manifest,
             const PictureFindings& found, Terminal& terminal) {
  const std::vector<std::string> differences = compare_with_manifest(manifest, found);
  for (const std::string& difference : differences) {
    terminal.line(difference);
  }
  check<DataError>(differences.empty(), "verify: ", differences.size(), " differences from ",
                   values.against.string(),
                   ", the first: ", differences.empty() ? "" : differences.front());
}

}  // namespace

int run_data_verify(std::span<const std::string> arguments, Terminal& terminal) {
  VerifyArguments values;
  if (!parse(arguments, values)) {
    return kSuccess;
  }
  const BadPolicy on_bad = parse_bad_policy(values.on_bad);
  const int threads = threads_of(values);
  std::vector<PictureFacts> expected;
  if (!values.against.empty()) {
    expected = read_manifest(values.against);
  }
  const VerifySource source = open_verify_source(values.path, values.images);
  const std::string all = grouped(std::int64_t(source.pictures.size()));
  PictureFindings found = verify_pictures(source.pictures, threads, [&](std::size_t done) {
    if (terminal.interactive()) {
      terminal.status(concat("verified ", grouped(std::int64_t(done)), " of ", all, " pictures"));
    }
  });
  terminal.finish();

  const VerifySummary summary = summarise(source, std::move(found));
  print_data(values.json ? json_of(summary) : text_of(summary));
  const std::vector<std::string> bad = summary.bad();
  check<DataError>(bad.empty() || on_bad == BadPolicy::skip, "verify: ", bad.size(),
                   " pictures or captions are bad, the first: ", bad.empty() ? "" : bad.front());
  if (!values.against.empty()) {
    compare(values, expected, summary.pictures, terminal);
  }
  if (values.against.empty() || !values.manifest.empty()) {
    const auto& path = values.manifest.empty() ? source.manifest : values.manifest;
    write_manifest(path, summary.pictures.good);
    terminal.line("manifest: " + path.string());
  }
  return kSuccess;
}

}  // namespace lrcn
