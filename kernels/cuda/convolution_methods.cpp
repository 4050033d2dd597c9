#include "kernels/cuda/convolution_methods.h"

#include <algorithm>
#include <ostream>

namespace lrcn::cuda {
namespace {

// Blocks that keep a large GPU busy. A constant: results must not depend on which GPU it is.
constexpr std::int64_t kBlocks = 264;
constexpr std::int64_t kSumsWorthASplit = 256;
constexpr std::int64_t kPartsBytes = std::int64_t(64) << 20;
constexpr std::int64_t kMostPixels = (std::int64_t(1) << 31) - 1024;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

struct TileSize {
  std::int64_t rows;
  std::int64_t columns;
};

TileSize size_of(ConvolutionTile tile) {
  switch (tile) {
    case ConvolutionTile::wide:
      return {128, 128};
    case ConvolutionTile::narrow:
      return {128, 64};
    case ConvolutionTile::flat:
      return {64, 128};
    case ConvolutionTile::small:
      break;
  }
  return {64, 32};
}

std::int64_t tiles_of(std::int64_t rows, std::int64_t columns, ConvolutionTile tile) {
  const TileSize size = size_of(tile);
  return ceil_div(rows, size.rows) * ceil_div(columns, size.columns);
}

// The largest tile that leaves no more than half of it empty and enough of them.
ConvolutionTile choose_tile(std::int64_t rows, std::int64_t columns, std::int64_t groups) {
  for (const ConvolutionTile tile : {ConvolutionTile::wide, ConvolutionTile::narrow}) {
    if (columns > size_of(tile).columns / 2 &&
        groups * tiles_of(rows, columns, tile) >= kBlocks / 2) {
      return tile;
    }
  }
  return ConvolutionTile::small;
}

ConvolutionMethod choose_dw(const ConvolutionGeometry& g, ConvolutionEngine engine) {
  const std::int64_t rows = g.group_outputs;
  const std::int64_t columns = g.forward_taps();
  ConvolutionMethod method{engine};
  if (rows > 32 && columns > 64) {
    method.tile = rows > 64 ? ConvolutionTile::wide : ConvolutionTile::flat;
  }
  const std::int64_t tiles = g.groups * tiles_of(rows, columns, method.tile);
  const std::int64_t most =
      std::min({ceil_div(g.y_pixels(), kSumsWorthASplit),
                std::max<std::int64_t>(1, kPartsBytes / std::int64_t(g.weights() * sizeof(float))),
                std::max<std::int64_t>(1, 65535 / g.groups)});
  method.splits = std::int32_t(std::clamp<std::int64_t>(ceil_div(kBlocks, tiles), 1, most));
  return method;
}

ConvolutionEngine choose_engine(const ConvolutionProblem& problem, const ConvolutionGeometry& g) {
  // Groups of a few channels would fill a corner of a tile.
  constexpr std::int64_t kFew = 16;
  if (g.groups > 1 && std::int64_t(g.group_channels) * g.group_outputs <= kFew) {
    return ConvolutionEngine::direct;
  }
  switch (problem.precision) {
    case Precision::tf32:
      return ConvolutionEngine::tf32;
    case Precision::bf16:
      return ConvolutionEngine::bf16;
    case Precision::f32:
      break;
  }
  return ConvolutionEngine::simt;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const ConvolutionMethod& method) {
  constexpr const char* kNames[] = {"direct", "simt", "tf32", "bf16", "cudnn"};
  out << kNames[int(method.engine)];
  if (method.engine != ConvolutionEngine::direct && method.engine != ConvolutionEngine::cudnn) {
    const TileSize size = size_of(method.tile);
    out << ' ' << size.rows << 'x' << size.columns;
  }
  if (method.splits > 1) {
    out << " split " << method.splits;
  }
  return out;
}

bool tiles_apply(const ConvolutionGeometry& g) {
  return std::max(g.x_pixels(), g.y_pixels()) <= kMostPixels;
}

ConvolutionMethods choose_methods(const ConvolutionProblem& problem, const ConvolutionGeometry& g) {
  const bool by_definition = problem.algorithm == ConvolutionAlgorithm::direct ||
                             problem.algorithm == ConvolutionAlgorithm::plain;
  if (by_definition || !tiles_apply(g)) {
    return {};
  }
  const ConvolutionEngine engine = choose_engine(problem, g);
  if (engine == ConvolutionEngine::direct) {
    return {};
  }
  return {.forward = {engine, choose_tile(g.y_pixels(), g.group_outputs, g.groups)},
          .dx = {engine, choose_tile(g.x_pixels(), g.group_channels, g.groups)},
          .dw = choose_dw(g, engine)};
}

}  // namespace lrcn::cuda
