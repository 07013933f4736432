import Voxtile
import VoxtileFormats

/// The first example of the module.
func predictWhole(
  scan: Volume<Float>, predict: (Volume<Float>) throws -> Volume<Float>
) throws -> Volume<Float> {
  let grid = try PatchGrid(over: scan.extent, patch: Extent(96), overlap: .fraction(0.5))
  let merger = try PatchMerger<Float>(grid: grid, blend: .gaussian)
  for patch in grid {
    try merger.add(predict(scan[patch]), at: patch)
  }
  let probabilities = try merger.finish()
  return probabilities
}
