// What the stand-in for the CUDA runtime remembers. Only its own sources include this.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "tests/core/cuda/runtime_stand_in/stand_in.h"

namespace lrcn::test::stand_in {

using Work = std::function<void()>;

inline constexpr int kMostSharedMemory = 227 << 10;  // that a block may have

// Work that was recorded, in an order in which it may be done.
struct Graph {
  std::vector<Work> nodes;
};

// Streams whose work is recorded. Nodes are numbered as they come.
struct Capture {
  cudaStreamCaptureMode mode;
  std::thread::id thread;
  Graph graph;
  std::vector<std::set<std::size_t>> before;  // of each node: all that it comes behind
  bool valid = true;
  bool ended = false;
};

struct Stream {
  int device = 0;
  bool alive = true;
  std::deque<Work> waiting;
  std::uint64_t done = 0;
  std::shared_ptr<Capture> capture;  // under way
  bool is_origin = false;            // of it
  std::set<std::size_t> behind;      // nodes of it that the next one comes behind
  std::uint64_t given() const { return done + waiting.size(); }
};

// Where an event was recorded.
struct Mark {
  Stream* stream = nullptr;
  std::uint64_t position = 0;  // work of the stream in front of it
  double milliseconds = 0.0;
  std::shared_ptr<Capture> capture;
  std::set<std::size_t> behind;
};

struct Event {
  int device = 0;
  bool alive = true;
  bool timing = true;
  std::shared_ptr<Mark> mark;  // of the last record
};

struct Block {
  std::size_t bytes;
  bool pinned;
  int device;
};

struct Kernel {
  std::function<Work(void**)> with_arguments;
  int most_shared = 48 << 10;  // bytes that a launch may ask for
};

struct Failure {
  cudaError_t error;
  int passing;
};

struct State {
  std::recursive_mutex mutex;
  Machine machine;
  std::map<std::string, int> calls;
  std::map<std::string, Failure> failures;
  cudaError_t lasting = cudaSuccess;  // what every call returns
  std::vector<std::string> misuses;
  double milliseconds = 0.0;  // one for each piece of work
  // By address. Streams and events that were destroyed stay, so that no address comes twice.
  std::map<std::byte*, Block> memory;
  std::map<void*, std::unique_ptr<Stream>> streams;
  std::map<void*, std::unique_ptr<Event>> events;
  std::map<void*, std::shared_ptr<Graph>> graphs;
  std::map<void*, std::shared_ptr<Graph>> executables;
  std::map<std::pair<std::thread::id, int>, std::unique_ptr<Stream>> own_streams;
  std::map<const void*, Kernel> kernels;
};

State& state();
int& current_device();  // of the calling thread

// What every function does: counts, fails as it was told, or does `body`, and keeps the error.
cudaError_t call(const char* function, const std::function<cudaError_t()>& body);
// The same for what a thread that is recording must not do.
cudaError_t unsafe_call(const char* function, const std::function<cudaError_t()>& body);

// Notes the misuse and returns the error.
cudaError_t misuse(cudaError_t error, const std::string& what);

Stream* find_stream(cudaStream_t stream);  // nullptr where there is none
// Gives work to a stream, or records it.
cudaError_t give(Stream& stream, Work work);
// Does the work of the stream until so much of it is done.
void advance(Stream& stream, std::uint64_t position);
void advance_device(int device);
// Ends the hope for a recording.
cudaError_t invalidate(Capture& capture, cudaError_t error);

// The block that holds all of the bytes; nullptr where there is none.
const Block* block_of(const void* memory, std::size_t bytes);

}  // namespace lrcn::test::stand_in
