// A whole process: `lrcn caption` on one picture with the demo's kind of model.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "core/error.h"
#include "core/io/file.h"
#include "layers/graph/program.h"
#include "tools/bench/benchmark.h"
#include "tools/data/png_encode.h"
#include "tools/data/shapes.h"
#include "tools/train/model_folder.h"
#include "tools/train/weights.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

// A model with random weights and a picture in a folder that goes with it.
class StartupFolder {
 public:
  explicit StartupFolder(Context& context)
      : folder_(fs::temp_directory_path() / concat("lrcn-startup-", getpid())) {
    fs::create_directories(folder_);
    CaptionerFolder captioner{CaptionerConfig(), exact_preprocessing(64, 64), SearchOptions(),
                              vocabulary()};
    EncoderConfig& encoder = captioner.config.encoder;
    encoder.architecture = "vgg_mini";
    encoder.image_size = 64;
    encoder.mini = {.width = 16, .hidden = 256, .features = 256};
    captioner.config.vocabulary = captioner.vocabulary.size();
    captioner.config.embedding = 128;
    captioner.config.hidden = 256;
    write_captioner_folder(folder_, captioner);
    ParamStore params(context.device(), 1);
    const CaptionerTraining training = build_training(captioner.config, 1, 1);
    CompileOptions options;
    options.outputs = {training.loss};
    Program::compile(context, training.graph, params, options);
    save_weights(params, folder_ / "model.safetensors");
    write_file_atomically(picture(), encode_png(render(draw_scene(1, 1), 1, 1)));
  }
  ~StartupFolder() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  StartupFolder(const StartupFolder&) = delete;
  StartupFolder& operator=(const StartupFolder&) = delete;

  const fs::path& model() const { return folder_; }
  fs::path picture() const { return folder_ / "picture.png"; }

 private:
  static Vocabulary vocabulary() {
    WordCounts counts;
    for (std::uint64_t scene = 0; scene < 100; ++scene) {
      for (const std::string& caption : captions_of(draw_scene(1, scene))) {
        std::vector<std::string> words;
        std::istringstream text(caption);
        for (std::string word; text >> word;) {
          words.push_back(word);
        }
        count_words(counts, words);
      }
    }
    return Vocabulary::build(counts, 1);
  }

  fs::path folder_;
};

void run_process(std::vector<std::string> arguments) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) {
    pointers.push_back(argument.data());
  }
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", 1 /* O_WRONLY */, 0);
  pid_t child = 0;
  const int error = posix_spawn(&child, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  check<IoError>(error == 0, "startup: ", arguments[0], ": ", std::strerror(error));
  int status = 0;
  waitpid(child, &status, 0);
  check<IoError>(WIFEXITED(status) && WEXITSTATUS(status) == 0,
                 "startup: lrcn caption failed with status ", status);
}

}  // namespace

std::vector<BenchCase> startup_cases(const BenchRequest&) {
  return {{"startup", "process", [](Context& context) {
             auto folder = std::make_shared<StartupFolder>(context);
             const std::string self = fs::read_symlink("/proc/self/exe").string();
             PreparedCase prepared;
             prepared.run = [folder, self] {
               run_process({self, "caption", "--model", folder->model().string(),
                            folder->picture().string()});
             };
             prepared.items = 1;
             prepared.unit = "processes";
             return prepared;
           }}};
}

}  // namespace lrcn
